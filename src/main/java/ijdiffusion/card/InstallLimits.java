package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What a model from elsewhere may consist of; counts as its files come. */
final class InstallLimits {
  /** Most files and folders. */
  static final int MAX_ENTRIES = 1000;

  /** Most bytes of all files: several networks of 2 GB, the most that ONNX allows. */
  static final long MAX_BYTES = 8L << 30;

  /** How many times larger a zip file may become when it is unpacked; weights become 1 or 2. */
  static final int MAX_RATIO = 100;

  /** Deepest folder. */
  static final int MAX_DEPTH = 8;

  /** What no system takes as the name of a file, or only some. */
  private static final Pattern ILLEGAL =
      Pattern.compile(
          "\\.{1,2}|.*[\\\\/:*?\"<>|\\p{Cntrl}].*|.*[. ]"
              + "|(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?|.{200,}",
          Pattern.DOTALL);

  /** A zip file may become so large whatever its size: test tensors of zeros are small. */
  private static final long FREE_BYTES = 1 << 20;

  private final Set<String> names = new HashSet<>();
  private final long ratioBytes;
  private long bytes;

  private InstallLimits(long ratioBytes) {
    this.ratioBytes = ratioBytes;
  }

  /** Of files that are copied as they are. */
  static InstallLimits plain() {
    return new InstallLimits(Long.MAX_VALUE);
  }

  /** Of files in a zip file of so many bytes. */
  static InstallLimits zipped(long size) {
    return new InstallLimits(Math.max(FREE_BYTES, MAX_RATIO * size));
  }

  /**
   * Counts a file or folder.
   *
   * @param name its path, with slashes
   * @return the path without the slash that ends a folder's
   */
  String entry(String name) {
    String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    String[] parts = path.split("/", -1);
    for (String part : parts) {
      if (part.isEmpty() || ILLEGAL.matcher(part).matches()) {
        throw new DiffusionException(
            "it has an entry \"" + name + "\", which is not a path inside a model's folder");
      }
    }
    if (parts.length > MAX_DEPTH) {
      throw new DiffusionException(
          "it has an entry \"" + name + "\", more than " + MAX_DEPTH + " folders deep");
    }
    // names that differ in case are one file on some systems
    if (!names.add(path.toLowerCase(Locale.ROOT))) {
      throw new DiffusionException("it has the entry \"" + name + "\" twice");
    }
    if (names.size() > MAX_ENTRIES) {
      throw new DiffusionException("it has more than " + MAX_ENTRIES + " entries");
    }
    return path;
  }

  /** Counts a file of a model, and copies it to where it belongs in the model's new folder. */
  void copy(CardFile file, Path into) throws IOException {
    add(file.size());
    Path target = into.resolve(entry(file.name()));
    Files.createDirectories(target.getParent());
    Files.copy(file.file(), target);
  }

  /** Counts bytes of a file. */
  void add(long count) {
    bytes += count;
    if (bytes > MAX_BYTES) {
      throw new DiffusionException("it holds more than " + (MAX_BYTES >> 30) + " GB");
    }
    if (bytes > ratioBytes) {
      throw new DiffusionException(
          "it grows more than " + MAX_RATIO + " times when it is unpacked");
    }
  }

  /** Files that systems leave behind, and hidden ones such as those of git: no part of a model. */
  static boolean isIgnored(String name) {
    return name.startsWith(".") || name.contains("/.") || name.startsWith("__MACOSX/");
  }
}
