package ijdiffusion.card;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Cards of the test models, whole or spoilt. */
public final class CardFolder {
  /** Folders of the exact test models. */
  public static final Path MODELS = Path.of("src/test/resources/models");

  /** Network files to be refused. */
  public static final Path BROKEN = Path.of("src/test/resources/broken");

  /** Cards that no small change makes. */
  public static final Path CARDS = Path.of("src/test/resources/cards");

  private CardFolder() {}

  /** The card of a test model as text. */
  public static String text(String model) throws IOException {
    return Files.readString(MODELS.resolve(model).resolve("rdf.yaml"));
  }

  /** Replaces one place of a text; fails when it is not there exactly once. */
  public static String replaceOnce(String text, String from, String to) {
    int at = text.indexOf(from);
    if (at < 0 || text.indexOf(from, at + 1) >= 0) {
      throw new IllegalArgumentException("not exactly once in the card: " + from);
    }
    return text.substring(0, at) + to + text.substring(at + from.length());
  }

  /** Writes a card into a folder of its own. */
  public static Path write(Path parent, String name, String card) throws IOException {
    Path folder = Files.createDirectories(parent.resolve(name));
    return Files.writeString(folder.resolve("rdf.yaml"), card);
  }

  /** A model folder with any network file, the card's hash being right for it. */
  public static Path modelWith(Path parent, String card, Path network) throws IOException {
    byte[] bytes = Files.readAllBytes(network);
    Files.write(parent.resolve("model.onnx"), bytes);
    String hash = card.replaceFirst("sha256: [0-9a-f]{64}", "sha256: " + sha256(bytes));
    Files.writeString(parent.resolve("rdf.yaml"), hash);
    return parent;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
