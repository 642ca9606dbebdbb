package ijdiffusion.card;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** The fields {@code source} and {@code sha256} of a file, wherever a card has them. */
final class WeightsParser {
  private static final String LEGAL = "the name of a file in the folder of the card";

  private final Path folder;

  WeightsParser(Path card) {
    this.folder = card.toAbsolutePath().normalize().getParent();
  }

  Weights parse(Fields fields) {
    return new Weights(file(fields, true), Optional.empty());
  }

  /** A network that may keep its weights in another file. */
  Weights parseWithExternalData(Fields fields) {
    CardFile network = file(fields, true);
    if (!fields.has("external_data")) {
      return new Weights(network, Optional.empty());
    }
    Fields external = fields.child("external_data");
    CardFile data = file(external, true);
    if (data.file().equals(network.file())) {
      throw external.refused("source", "another file than weights.onnx.source");
    }
    return new Weights(network, Optional.of(data));
  }

  /**
   * A file with its hash.
   *
   * @param hashed whether the hash is required
   */
  CardFile file(Fields fields, boolean hashed) {
    Path source = path(fields, "source");
    if (!hashed && !fields.has("sha256")) {
      return new CardFile(folder, source, Optional.empty());
    }
    String sha256 = fields.text("sha256").toLowerCase(Locale.ROOT);
    if (!CardFile.isSha256(sha256)) {
      throw fields.refused("sha256", "64 hexadecimal digits");
    }
    return new CardFile(folder, source, Optional.of(sha256));
  }

  /** A file without a hash, as BioImage.IO 0.4 lists its test tensors. */
  CardFile plainFile(Fields fields, String key, String source) {
    return new CardFile(folder, path(fields, key, source), Optional.empty());
  }

  private Path path(Fields fields, String key) {
    return path(fields, key, fields.text(key));
  }

  /** Only files in the card's own folder: a card must not make us read others. */
  private Path path(Fields fields, String key, String source) {
    return CardFile.inside(folder, source).orElseThrow(() -> fields.refused(key, LEGAL));
  }
}
