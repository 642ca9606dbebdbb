package ijdiffusion.card;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** An ONNX file with its card beside it: the card and the files that it names are copied. */
final class SidecarSource implements ModelSource {
  @Override
  public boolean accepts(Path source) {
    return Sidecar.isOnnx(source) && Sidecar.find(source).isPresent();
  }

  @Override
  public String name(Path source) {
    return Sidecar.name(source);
  }

  @Override
  public void unpack(Path source, Path into) throws IOException {
    Path card = Sidecar.find(source).orElseThrow();
    InstallLimits limits = InstallLimits.plain();
    Set<Path> copied = new LinkedHashSet<>();
    for (CardFile file : ModelCardReader.read(card).files()) {
      if (!copied.add(file.file())) {
        continue;
      }
      file.verify(); // also that it is no link to elsewhere
      limits.copy(file, into);
    }
    Files.copy(card, into.resolve(ModelCardReader.FILE_NAMES.get(0)));
  }
}
