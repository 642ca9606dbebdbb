package ijdiffusion.image;

import java.util.Arrays;

/**
 * Grey values of any number of planes, for percentiles: exact for 8-bit and 16-bit values and for
 * up to 16 million 32-bit ones. Beyond that 32-bit values are counted in a million equal bins
 * between the least and the greatest.
 */
final class GreyHistogram {
  /** Most 32-bit values that are kept, and so most of which percentiles are exact. */
  static final int MOST_KEPT = 1 << 24;

  private static final int BINS = 1 << 20;

  private final int mostKept;
  private long[] counts;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private long finite;
  private float[] kept = new float[0];
  private final boolean binned;

  /**
   * @param values number of different grey values 0, 1, ..., or 0 for 32-bit ones
   */
  GreyHistogram(int values) {
    this(values, MOST_KEPT);
  }

  /**
   * @param values number of different grey values, or 0 for 32-bit ones
   * @param mostKept beyond so many 32-bit values they are counted in bins
   */
  GreyHistogram(int values, int mostKept) {
    this.mostKept = mostKept;
    counts = new long[values];
    binned = values > 0;
  }

  /** Whether planes must be shown to {@link #measure} before {@link #add}. */
  boolean needsMeasuring() {
    return !binned;
  }

  /** First round for 32-bit planes: how many values, from where to where. */
  void measure(Plane plane, int channel) {
    int n = plane.width() * plane.height();
    for (int i = 0; i < n; i++) {
      float v = plane.value(channel, i);
      if (Float.isFinite(v)) {
        finite++;
        min = Math.min(min, v);
        max = Math.max(max, v);
      }
    }
  }

  /** Counts the values of a channel; NaN and infinite ones do not count. */
  void add(Plane plane, int channel) {
    int n = plane.width() * plane.height();
    if (binned) {
      for (int i = 0; i < n; i++) {
        counts[(int) plane.value(channel, i)]++;
      }
      finite += n;
      return;
    }
    if (finite > mostKept) {
      if (counts.length == 0) {
        counts = new long[BINS];
      }
      double scale = (BINS - 1) / Math.max(max - min, Double.MIN_NORMAL);
      for (int i = 0; i < n; i++) {
        float v = plane.value(channel, i);
        if (Float.isFinite(v)) {
          counts[(int) Math.rint((v - min) * scale)]++;
        }
      }
      return;
    }
    int from = kept.length;
    float[] more = Arrays.copyOf(kept, from + n);
    for (int i = 0; i < n; i++) {
      float v = plane.value(channel, i);
      if (Float.isFinite(v)) {
        more[from++] = v;
      }
    }
    kept = Arrays.copyOf(more, from);
  }

  /** Whether there is a value at all. */
  boolean isEmpty() {
    return finite == 0;
  }

  /**
   * Value below which a share of all values lies, interpolated linearly between order statistics.
   *
   * @param percent 0 to 100
   */
  double percentile(double percent) {
    double position = percent / 100 * (finite - 1);
    long below = (long) Math.floor(position);
    long above = Math.min(finite - 1, below + 1);
    double low = ordered(below);
    return low + (position - below) * (ordered(above) - low);
  }

  private double ordered(long rank) {
    if (kept.length > 0) {
      Arrays.sort(kept);
      return kept[(int) rank];
    }
    long seen = 0;
    for (int bin = 0; bin < counts.length; bin++) {
      seen += counts[bin];
      if (seen > rank) {
        return binned ? bin : min + bin * ((max - min) / (BINS - 1));
      }
    }
    throw new IllegalStateException("No value of rank " + rank + " among " + finite);
  }
}
