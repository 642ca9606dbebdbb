package ijdiffusion.quality;

import ijdiffusion.tensor.Tensor;
import java.util.Arrays;

/**
 * Power spectra averaged over directions. Of each channel the largest square in the middle whose
 * side is a power of two is taken, its mean subtracted and its edges faded by a Hann window;
 * channels are averaged. Bin k holds the frequencies whose distance from 0, in cycles per side,
 * rounds to k; bins go from 1 to half the side, 0.5 cycles per pixel.
 */
final class Spectrum {
  private Spectrum() {}

  /** Side of the square that is looked at. */
  static int side(int width, int height) {
    return Integer.highestOneBit(Math.min(width, height));
  }

  /**
   * Mean power of each bin.
   *
   * @param t (N, C, H, W); images are averaged too
   * @return power at k / side cycles per pixel, k from 0 to side / 2; that at 0 is 0
   */
  static double[] of(Tensor t) {
    int side = side(t.shape().w(), t.shape().h());
    int bins = side / 2 + 1;
    double[] sum = new double[bins];
    int[] count = new int[bins];
    for (int plane = 0; plane < t.shape().n() * t.shape().c(); plane++) {
      double[] re = square(t, plane, side);
      double[] im = new double[re.length];
      transform2(re, im, side);
      for (int i = 1; i < re.length; i++) {
        double fy = Math.min(i / side, side - i / side);
        double fx = Math.min(i % side, side - i % side);
        int k = (int) Math.round(Math.hypot(fx, fy));
        if (k > 0 && k < bins) {
          sum[k] += re[i] * re[i] + im[i] * im[i];
          count[k]++;
        }
      }
    }
    for (int k = 1; k < bins; k++) {
      sum[k] /= count[k];
    }
    return sum;
  }

  /**
   * Mean of |log10(a / b)| over the bins above a frequency.
   *
   * @param a as {@link #of} gives it
   * @param b of the same side
   * @param above in cycles per pixel; bins at it do not count
   */
  static double error(double[] a, double[] b, double above) {
    int side = 2 * (a.length - 1);
    double sum = 0;
    int n = 0;
    for (int k = 1; k < a.length; k++) {
      if ((double) k / side > above) {
        sum += Math.abs(Math.log10(a[k] / b[k]));
        n++;
      }
    }
    return sum / n;
  }

  private static double[] square(Tensor t, int plane, int side) {
    int left = (t.shape().w() - side) / 2;
    int top = (t.shape().h() - side) / 2;
    int from = plane * t.shape().planeSize();
    double[] out = new double[side * side];
    for (int i = 0; i < out.length; i++) {
      out[i] = t.data()[from + (top + i / side) * t.shape().w() + left + i % side];
    }
    double mean = Arrays.stream(out).average().orElseThrow();
    for (int i = 0; i < out.length; i++) {
      out[i] = (out[i] - mean) * hann(i / side, side) * hann(i % side, side);
    }
    return out;
  }

  private static double hann(int i, int side) {
    return 0.5 - 0.5 * Math.cos(2 * Math.PI * (i + 0.5) / side);
  }

  private static void transform2(double[] re, double[] im, int side) {
    for (int y = 0; y < side; y++) {
      transform(re, im, y * side, 1, side);
    }
    for (int x = 0; x < side; x++) {
      transform(re, im, x, side, side);
    }
  }

  /** The fast Fourier transform of Cooley and Tukey, in place, of values so many apart. */
  private static void transform(double[] re, double[] im, int from, int apart, int n) {
    for (int i = 1, j = 0; i < n; i++) {
      int bit = n >> 1;
      while ((j & bit) != 0) {
        j ^= bit;
        bit >>= 1;
      }
      j |= bit;
      if (i < j) {
        swap(re, from + i * apart, from + j * apart);
        swap(im, from + i * apart, from + j * apart);
      }
    }
    for (int half = 1; half < n; half *= 2) {
      for (int k = 0; k < half; k++) {
        double cos = Math.cos(Math.PI * k / half);
        double sin = -Math.sin(Math.PI * k / half);
        for (int i = k; i < n; i += 2 * half) {
          int a = from + i * apart;
          int b = a + half * apart;
          double x = cos * re[b] - sin * im[b];
          double y = cos * im[b] + sin * re[b];
          re[b] = re[a] - x;
          im[b] = im[a] - y;
          re[a] += x;
          im[a] += y;
        }
      }
    }
  }

  private static void swap(double[] values, int i, int j) {
    double kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }
}
