package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/**
 * The exact predictor for images whose pixels are independent N(mean, variance): eps = sigma (x -
 * alpha mean) / (alpha^2 variance + sigma^2).
 */
public record GaussianPredictor(double mean, double variance) implements NoisePredictor {
  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    double a = level.alpha();
    double s = level.sigma();
    double gain = s / (a * a * variance + s * s);
    float[] px = x.data();
    float[] eps = out.eps().data();
    for (int i = 0; i < eps.length; i++) {
      eps[i] = (float) (gain * (px[i] - a * mean));
    }
    Parameterization.EPSILON.toPrediction(x, level, out);
  }
}
