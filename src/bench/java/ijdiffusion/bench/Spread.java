package ijdiffusion.bench;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Median and quartiles of something measured several times.
 *
 * @param lower quartile
 * @param median middle
 * @param upper quartile
 */
record Spread(double lower, double median, double upper) {
  /** Quartiles by straight lines between neighbours. */
  static Spread of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Spread(quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75));
  }

  /** Of the values divided one by one, as both of a pair were measured in one round. */
  static Spread ofRatios(double[] values, double[] by) {
    double[] ratios = new double[values.length];
    Arrays.setAll(ratios, i -> values[i] / by[i]);
    return of(ratios);
  }

  /** The same in another unit. */
  Spread in(DoubleUnaryOperator unit) {
    return new Spread(
        unit.applyAsDouble(lower), unit.applyAsDouble(median), unit.applyAsDouble(upper));
  }

  private static double quantile(double[] sorted, double p) {
    double place = p * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
