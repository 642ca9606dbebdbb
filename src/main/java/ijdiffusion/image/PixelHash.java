package ijdiffusion.image;

import ij.ImagePlus;
import ij.process.ImageProcessor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * SHA-256 of pixels, for knowing an image again whatever its name and file format: plane after
 * plane, row by row, 8-bit as it is, 16- and 32-bit little-endian, RGB as red, green, blue bytes.
 * Size, calibration and colours do not count. It is what {@code hashlib.sha256(array.tobytes())} is
 * in Python on a little-endian machine, for an array (plane, y, x) or (plane, y, x, rgb).
 */
public final class PixelHash {
  private final MessageDigest digest = sha256();

  /** Of all planes. */
  public static String of(ImagePlus image) {
    return of(image, IntStream.rangeClosed(1, image.getStackSize()).boxed().toList());
  }

  /**
   * Of some planes.
   *
   * @param image any image; of a virtual stack one plane at a time is read
   * @param slices stack indices from 1, in the order in which they count
   * @return 64 lower-case hexadecimal digits
   */
  public static String of(ImagePlus image, List<Integer> slices) {
    PixelHash hash = new PixelHash();
    for (int slice : slices) {
      boolean single = image.getStackSize() == 1;
      hash.add(single ? image.getProcessor() : image.getStack().getProcessor(slice));
    }
    return hash.hex();
  }

  /** Adds the next plane. */
  public void add(ImageProcessor ip) {
    int width = ip.getWidth();
    for (int y = 0; y < ip.getHeight(); y++) {
      digest.update(row(ip.getPixels(), y * width, width));
    }
  }

  /** The hash of all planes added, as 64 lower-case hexadecimal digits; ends the object's use. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** A row at a time: a plane may be as large as memory. */
  private static byte[] row(Object pixels, int from, int width) {
    if (pixels instanceof byte[] bytes) {
      return Arrays.copyOfRange(bytes, from, from + width);
    }
    ByteBuffer out = ByteBuffer.allocate(4 * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i < from + width; i++) {
      if (pixels instanceof short[] values) {
        out.putShort(values[i]);
      } else if (pixels instanceof float[] values) {
        out.putFloat(values[i]);
      } else {
        int rgb = ((int[]) pixels)[i];
        out.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
