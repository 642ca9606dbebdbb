package ijdiffusion.quality;

import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004, doi:10.1109/TIP.2003.819861,
 * equation 13) with the settings of that paper: windows of 11 x 11 pixels under a Gaussian of
 * standard deviation 1.5, K1 = 0.01, K2 = 0.03, mean over all windows that lie within the image,
 * and over the channels.
 */
final class Ssim {
  private static final int RADIUS = 5;
  private static final double[] WEIGHTS = new double[2 * RADIUS + 1];

  static {
    double sum = 0;
    for (int i = -RADIUS; i <= RADIUS; i++) {
      WEIGHTS[i + RADIUS] = Math.exp(-i * i / (2 * 1.5 * 1.5));
      sum += WEIGHTS[i + RADIUS];
    }
    for (int i = 0; i < WEIGHTS.length; i++) {
      WEIGHTS[i] /= sum;
    }
  }

  private Ssim() {}

  /**
   * 1 for equal images.
   *
   * @param a (1, C, H, W), both sides at least 11
   * @param b the same shape
   * @param range L, the span of the values
   */
  static double of(Tensor a, Tensor b, double range) {
    Shape s = a.shape();
    double c1 = 0.01 * range * (0.01 * range);
    double c2 = 0.03 * range * (0.03 * range);
    double sum = 0;
    long count = 0;
    for (int c = 0; c < s.c(); c++) {
      double[] x = channel(a, c);
      double[] y = channel(b, c);
      double[] meanX = blurred(x, s);
      double[] meanY = blurred(y, s);
      double[] xx = blurred(product(x, x), s);
      double[] yy = blurred(product(y, y), s);
      double[] xy = blurred(product(x, y), s);
      for (int i = 0; i < meanX.length; i++) {
        double mx = meanX[i];
        double my = meanY[i];
        double up = (2 * mx * my + c1) * (2 * (xy[i] - mx * my) + c2);
        double down = (mx * mx + my * my + c1) * (xx[i] - mx * mx + yy[i] - my * my + c2);
        sum += up / down;
      }
      count += meanX.length;
    }
    return sum / count;
  }

  private static double[] channel(Tensor t, int c) {
    int n = t.shape().planeSize();
    double[] out = new double[n];
    for (int i = 0; i < n; i++) {
      out[i] = t.data()[c * n + i];
    }
    return out;
  }

  private static double[] product(double[] a, double[] b) {
    double[] out = new double[a.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] * b[i];
    }
    return out;
  }

  /** Weighted means of all windows within the image. */
  private static double[] blurred(double[] plane, Shape s) {
    int w = s.w() - 2 * RADIUS;
    int h = s.h() - 2 * RADIUS;
    double[] rows = new double[w * s.h()];
    for (int y = 0; y < s.h(); y++) {
      for (int x = 0; x < w; x++) {
        for (int k = 0; k < WEIGHTS.length; k++) {
          rows[y * w + x] += WEIGHTS[k] * plane[y * s.w() + x + k];
        }
      }
    }
    double[] out = new double[w * h];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        for (int k = 0; k < WEIGHTS.length; k++) {
          out[y * w + x] += WEIGHTS[k] * rows[(y + k) * w + x];
        }
      }
    }
    return out;
  }
}
