package ijdiffusion.onnx;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array in numpy's file format (NEP 1, versions 1 to 3), as far as test tensors need it:
 * float32, float64 and int64, little-endian, C order, at most {@value #MAX_VALUES} values.
 *
 * @param shape lengths of the axes
 * @param values in C order; doubles hold float32 exactly, and the integers of a time input
 */
record NpyArray(long[] shape, double[] values) {
  /** 256 MB of float32, more than any test tensor should have. */
  static final int MAX_VALUES = 1 << 26;

  private static final int MAX_AXES = 8;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** The header is a Python dictionary that numpy writes with these keys, in any order. */
  private static final Pattern TYPE = Pattern.compile("'descr': *'([^']*)'");

  private static final Pattern ORDER = Pattern.compile("'fortran_order': *(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([0-9, ]*)\\)");

  /** Reads a file and checks its hash where the card has one. */
  static NpyArray read(CardFile file) {
    long most = (long) MAX_VALUES * Double.BYTES + (1 << 16);
    if (file.size() > most) {
      throw refused(file, "is larger than " + (most >> 20) + " MB");
    }
    return parse(file, file.load());
  }

  private static NpyArray parse(CardFile file, ByteBuffer bytes) {
    ByteBuffer in = bytes.order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[MAGIC.length];
    if (in.remaining() < 12) {
      throw refused(file, "is too short");
    }
    in.get(magic);
    int version = in.get();
    in.get();
    if (!Arrays.equals(magic, MAGIC) || version < 1 || version > 3) {
      throw refused(file, "does not begin as such a file does");
    }
    long length = version == 1 ? in.getShort() & 0xFFFF : in.getInt() & 0xFFFFFFFFL;
    if (length > in.remaining()) {
      throw refused(file, "ends within its header");
    }
    byte[] header = new byte[(int) length];
    in.get(header);
    String about = new String(header, StandardCharsets.ISO_8859_1);
    if (!first(ORDER, about).equals("False")) {
      throw refused(file, "is not in C order");
    }
    long[] shape = shape(file, about);
    long count = 1;
    for (long n : shape) {
      count *= n;
      if (count > MAX_VALUES) {
        throw refused(file, "has more than " + MAX_VALUES + " values");
      }
    }
    return new NpyArray(shape, values(file, first(TYPE, about), (int) count, in));
  }

  private static long[] shape(CardFile file, String about) {
    Matcher matcher = SHAPE.matcher(about);
    if (!matcher.find()) {
      throw refused(file, "has no shape");
    }
    try {
      long[] shape =
          Arrays.stream(matcher.group(1).split(","))
              .map(String::strip)
              .filter(text -> !text.isEmpty())
              .mapToLong(Integer::parseInt)
              .toArray();
      if (shape.length <= MAX_AXES) {
        return shape;
      }
    } catch (NumberFormatException e) {
      throw refused(file, "has the shape (" + matcher.group(1) + ")");
    }
    throw refused(file, "has more than " + MAX_AXES + " axes");
  }

  private static double[] values(CardFile file, String type, int count, ByteBuffer in) {
    int size =
        switch (type) {
          case "<f4" -> Float.BYTES;
          case "<f8", "<i8" -> Double.BYTES;
          default -> throw refused(file, "holds \"" + type + "\", not one of <f4, <f8 and <i8");
        };
    if (in.remaining() != (long) count * size) {
      throw refused(file, "has " + in.remaining() + " bytes of values, not " + (long) count * size);
    }
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (type) {
            case "<f4" -> in.getFloat();
            case "<f8" -> in.getDouble();
            default -> in.getLong();
          };
    }
    return values;
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static DiffusionException refused(CardFile file, String why) {
    return new DiffusionException(
        "Test tensor "
            + file.file().getFileName()
            + " "
            + why
            + "; it must be a .npy file of float32, float64 or int64, little-endian, C order.");
  }
}
