package ijdiffusion.sampling;

import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;

/**
 * What a network leaves out of an image in the end, drawn from where it is known. At the last, very
 * low noise level the error of its clean image has hardly any correlation between pixels and
 * depends on little but their brightness, as the noise of a camera does (held-out nuclei and
 * photographs: correlation of neighbours 0.06 and 0.10, standard deviation 0.013 and 0.016 of a
 * range from -1 to 1, in the median). So each pixel of the hole receives the error of a known one,
 * drawn at random from those whose brightness is nearest; of all channels together, for they belong
 * together. Where the image is saturated the error is 0, and so is the grain.
 */
final class Grain {
  /** Known pixels to draw from: this many or this share of all, whichever is more. */
  private static final int FEWEST = 64;

  private static final int SHARE = 16;

  private final Tensor image;
  private final Tensor error;
  private final float[] mask;

  /**
   * @param image (N, C, H, W), the known image
   * @param error (N, C, H, W), the known image less the network's, at known pixels
   * @param mask (1, 1, H, W), 1 = known
   */
  Grain(Tensor image, Tensor error, Tensor mask) {
    this.image = image;
    this.error = error;
    this.mask = mask.data();
  }

  /**
   * Adds it to the missing pixels.
   *
   * @param x (N, C, H, W), without
   * @param share a factor
   * @param noise one draw, of (N, 1, H, W), is taken
   */
  void add(Tensor x, double share, NoiseSource noise) {
    Shape shape = x.shape();
    Tensor z = new Tensor(new Shape(shape.n(), 1, shape.h(), shape.w()));
    noise.next(z);
    for (int n = 0; n < shape.n(); n++) {
      add(x, n, share, z);
    }
  }

  private void add(Tensor x, int n, double share, Tensor z) {
    int size = mask.length;
    int channels = x.shape().c();
    int start = n * channels * size;
    Known known = known(start, channels);
    if (known.pixels.length == 0) {
      return;
    }
    for (int i = 0; i < size; i++) {
      if (mask[i] == 0) {
        double brightness = 0;
        for (int c = 0; c < channels; c++) {
          brightness += x.data()[start + c * size + i];
        }
        int like = known.like((float) brightness, probability(z.data()[n * size + i]));
        for (int c = 0; c < channels; c++) {
          int plane = start + c * size;
          x.data()[plane + i] += (float) (share * error.data()[plane + like]);
        }
      }
    }
  }

  /** The known pixels of an image by the brightness that the network gave them. */
  private Known known(int start, int channels) {
    int size = mask.length;
    int count = 0;
    long[] order = new long[size];
    for (int i = 0; i < size; i++) {
      if (mask[i] == 1) {
        float sum = 0;
        for (int c = 0; c < channels; c++) {
          int k = start + c * size + i;
          sum += image.data()[k] - error.data()[k];
        }
        order[count++] = (long) ordinal(sum) << 32 | i;
      }
    }
    Arrays.sort(order, 0, count);
    int[] ordinals = new int[count];
    int[] pixels = new int[count];
    for (int k = 0; k < count; k++) {
      ordinals[k] = (int) (order[k] >> 32);
      pixels[k] = (int) order[k];
    }
    return new Known(ordinals, pixels);
  }

  /** An integer that is larger where the number is. */
  private static int ordinal(float value) {
    int bits = Float.floatToIntBits(value);
    return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
  }

  /**
   * The chance that a standard normal number is smaller than z, to 3e-4: Page 1977
   * (doi:10.2307/2346872), tanh form.
   */
  private static double probability(double z) {
    double y = Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z);
    return 0.5 * (1 + StrictMath.tanh(y));
  }

  /**
   * Known pixels.
   *
   * @param ordinals of their brightness, ascending
   * @param pixels where they are
   */
  private record Known(int[] ordinals, int[] pixels) {
    /** One of the pixels nearest in brightness, the one at a fraction of them. */
    int like(float brightness, double fraction) {
      int many = Math.min(pixels.length, Math.max(FEWEST, pixels.length / SHARE));
      int place = Arrays.binarySearch(ordinals, ordinal(brightness));
      int from = (place < 0 ? -place - 1 : place) - many / 2;
      from = Math.max(0, Math.min(pixels.length - many, from));
      return pixels[from + Math.min(many - 1, (int) (fraction * many))];
    }
  }
}
