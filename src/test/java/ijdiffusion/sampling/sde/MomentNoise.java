package ijdiffusion.sampling.sde;

import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;
import java.util.SplittableRandom;

/**
 * Noise whose mean is 0, whose mean square is 1 and which is orthogonal to the state, all over the
 * pixels of the batch. A run that does the same linear thing to every pixel then has exactly the
 * mean and variance, taken over the pixels, that its random variables have: a few pixels do for
 * infinitely many samples.
 */
final class MomentNoise implements NoiseSource {
  private final Tensor state;
  private final SplittableRandom random = new SplittableRandom(7);
  private int draws;

  /**
   * @param state the tensor that the run works on, at least 3 pixels; looked at in each draw
   */
  MomentNoise(Tensor state) {
    this.state = state;
  }

  /** Half of the values at mean + sd, half at mean - sd. */
  static void start(Tensor x, double mean, double variance) {
    for (int i = 0; i < x.data().length; i++) {
      x.data()[i] = (float) (mean + (i % 2 == 0 ? 1 : -1) * Math.sqrt(variance));
    }
  }

  static double mean(Tensor x) {
    double sum = 0;
    for (float v : x.data()) {
      sum += v;
    }
    return sum / x.data().length;
  }

  static double variance(Tensor x) {
    double mean = mean(x);
    double sum = 0;
    for (float v : x.data()) {
      sum += (v - mean) * (v - mean);
    }
    return sum / x.data().length;
  }

  @Override
  public void next(Tensor z) {
    draws++;
    int n = z.data().length;
    double[] v = random.doubles(n, -1, 1).toArray();
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = state.data()[i] - mean(state);
    }
    double mean = 0;
    for (double value : v) {
      mean += value / n;
    }
    for (int i = 0; i < n; i++) {
      v[i] -= mean;
    }
    double share = dot(v, x) / dot(x, x);
    for (int i = 0; i < n; i++) {
      v[i] -= share * x[i];
    }
    double scale = Math.sqrt(n / dot(v, v));
    for (int i = 0; i < n; i++) {
      z.data()[i] = (float) (scale * v[i]);
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  int draws() {
    return draws;
  }
}
