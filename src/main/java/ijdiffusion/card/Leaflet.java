package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What comes with a model to look at: its picture and the file to read, the first of {@code covers}
 * that can be shown and {@code documentation} of a card. Neither is needed to run the model, so
 * what is missing, too large or not in the model's folder is left out without complaint.
 *
 * @param picture bytes of a PNG or JPEG file, at most {@value #MAX_BYTES}
 * @param readme the file to read; may lie inside a jar
 */
public record Leaflet(Optional<byte[]> picture, Optional<Path> readme) {
  /** Most bytes of a picture. */
  public static final int MAX_BYTES = 5_000_000;

  /** Of a model; empty for one without a card file of its own, as of diffusers. */
  public static Leaflet of(ModelCard card) {
    String name = card.file().getFileName().toString();
    if (!name.endsWith(".yaml")) {
      return new Leaflet(Optional.empty(), Optional.empty());
    }
    Fields rdf;
    try {
      rdf = Fields.of(CardYaml.load(card.file()));
    } catch (DiffusionException | IOException e) {
      return new Leaflet(Optional.empty(), Optional.empty());
    }
    WeightsParser files = new WeightsParser(card.file());
    Optional<byte[]> picture =
        texts(rdf, "covers").stream()
            .filter(Leaflet::isPicture)
            .flatMap(cover -> inFolder(files, rdf, "covers", cover).stream())
            .flatMap(file -> bytes(file).stream())
            .findFirst();
    Optional<Path> readme =
        texts(rdf, "documentation").stream()
            .flatMap(text -> inFolder(files, rdf, "documentation", text).stream())
            .findFirst();
    return new Leaflet(picture, readme);
  }

  private static boolean isPicture(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".png") || lower.endsWith(".jpg") || lower.endsWith(".jpeg");
  }

  /** A list of texts, or a single one. */
  private static List<String> texts(Fields rdf, String key) {
    try {
      if (!rdf.has(key)) {
        return List.of();
      }
      return rdf.isList(key) ? rdf.texts(key) : List.of(rdf.text(key));
    } catch (DiffusionException e) {
      return List.of();
    }
  }

  /** A file in the model's folder, also when links are followed. */
  private static Optional<Path> inFolder(
      WeightsParser files, Fields rdf, String key, String source) {
    try {
      CardFile file = files.plainFile(rdf, key, source);
      boolean inside =
          Files.isRegularFile(file.file())
              && file.file().toRealPath().startsWith(file.folder().toRealPath());
      return inside ? Optional.of(file.file()) : Optional.empty();
    } catch (DiffusionException | IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<byte[]> bytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      return bytes.length > MAX_BYTES ? Optional.empty() : Optional.of(bytes);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
