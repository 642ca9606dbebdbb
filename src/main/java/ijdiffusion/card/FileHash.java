package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** SHA-256 of files that may be large: each is read once, and again after it has changed. */
final class FileHash {
  private static final int CHUNK = 1 << 16;

  private static final Map<Version, String> KNOWN = new ConcurrentHashMap<>();

  private FileHash() {}

  /** What tells one content of a file from another, as far as one can know without reading it. */
  private record Version(Path file, long size, FileTime changed) {}

  /** SHA-256 of a file, 64 lower-case hexadecimal digits. */
  static String of(Path file) {
    try {
      Version version =
          new Version(
              file.toAbsolutePath().normalize(), Files.size(file), Files.getLastModifiedTime(file));
      String known = KNOWN.get(version);
      if (known == null) {
        known = read(file);
        KNOWN.put(version, known);
      }
      return known;
    } catch (IOException e) {
      throw new DiffusionException(
          "Model file " + Weights.show(file) + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private static String read(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
