package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A file that a card names. It is read where it really lies, which must be in the model's folder: a
 * link must not make us read others.
 *
 * @param folder the model's folder
 * @param file the file, in the folder or below it; may lie inside a jar
 * @param sha256 SHA-256 of its bytes, 64 lower-case hexadecimal digits; empty where the card has
 *     none
 */
public record CardFile(Path folder, Path file, Optional<String> sha256) {
  private static final int CHUNK = 1 << 16;

  public CardFile {
    if (sha256.isPresent() && !isSha256(sha256.get())) {
      throw new DiffusionException(
          "SHA-256 of "
              + show(file)
              + " is \""
              + sha256.get()
              + "\", but must be 64 lower-case hexadecimal digits.");
    }
  }

  /** Takes the bytes of a file, one piece after the other. */
  @FunctionalInterface
  public interface Sink {
    /**
     * The next piece.
     *
     * @param bytes holds it from its start; used again for the next
     * @param length of the piece
     * @param position of the piece in the file
     */
    void accept(byte[] bytes, int length, long position);
  }

  /**
   * A file named by a path relative to a folder.
   *
   * @param folder absolute
   * @return empty where the path leads out of the folder, or is none that all systems understand
   */
  static Optional<Path> inside(Path folder, String path) {
    try {
      Path file = folder.resolve(path).normalize();
      boolean inside = file.startsWith(folder) && !file.equals(folder);
      return inside && !path.contains("://") && !path.contains("\\")
          ? Optional.of(file)
          : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
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
    long size = size();
    if (size > Integer.MAX_VALUE) {
      throw new DiffusionException(
          "Model file " + show(file) + " is larger than 2 GB, which is not supported.");
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) size);
    scan(
        (bytes, length, position) -> {
          if (length > buffer.remaining()) {
            throw new DiffusionException(
                "Model file " + show(file) + " grew while it was read; try again.");
          }
          buffer.put(bytes, 0, length);
        });
    return buffer.flip();
  }

  /** Checks that the file is there and is the one the card describes. */
  public void verify() {
    scan((bytes, length, position) -> {});
  }

  /** Its path from the model's folder, with {@code /} between folders. */
  String name() {
    return folder.relativize(file).toString().replace('\\', '/');
  }

  /** Length of the file in bytes, not checked against the hash. */
  public long size() {
    try {
      return Files.size(real());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Reads the file once, from start to end, and checks it on the way. What the sink was given is
   * not to be used before this has returned.
   *
   * @throws DiffusionException when the file is missing, empty, not the one the card describes, or
   *     outside the model's folder
   */
  public void scan(Sink sink) {
    MessageDigest digest = FileHash.sha256();
    byte[] chunk = new byte[CHUNK];
    long position = 0;
    try (InputStream in = Files.newInputStream(real())) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
        sink.accept(chunk, n, position);
        position += n;
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    if (position == 0) {
      throw empty(file);
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (sha256.isPresent() && !found.equals(sha256.get())) {
      throw new DiffusionException(
          "Model file "
              + show(file)
              + " is not the one its card describes: SHA-256 should be "
              + sha256.get()
              + " but is "
              + found
              + "; download the model again.");
    }
  }

  /** Where the file lies when all links are followed. */
  private Path real() throws IOException {
    Path real = file.toRealPath();
    if (!real.startsWith(folder.toRealPath())) {
      throw new DiffusionException(
          "Model file "
              + show(file)
              + " is a link to "
              + show(real)
              + ", outside the model's folder; put the file itself there.");
    }
    return real;
  }

  static DiffusionException empty(Path file) {
    return new DiffusionException(
        "Model file " + show(file) + " is empty; download the model again.");
  }

  private DiffusionException unreadable(IOException e) {
    return e instanceof NoSuchFileException
        ? new DiffusionException(
            "Model file " + show(file) + " does not exist; put it there or correct the model card.",
            e)
        : new DiffusionException(
            "Model file " + show(file) + " cannot be read: " + e.getMessage() + ".", e);
  }

  /** A path as a user knows it; inside a jar with the jar's name. */
  static String show(Path path) {
    return path.getFileSystem().equals(FileSystems.getDefault())
        ? path.toString()
        : path.toUri().toString();
  }
}
