package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** Which files a batch means. */
final class BatchFiles {
  /** Of a folder, what looks like an image; a pattern may mean any file. */
  private static final Set<String> ENDINGS =
      Set.of("tif", "tiff", "png", "jpg", "jpeg", "bmp", "gif", "pgm", "dcm", "fits");

  private BatchFiles() {}

  /** Whether a text means many files: a folder, or a pattern that is no file's name. */
  static boolean isMany(String in) {
    return isFolder(in) || hasWildcard(in) && !isFile(in);
  }

  private static boolean hasWildcard(String text) {
    return text.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
  }

  private static boolean isFolder(String text) {
    return is(text, Files::isDirectory);
  }

  private static boolean isFile(String text) {
    return is(text, Files::isRegularFile);
  }

  private static boolean is(String text, Predicate<Path> what) {
    try {
      return what.test(Path.of(text));
    } catch (InvalidPathException e) {
      return false; // as a * is in Windows
    }
  }

  /** A path that somebody wrote. */
  static Path path(String key, String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new DiffusionException(key + " is \"" + text + "\", which is no path; check it.", e);
    }
  }

  /**
   * The images, sorted by name; files whose names begin with a dot are left out.
   *
   * @param in a folder, of which files with an image's ending are taken, or a pattern: a folder and
   *     a file name with *, ?, [...] or {...}
   * @throws DiffusionException when there are none
   */
  static List<Path> images(String in) {
    int cut = Math.max(in.lastIndexOf('/'), in.lastIndexOf(java.io.File.separatorChar));
    Path folder = isFolder(in) ? Path.of(in) : folder(in, in.substring(0, cut + 1));
    Predicate<Path> wanted =
        isFolder(in) ? f -> ENDINGS.contains(ending(f)) : matcher(in, in.substring(cut + 1));
    List<Path> images =
        list(folder).stream()
            .filter(f -> Files.isRegularFile(f) && !f.getFileName().toString().startsWith("."))
            .filter(f -> wanted.test(f.getFileName()))
            .sorted()
            .toList();
    if (images.isEmpty()) {
      throw new DiffusionException(
          isFolder(in)
              ? "There is no image in folder \"" + in + "\"; give another, or a pattern."
              : "No file matches \"" + in + "\"; check folder and pattern.");
    }
    return images;
  }

  private static Path folder(String in, String text) {
    if (hasWildcard(text)) {
      throw new DiffusionException(
          "\"" + in + "\" has a wildcard in a folder's name; only file names may have some.");
    }
    Path folder = path("--in", text);
    if (!Files.isDirectory(folder)) {
      throw new DiffusionException("There is no folder \"" + text + "\"; check the path.");
    }
    return folder;
  }

  private static Predicate<Path> matcher(String in, String pattern) {
    try {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      return matcher::matches;
    } catch (PatternSyntaxException e) {
      throw new DiffusionException(
          "\"" + in + "\" is no pattern of file names; use *, ?, [a-z] or {a,b}.", e);
    }
  }

  /** The files of a folder; a new list. */
  static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(files.toList());
    } catch (IOException | UncheckedIOException e) {
      throw new DiffusionException("Folder \"" + folder + "\" cannot be read; check it.", e);
    }
  }

  /**
   * The mask or selection of an image.
   *
   * @param key for the message
   * @param given a file, which is for all images; a folder, in which each image has its own, of the
   *     same name up to the ending; or null
   */
  static Path companion(String key, Path given, Path image) {
    if (given == null || !Files.isDirectory(given)) {
      return given;
    }
    return list(given).stream()
        .filter(f -> stem(f).equals(stem(image)))
        .sorted()
        .findFirst()
        .orElseThrow(
            () ->
                new DiffusionException(
                    "In folder \""
                        + given
                        + "\" of "
                        + key
                        + " there is no file for \""
                        + image.getFileName()
                        + "\"; add one of the same name up to the ending."));
  }

  /** A file's name without its ending. */
  static String stem(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  private static String ending(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
