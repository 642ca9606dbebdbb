package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/**
 * The exact predictor for images whose n pixels are N(mean, S): eps = sigma (alpha^2 S + sigma^2
 * I)^-1 (x - alpha mean). Shape (N, 1, H, W) with H W = n.
 */
public final class FieldPredictor implements NoisePredictor {
  private final double[] mean;
  private final double[][] covariance;

  /** The predictor for a mean and a covariance S, both kept, not copied. */
  public FieldPredictor(double[] mean, double[][] covariance) {
    this.mean = mean;
    this.covariance = covariance;
  }

  /** The mean. */
  public double[] mean() {
    return mean;
  }

  /** S. */
  public double[][] covariance() {
    return covariance;
  }

  /** Covariance variance rho^(|dy| + |dx|) of the pixels of an image. */
  public static double[][] autoregressive(double variance, double rho, int height, int width) {
    double[][] s = new double[height * width][height * width];
    for (int i = 0; i < s.length; i++) {
      for (int j = 0; j < s.length; j++) {
        int distance = Math.abs(i / width - j / width) + Math.abs(i % width - j % width);
        s[i][j] = variance * Math.pow(rho, distance);
      }
    }
    return s;
  }

  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    double[][] precision = Matrices.inverse(stateCovariance(level));
    int n = mean.length;
    double[] centred = new double[n];
    for (int start = 0; start < x.data().length; start += n) {
      for (int i = 0; i < n; i++) {
        centred[i] = x.data()[start + i] - level.alpha() * mean[i];
      }
      double[] solved = Matrices.times(precision, centred);
      for (int i = 0; i < n; i++) {
        out.eps().data()[start + i] = (float) (level.sigma() * solved[i]);
      }
    }
    Parameterization.EPSILON.toPrediction(x, level, out);
  }

  /** alpha^2 S + sigma^2 I. */
  public double[][] stateCovariance(NoiseLevel level) {
    return Matrices.sum(
        level.alpha() * level.alpha(),
        covariance,
        level.sigma() * level.sigma(),
        Matrices.identity(mean.length));
  }
}
