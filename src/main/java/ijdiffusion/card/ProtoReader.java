package ijdiffusion.card;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads fields of a protocol buffer in a file from strangers, and leaps over all others: nothing of
 * the file's choice is allocated, and nothing outside a message is read for it.
 */
final class ProtoReader implements AutoCloseable {
  private static final int BUFFER = 1 << 12;
  private static final int LONGEST_TEXT = 1 << 10;

  /** Far more than the largest networks have; ends the reading of a file made of tiny fields. */
  private static final int MOST_FIELDS = 5_000_000;

  private final SeekableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
  private final long size;

  /** Where the next byte lies in the file. */
  private long position;

  private int fields;

  private ProtoReader(SeekableByteChannel channel) throws IOException {
    this.channel = channel;
    this.size = channel.size();
  }

  /** The file is not what it should be. */
  static final class Malformed extends IOException {
    private static final long serialVersionUID = 1;

    Malformed(String what) {
      super(what);
    }
  }

  /** What to do with a field. */
  @FunctionalInterface
  interface Field {
    /**
     * Reads it, or leaves it.
     *
     * @param number of the field
     * @param length of a field of bytes, -1 for a number, which {@link #number} reads
     * @return whether it was read
     */
    boolean read(int number, long length) throws IOException;
  }

  static ProtoReader open(Path file) throws IOException {
    return new ProtoReader(Files.newByteChannel(file));
  }

  long size() {
    return size;
  }

  /** Goes through the fields of a message of a known length, which begins here. */
  void message(long length, Field field) throws IOException {
    long end = endOf(length);
    while (position < end) {
      if (++fields > MOST_FIELDS) {
        throw new Malformed("it has too many fields");
      }
      long tag = number();
      int number = (int) Math.min(tag >>> 3, Integer.MAX_VALUE);
      switch ((int) (tag & 7)) {
        case 0 -> {
          if (!field.read(number, -1)) {
            number();
          }
        }
        case 1 -> leap(8);
        case 2 -> {
          long bytes = number();
          long after = endOf(bytes);
          if (after > end) {
            throw new Malformed("a field is longer than what it is in");
          }
          if (field.read(number, bytes) && position != after) {
            throw new Malformed("a field has another length than it says");
          }
          leap(after - position);
        }
        case 5 -> leap(4);
        default -> throw new Malformed("it has a field of an unknown kind");
      }
    }
    if (position != end) {
      throw new Malformed("a field is longer than what it is in");
    }
  }

  /** A varint. */
  long number() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = next();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new Malformed("it has a number of more than 64 bits");
  }

  /** A text of a known length, which begins here. */
  String text(long length) throws IOException {
    if (length > LONGEST_TEXT) {
      throw new Malformed("it has a name of " + length + " bytes");
    }
    byte[] bytes = new byte[(int) length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) next();
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private long endOf(long length) throws IOException {
    if (length < 0 || length > size - position) {
      throw new Malformed("it ends too early");
    }
    return position + length;
  }

  private void leap(long bytes) throws IOException {
    position = endOf(bytes);
    if (bytes <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) bytes);
    } else {
      buffer.limit(0);
    }
  }

  private int next() throws IOException {
    if (!buffer.hasRemaining()) {
      buffer.clear();
      channel.position(position);
      int read = channel.read(buffer);
      buffer.flip();
      if (read <= 0) {
        throw new Malformed("it ends too early");
      }
    }
    position++;
    return buffer.get() & 0xff;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
