package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A network itself.
 *
 * @param file the ONNX file; may lie inside a jar
 * @param sha256 SHA-256 of its bytes, 64 lower-case hexadecimal digits; empty where nobody stated
 *     it, see {@link #unstated}
 */
public record Weights(Path file, String sha256) {
  private static final int CHUNK = 1 << 16;

  public Weights {
    if (!sha256.isEmpty() && !isSha256(sha256)) {
      throw new DiffusionException(
          "SHA-256 of "
              + show(file)
              + " is \""
              + sha256
              + "\", but must be 64 lower-case hexadecimal digits.");
    }
  }

  /** A network that nobody stated the SHA-256 of, so that it is not checked when it is loaded. */
  public static Weights unstated(Path file) {
    return new Weights(file, "");
  }

  /**
   * SHA-256 of the file. Where it was not stated the file is read when this is asked for the first
   * time, and again only after it has changed.
   */
  @Override
  public String sha256() {
    return sha256.isEmpty() ? FileHash.of(file) : sha256;
  }

  static boolean isSha256(String text) {
    return text.matches("[0-9a-f]{64}");
  }

  /**
   * Reads the file and checks that it is the one the card describes.
   *
   * @return its bytes in a direct buffer, position 0
   */
  public ByteBuffer load() {
    MessageDigest digest = FileHash.sha256();
    ByteBuffer buffer;
    try {
      buffer = read(digest);
    } catch (NoSuchFileException e) {
      throw new DiffusionException(
          "Model file " + show(file) + " does not exist; put it there or correct the model card.",
          e);
    } catch (IOException e) {
      throw new DiffusionException(
          "Model file " + show(file) + " cannot be read: " + e.getMessage() + ".", e);
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!sha256.isEmpty() && !found.equals(sha256)) {
      throw new DiffusionException(
          "Model file "
              + show(file)
              + " is not the one its card describes: SHA-256 should be "
              + sha256
              + " but is "
              + found
              + "; download the model again.");
    }
    return buffer;
  }

  private ByteBuffer read(MessageDigest digest) throws IOException {
    long size = Files.size(file);
    if (size == 0) {
      throw new DiffusionException(
          "Model file " + show(file) + " is empty; download the model again.");
    }
    if (size > Integer.MAX_VALUE) {
      throw new DiffusionException(
          "Model file " + show(file) + " is larger than 2 GB, which is not supported.");
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) size);
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        if (n > buffer.remaining()) {
          throw new IOException("it grew while it was read");
        }
        digest.update(chunk, 0, n);
        buffer.put(chunk, 0, n);
      }
    }
    return buffer.flip();
  }

  /** A path as a user knows it; inside a jar with the jar's name. */
  static String show(Path path) {
    return path.getFileSystem().equals(FileSystems.getDefault())
        ? path.toString()
        : path.toUri().toString();
  }
}
