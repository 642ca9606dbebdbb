package ijdiffusion.card;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/** The fields {@code source} and {@code sha256} of an ONNX file, wherever a card has them. */
final class WeightsParser {
  private static final String LEGAL = "the name of a file in the folder of the card";

  private final Path card;

  WeightsParser(Path card) {
    this.card = card;
  }

  Weights parse(Fields fields) {
    Path source = source(fields);
    String sha256 = fields.text("sha256").toLowerCase(Locale.ROOT);
    if (!Weights.isSha256(sha256)) {
      throw fields.refused("sha256", "64 hexadecimal digits");
    }
    return new Weights(source, sha256);
  }

  /** Only files in the card's own folder: a card must not make us read others. */
  private Path source(Fields fields) {
    String source = fields.text("source");
    try {
      Path folder = card.toAbsolutePath().normalize().getParent();
      Path weights = folder.resolve(source).normalize();
      boolean inside = weights.startsWith(folder) && !weights.equals(folder);
      if (inside && !source.contains("://") && !source.contains("\\")) {
        return weights;
      }
    } catch (InvalidPathException e) {
      throw fields.refused("source", LEGAL);
    }
    throw fields.refused("source", LEGAL);
  }
}
