package ijdiffusion.study;

import ijdiffusion.model.MixturePredictor;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import org.hipparchus.special.Erf;

/**
 * The distribution that a {@link MixturePredictor} is exact for, and how far samples are from it.
 */
final class Mixture {
  private final MixturePredictor predictor;
  private final double[] quantiles;

  /**
   * Finds the quantiles of (i + 1/2) / n by bisection.
   *
   * @param predictor gives weights, means and variance
   * @param n number of samples that will be compared
   */
  Mixture(MixturePredictor predictor, int n) {
    this.predictor = predictor;
    this.quantiles = new double[n];
    for (int i = 0; i < n; i++) {
      quantiles[i] = quantile((i + 0.5) / n);
    }
  }

  private double quantile(double p) {
    double low = -5;
    double high = 5;
    while (high - low > 1e-12) {
      double middle = (low + high) / 2;
      if (below(middle) < p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }

  private double below(double x) {
    double scale = Math.sqrt(2 * predictor.variance());
    return predictor.weight() * Erf.erfc((predictor.mean1() - x) / scale) / 2
        + (1 - predictor.weight()) * Erf.erfc((predictor.mean2() - x) / scale) / 2;
  }

  /** The Wasserstein-1 distance: mean difference of sorted samples and quantiles. */
  double distance(Tensor samples) {
    float[] sorted = samples.data().clone();
    Arrays.sort(sorted);
    double sum = 0;
    for (int i = 0; i < sorted.length; i++) {
      sum += Math.abs(sorted[i] - quantiles[i]);
    }
    return sum / sorted.length;
  }

  /** The quantiles, one a pixel, ascending. */
  Tensor quantiles(Shape shape) {
    Tensor x = new Tensor(shape);
    for (int i = 0; i < quantiles.length; i++) {
      x.data()[i] = (float) quantiles[i];
    }
    return x;
  }

  /** The quantiles of N(0, 1) at (i + 1/2) / n, one a pixel, ascending. */
  static Tensor normalQuantiles(Shape shape) {
    Tensor x = new Tensor(shape);
    int n = shape.size();
    for (int i = 0; i < n; i++) {
      x.data()[i] = (float) normalQuantile((i + 0.5) / n);
    }
    return x;
  }

  /** The quantile of N(0, 1). */
  static double normalQuantile(double p) {
    return Math.sqrt(2) * Erf.erfInv(2 * p - 1);
  }
}
