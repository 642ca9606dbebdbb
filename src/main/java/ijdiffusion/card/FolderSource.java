package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** A model's folder; its files are copied, hidden ones left out. */
final class FolderSource implements ModelSource {
  @Override
  public boolean accepts(Path source) {
    return Files.isDirectory(source);
  }

  @Override
  public String name(Path source) {
    Path name = source.toAbsolutePath().normalize().getFileName();
    return name == null ? "" : name.toString();
  }

  @Override
  public void unpack(Path source, Path into) throws IOException {
    Path from = source.toRealPath();
    if (into.toRealPath().startsWith(from)) {
      throw new DiffusionException("the folder of the models lies inside it");
    }
    InstallLimits limits = InstallLimits.plain();
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (folder.equals(from)) {
              return FileVisitResult.CONTINUE;
            }
            if (InstallLimits.isIgnored(name(folder))) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectory(into.resolve(limits.entry(name(folder))));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (InstallLimits.isIgnored(name(file))) {
              return FileVisitResult.CONTINUE;
            }
            if (!attributes.isRegularFile()) {
              throw new DiffusionException(
                  "its entry \""
                      + name(file)
                      + "\" is "
                      + (attributes.isSymbolicLink() ? "a link" : "no file")
                      + ", which a model must not hold");
            }
            limits.add(attributes.size());
            Files.copy(file, into.resolve(limits.entry(name(file))));
            return FileVisitResult.CONTINUE;
          }

          private String name(Path path) {
            return from.relativize(path)
                .toString()
                .replace(path.getFileSystem().getSeparator(), "/");
          }
        });
  }
}
