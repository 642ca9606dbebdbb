package ijdiffusion.quality;

import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;

/** Measures of how far results are from the truth. */
final class Metrics {
  private Metrics() {}

  /** Mean of the squared differences. */
  static double meanSquare(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.data().length; i++) {
      double d = (double) a.data()[i] - b.data()[i];
      sum += d * d;
    }
    return sum / a.data().length;
  }

  /**
   * What the eye sees of a colour image as light and dark: 0.299 R + 0.587 G + 0.114 B (ITU-R
   * BT.601).
   *
   * @param t (1, 3, H, W); a grey image (1, 1, H, W) comes back as it is
   */
  static Tensor luminance(Tensor t) {
    if (t.shape().c() == 1) {
      return t;
    }
    int n = t.shape().planeSize();
    float[] in = t.data();
    Tensor out = new Tensor(new Shape(1, 1, t.shape().h(), t.shape().w()));
    for (int i = 0; i < n; i++) {
      out.data()[i] = 0.299f * in[i] + 0.587f * in[n + i] + 0.114f * in[2 * n + i];
    }
    return out;
  }

  /**
   * Peak signal-to-noise ratio in decibels: 10 log10(range^2 / mean square).
   *
   * @param range what counts as the peak
   */
  static double psnr(Tensor a, Tensor b, double range) {
    return 10 * Math.log10(range * range / meanSquare(a, b));
  }

  /**
   * Continuous ranked probability score of an ensemble, by the estimator that is unbiased for the
   * distribution behind it (the "fair" CRPS; Ferro 2014, doi:10.1002/qj.2270, equation 3):
   *
   * <pre>(1/M) sum_i |x_i - y| - 1/(2 M (M - 1)) sum_i sum_j |x_i - x_j|</pre>
   *
   * <p>It is in the units of y, smaller is better, and for one member, a forecast without spread,
   * it is the absolute error.
   *
   * @param members x_i, at least one; sorted on return
   * @param truth y
   */
  static double crps(double[] members, double truth) {
    Arrays.sort(members);
    int m = members.length;
    double error = 0;
    double spread = 0;
    for (int i = 0; i < m; i++) {
      error += Math.abs(members[i] - truth);
      // sorted: x_i is the larger one in i pairs, and the smaller one in m - 1 - i
      spread += (2.0 * i - m + 1) * members[i];
    }
    return error / m - (m == 1 ? 0 : spread / ((double) m * (m - 1)));
  }

  /**
   * How many of the smallest members lie below the interval that reaches from a member to its
   * mirror image in rank, so that its nominal coverage is nearest to 90 %.
   */
  static int rankOfInterval(int members) {
    int best = 1;
    for (int k = 2; 2 * k < members; k++) {
      if (Math.abs(nominal(members, k) - 0.9) < Math.abs(nominal(members, best) - 0.9)) {
        best = k;
      }
    }
    return best;
  }

  /**
   * The chance that the truth lies between the k-th smallest and the k-th largest of an ensemble
   * that it could itself be a member of: (M + 1 - 2k) / (M + 1).
   */
  static double nominal(int members, int k) {
    return (members + 1.0 - 2 * k) / (members + 1);
  }

  /**
   * Whether the truth is in the interval of {@link #rankOfInterval}, ends included.
   *
   * @param members sorted
   */
  static boolean covers(double[] members, double truth) {
    int k = rankOfInterval(members.length);
    return members[k - 1] <= truth && truth <= members[members.length - k];
  }

  /**
   * Wasserstein-1 distance of two samples of a number: the mean distance of their quantiles, at
   * 10,000 evenly spaced ones.
   *
   * @param a sorted on return
   * @param b sorted on return; may be of another length
   */
  static double wasserstein(float[] a, float[] b) {
    Arrays.sort(a);
    Arrays.sort(b);
    int levels = 10_000;
    double sum = 0;
    for (int i = 0; i < levels; i++) {
      double q = (i + 0.5) / levels;
      sum += Math.abs(a[(int) (q * a.length)] - b[(int) (q * b.length)]);
    }
    return sum / levels;
  }
}
