package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/**
 * The exact predictor for images whose pixels are independent and drawn from a mixture of two
 * normals of the same variance: {@code weight} N(mean1, variance) + (1 - weight) N(mean2,
 * variance).
 */
public record MixturePredictor(double weight, double mean1, double mean2, double variance)
    implements NoisePredictor {

  /** 0.3 N(-0.5, 0.01) + 0.7 N(0.5, 0.01), the mixture of the reference numbers. */
  public static final MixturePredictor REFERENCE = new MixturePredictor(0.3, -0.5, 0.5, 0.01);

  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    double a = level.alpha();
    double s = level.sigma();
    double v = a * a * variance + s * s;
    double prior = Math.log((1 - weight) / weight);
    float[] px = x.data();
    float[] eps = out.eps().data();
    for (int i = 0; i < eps.length; i++) {
      double d1 = px[i] - a * mean1;
      double d2 = px[i] - a * mean2;
      double first = 1 / (1 + Math.exp(prior + (d1 * d1 - d2 * d2) / (2 * v)));
      eps[i] = (float) (s * (first * d1 + (1 - first) * d2) / v);
    }
    Parameterization.EPSILON.toPrediction(x, level, out);
  }
}
