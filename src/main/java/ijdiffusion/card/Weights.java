package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A network itself.
 *
 * @param network the ONNX file, with its hash, or without where nobody stated it
 * @param externalData the file that holds its weights, with its hash, where they are not in the
 *     ONNX file
 */
public record Weights(CardFile network, Optional<CardFile> externalData) {
  public Weights {
    if (externalData.filter(data -> data.sha256().isEmpty()).isPresent()) {
      throw new DiffusionException(
          "Model file "
              + show(externalData.get().file())
              + " has no SHA-256; the card must state it.");
    }
  }

  /**
   * A network whose weights are in the ONNX file.
   *
   * @param file the ONNX file; may lie inside a jar
   * @param sha256 SHA-256 of its bytes, 64 lower-case hexadecimal digits
   */
  public Weights(Path file, String sha256) {
    this(
        new CardFile(file.toAbsolutePath().getParent(), file, Optional.of(sha256)),
        Optional.empty());
  }

  /** A network that nobody stated the SHA-256 of, so that it is not checked when it is loaded. */
  public static Weights unstated(Path file) {
    return new Weights(
        new CardFile(file.toAbsolutePath().getParent(), file, Optional.empty()), Optional.empty());
  }

  /** The ONNX file; may lie inside a jar. */
  public Path file() {
    return network.file();
  }

  /**
   * SHA-256 of the ONNX file, 64 lower-case hexadecimal digits. Where it was not stated the file is
   * read when this is asked for the first time, and again only after it has changed.
   */
  public String sha256() {
    return network.sha256().orElseGet(() -> FileHash.of(file()));
  }

  static boolean isSha256(String text) {
    return CardFile.isSha256(text);
  }

  /**
   * Reads the ONNX file and checks that it is the one the card describes.
   *
   * @return its bytes in a direct buffer, position 0
   */
  public ByteBuffer load() {
    return network.load();
  }

  /** Checks that the files are there and are the ones the card describes. */
  public void verify() {
    network.verify();
    externalData.ifPresent(CardFile::verify);
  }

  /** A path as a user knows it; inside a jar with the jar's name. */
  static String show(Path path) {
    return CardFile.show(path);
  }
}
