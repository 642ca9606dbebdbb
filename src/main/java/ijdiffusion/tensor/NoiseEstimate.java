package ijdiffusion.tensor;

import java.util.Arrays;

/**
 * How noisy one channel of an image is, estimated from the image alone, with nothing known about
 * its content. In each 3 x 3 window
 *
 * <pre>
 *      [  1 -2  1 ]
 * r =  [ -2  4 -2 ]   var(r) = 36 sigma^2 for white noise; r = 0 for any a(x) + b(y) + c x y
 *      [  1 -2  1 ]
 * </pre>
 *
 * <p>(Immerkaer 1996, doi:10.1006/cviu.1996.0060), and sigma is the median of |r| over 6 x 0.6745,
 * which edges and texture in fewer than half of the windows hardly move (Donoho and Johnstone 1994,
 * doi:10.1093/biomet/81.3.425). Where we deviate from both:
 *
 * <ul>
 *   <li>Windows are sorted by their mean, which is independent of r for Gaussian noise, into up to
 *       24 groups of one size with a median each. {@link #sigma} is the root of the mean of the
 *       groups' variances, where one median would say the noise of the dark majority; a line
 *       through the variances gives {@link #gain} and {@link #offset}.
 *   <li>Between ties, which whole grey values cause, the median is interpolated as if each value
 *       stood for all up to half way to the next.
 *   <li>Windows of nine equal pixels, as in a background set to 0, do not count.
 *   <li>Where the smallest (or largest) value is more frequent than the one next to it and than 1
 *       pixel in 1000, pixels are taken to be clipped there. Only windows whose mean is at least 2
 *       sigma away from that value count then, so the estimate is that of the brighter parts. If
 *       there are hardly any, windows without a clipped pixel count. An image with nothing but a
 *       background whose own mean is at the limit has lost half of its noise: the estimate is then
 *       too low, by up to half.
 * </ul>
 *
 * <p>Rounding to whole grey values counts as noise, of variance 1/12. Noise that neighbouring
 * pixels share, as after smoothing, scaling or JPEG, is underestimated; fine texture over more than
 * half of the image counts as noise.
 *
 * @param sigma root mean square over the windows of the noise's standard deviation, in grey values;
 *     0 if nothing varies
 * @param gain rise of the noise's variance with the mean grey value, at least 0: for shot noise the
 *     grey value of one photon; 0 for noise that is the same everywhere
 * @param offset the variance that the line has at grey value 0; negative if black is not 0
 */
public record NoiseEstimate(double sigma, double gain, double offset) {
  private static final double SCALE = 6 * 0.674489750196082; // 3/4 quantile of N(0, 1)
  private static final int GROUPS = 24;
  private static final int FEWEST = 64; // windows that a median is worth something of
  private static final double PILE = 1e-3; // fewer at a limit may be chance
  private static final int ENOUGH = 1 << 20;

  public NoiseEstimate {
    if (!(sigma >= 0 && gain >= 0 && Double.isFinite(offset))) {
      throw new IllegalArgumentException(
          "sigma is " + sigma + ", gain " + gain + " and offset " + offset);
    }
  }

  /**
   * Estimates from a plane. Of a plane of more than 2^20 pixels an even sample of rows is used.
   *
   * @param plane grey values, row by row; windows with NaN or infinite ones do not count
   * @param width pixels of a row
   * @param height rows
   */
  public static NoiseEstimate of(float[] plane, int width, int height) {
    if (plane.length != (long) width * height) {
      throw new IllegalArgumentException(
          plane.length + " values are not " + width + " x " + height + " pixels");
    }
    double low = clip(plane, 1);
    double high = clip(plane, -1);
    Windows all = Windows.of(plane, width, height, low, high);
    if (Double.isNaN(low) && Double.isNaN(high)) {
      return all.estimate();
    }
    NoiseEstimate estimate = all.between(low, high, 0, true).estimate();
    for (int pass = 0; pass < 5; pass++) {
      Windows far = all.between(low, high, 2 * estimate.sigma, false);
      if (far.count < FEWEST) {
        break;
      }
      estimate = far.estimate();
    }
    return estimate;
  }

  /**
   * The noise's standard deviation where the image has a mean grey value: sqrt(gain grey + offset),
   * 0 where that is not defined.
   */
  public double sigmaAt(double grey) {
    return Math.sqrt(Math.max(0, gain * grey + offset));
  }

  /** The smallest (sign 1) or largest (sign -1) value if pixels pile up there, otherwise NaN. */
  private static double clip(float[] plane, int sign) {
    double first = Double.POSITIVE_INFINITY;
    double second = Double.POSITIVE_INFINITY;
    int atFirst = 0;
    int atSecond = 0;
    int finite = 0;
    for (float value : plane) {
      double v = (double) sign * value;
      if (!Double.isFinite(v)) {
        continue;
      }
      finite++;
      if (v < first) {
        second = first;
        atSecond = atFirst;
        first = v;
        atFirst = 1;
      } else if (v == first) {
        atFirst++;
      } else if (v < second) {
        second = v;
        atSecond = 1;
      } else if (v == second) {
        atSecond++;
      }
    }
    return atFirst > atSecond && atFirst >= PILE * finite ? sign * first : Double.NaN;
  }

  /** Mean and residual of some windows; a clipped one has a pixel at a limit. */
  private static final class Windows {
    private final float[] means;
    private final float[] residuals;
    private final boolean[] clipped;
    private int count;

    Windows(int capacity) {
      means = new float[capacity];
      residuals = new float[capacity];
      clipped = new boolean[capacity];
    }

    static Windows of(float[] plane, int width, int height, double low, double high) {
      int rows = Math.max(0, height - 2);
      int columns = Math.max(0, width - 2);
      int stride = (int) Math.max(1, ((long) rows * columns + ENOUGH - 1) / ENOUGH);
      Windows windows = new Windows((rows + stride - 1) / stride * columns);
      for (int y = 0; y < rows; y += stride) {
        for (int x = 0; x < columns; x++) {
          windows.add(plane, y * width + x, width, low, high);
        }
      }
      return windows;
    }

    private void add(float[] plane, int start, int width, double low, double high) {
      double sum = 0;
      double residual = 0;
      boolean atLimit = false;
      boolean flat = true;
      for (int k = 0; k < 9; k++) {
        int dx = k % 3;
        int dy = k / 3;
        float v = plane[start + dy * width + dx];
        sum += v;
        residual += (dx == 1 ? -2 : 1) * (dy == 1 ? -2 : 1) * (double) v;
        atLimit |= v == low || v == high;
        flat &= v == plane[start];
      }
      if (Double.isFinite(sum) && !flat) {
        put((float) (sum / 9), (float) Math.abs(residual), atLimit);
      }
    }

    private void put(float mean, float residual, boolean atLimit) {
      means[count] = mean;
      residuals[count] = residual;
      clipped[count] = atLimit;
      count++;
    }

    /** The windows whose mean keeps a distance from the limits; a limit of NaN is none. */
    Windows between(double low, double high, double distance, boolean unclipped) {
      Windows some = new Windows(count);
      for (int i = 0; i < count; i++) {
        boolean near = means[i] < low + distance || means[i] > high - distance;
        if (!near && !(unclipped && clipped[i])) {
          some.put(means[i], residuals[i], clipped[i]);
        }
      }
      return some;
    }

    /** Places of the windows, that of the darkest first. */
    private int[] byMean() {
      long[] keys = new long[count];
      for (int i = 0; i < count; i++) {
        int bits = Float.floatToIntBits(means[i]);
        // floats sort as their bits do, negative ones in the opposite order
        keys[i] = (long) (bits ^ (bits >> 31 & Integer.MAX_VALUE)) << 32 | i;
      }
      Arrays.sort(keys);
      int[] order = new int[count];
      Arrays.setAll(order, i -> (int) keys[i]);
      return order;
    }

    NoiseEstimate estimate() {
      int groups = Math.min(GROUPS, count / FEWEST);
      if (groups < 2) {
        double variance = square(median(Arrays.copyOf(residuals, count)) / SCALE);
        return new NoiseEstimate(Math.sqrt(variance), 0, variance);
      }
      int[] order = byMean();
      double[] grey = new double[groups];
      double[] variance = new double[groups];
      double sum = 0;
      for (int g = 0; g < groups; g++) {
        int from = (int) ((long) g * count / groups);
        int to = (int) ((long) (g + 1) * count / groups);
        float[] part = new float[to - from];
        for (int i = from; i < to; i++) {
          part[i - from] = residuals[order[i]];
          grey[g] += means[order[i]] / part.length;
        }
        variance[g] = square(median(part) / SCALE);
        sum += variance[g];
      }
      return line(grey, variance, Math.sqrt(sum / groups));
    }
  }

  /**
   * The line through the groups' variances. As the error of a variance grows with it, each counts
   * with 1 / (the line's variance)^2, found by going round.
   */
  private static NoiseEstimate line(double[] grey, double[] variance, double sigma) {
    double floor = 1e-3 * sigma * sigma;
    double gain = 0;
    double offset = sigma * sigma;
    for (int round = 0; round < 20 && sigma > 0; round++) {
      double sw = 0;
      double sx = 0;
      double sy = 0;
      double sxx = 0;
      double sxy = 0;
      for (int g = 0; g < grey.length; g++) {
        double w = 1 / square(Math.max(floor, gain * grey[g] + offset));
        double x = grey[g] - grey[0];
        sw += w;
        sx += w * x;
        sy += w * variance[g];
        sxx += w * x * x;
        sxy += w * x * variance[g];
      }
      double spread = sxx - sx * sx / sw;
      gain = spread > 0 ? Math.max(0, (sxy - sx * sy / sw) / spread) : 0;
      offset = (sy - gain * sx) / sw - gain * grey[0];
    }
    return new NoiseEstimate(sigma, gain, offset);
  }

  /** The median, interpolated between ties; sorts its argument. 0 of nothing. */
  private static double median(float[] values) {
    int n = values.length;
    if (n == 0) {
      return 0;
    }
    Arrays.sort(values);
    float middle = values[n / 2];
    int from = n / 2;
    int to = n / 2 + 1;
    while (from > 0 && values[from - 1] == middle) {
      from--;
    }
    while (to < n && values[to] == middle) {
      to++;
    }
    // absolute values: below the smallest, 0, there is nothing to share
    double lower = from == 0 ? middle : (values[from - 1] + (double) middle) / 2;
    double upper = to == n ? middle : (values[to] + (double) middle) / 2;
    return lower + (n / 2.0 - from) / (to - from) * (upper - lower);
  }

  private static double square(double v) {
    return v * v;
  }
}
