package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What java.util.zip does not tell of a zip file: whether entries are encrypted or links. Reads the
 * central directory (PKWARE's APPNOTE, sections 4.3.12 to 4.3.16), of zip64 files as well.
 */
final class ZipDirectory {
  private static final int END = 0x06054b50;
  private static final int END_LENGTH = 22;
  private static final int END64 = 0x06064b50;
  private static final int END64_LENGTH = 56;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int LOCATOR64_LENGTH = 20;
  private static final int ENTRY = 0x02014b50;
  private static final int ENTRY_LENGTH = 46;
  private static final int MAX_COMMENT = 0xFFFF;
  private static final int MAX_LENGTH = 1 << 20;
  private static final int UNIX = 3;
  private static final int MAC = 19;
  private static final int TYPE_BITS = 0xF000;
  private static final int LINK = 0xA000;

  private ZipDirectory() {}

  /**
   * One entry.
   *
   * @param name as in the file, read as UTF-8
   * @param encrypted whether a password is needed
   * @param link whether it is a symbolic link
   */
  record Entry(String name, boolean encrypted, boolean link) {}

  /** All entries, in the order of the directory. */
  static List<Entry> read(Path zip) throws IOException {
    try (SeekableByteChannel file = Files.newByteChannel(zip)) {
      int tail = (int) Math.min(file.size(), END_LENGTH + MAX_COMMENT);
      long start = file.size() - tail;
      ByteBuffer end = bytes(file, start, tail);
      int at = lastEnd(end);
      long length = end.getInt(at + 12) & 0xFFFFFFFFL;
      long offset = end.getInt(at + 16) & 0xFFFFFFFFL;
      if (at + start >= LOCATOR64_LENGTH) {
        ByteBuffer locator = bytes(file, start + at - LOCATOR64_LENGTH, LOCATOR64_LENGTH);
        if (locator.getInt(0) == LOCATOR64) {
          ByteBuffer end64 = bytes(file, locator.getLong(8), END64_LENGTH);
          if (end64.getInt(0) != END64) {
            throw noZip();
          }
          length = end64.getLong(40);
          offset = end64.getLong(48);
        }
      }
      if (length < 0 || length > MAX_LENGTH) {
        throw new DiffusionException(
            "it has more than " + InstallLimits.MAX_ENTRIES + " entries, or very long names");
      }
      return entries(bytes(file, offset, (int) length));
    }
  }

  private static int lastEnd(ByteBuffer tail) {
    for (int i = tail.capacity() - END_LENGTH; i >= 0; i--) {
      if (tail.getInt(i) == END
          && i + END_LENGTH + (tail.getShort(i + 20) & 0xFFFF) == tail.capacity()) {
        return i;
      }
    }
    throw noZip();
  }

  private static List<Entry> entries(ByteBuffer in) {
    List<Entry> entries = new ArrayList<>();
    int at = 0;
    while (at < in.capacity()) {
      if (in.capacity() - at < ENTRY_LENGTH || in.getInt(at) != ENTRY) {
        throw noZip();
      }
      int madeBy = in.get(at + 5);
      int flags = in.getShort(at + 8);
      int nameLength = in.getShort(at + 28) & 0xFFFF;
      int length =
          ENTRY_LENGTH
              + nameLength
              + (in.getShort(at + 30) & 0xFFFF)
              + (in.getShort(at + 32) & 0xFFFF);
      if (length > in.capacity() - at) {
        throw noZip();
      }
      byte[] name = new byte[nameLength];
      in.get(at + ENTRY_LENGTH, name);
      int mode = in.getInt(at + 38) >>> 16;
      boolean link = (madeBy == UNIX || madeBy == MAC) && (mode & TYPE_BITS) == LINK;
      entries.add(new Entry(new String(name, StandardCharsets.UTF_8), (flags & 1) != 0, link));
      at += length;
    }
    return entries;
  }

  private static ByteBuffer bytes(SeekableByteChannel file, long position, int length)
      throws IOException {
    if (position < 0 || position > file.size() - length) {
      throw noZip();
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    file.position(position);
    while (bytes.hasRemaining() && file.read(bytes) >= 0) {
      // the channel may give less than is asked for
    }
    return bytes;
  }

  private static DiffusionException noZip() {
    return new DiffusionException("it is not a zip file or is damaged");
  }
}
