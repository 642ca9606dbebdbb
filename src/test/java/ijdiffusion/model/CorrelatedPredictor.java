package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/**
 * The exact predictor for images of two correlated pixels, N(0, variance [[1, rho], [rho, 1]]): eps
 * = sigma C^-1 x, C = alpha^2 variance [[1, rho], [rho, 1]] + sigma^2 I. Shape (N, 1, 1, 2).
 */
public record CorrelatedPredictor(double variance, double rho) implements NoisePredictor {
  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    double s = level.sigma();
    double signal = level.alpha() * level.alpha() * variance;
    double diagonal = signal + s * s;
    double off = signal * rho;
    double det = diagonal * diagonal - off * off;
    float[] px = x.data();
    float[] eps = out.eps().data();
    for (int i = 0; i < eps.length; i += 2) {
      eps[i] = (float) (s * (diagonal * px[i] - off * px[i + 1]) / det);
      eps[i + 1] = (float) (s * (diagonal * px[i + 1] - off * px[i]) / det);
    }
    Parameterization.EPSILON.toPrediction(x, level, out);
  }
}
