package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Ancestral sampling of DDPM (Ho, Jain and Abbeel 2020, arXiv:2006.11239, algorithm 2), written for
 * any two levels t and s:
 *
 * <pre>
 * beta = sigma_t^2 - (alpha_t / alpha_s)^2 sigma_s^2
 * x_s  = (alpha_s beta x_0 + (alpha_t / alpha_s) sigma_s^2 x_t) / sigma_t^2 + sqrt(variance) z
 * </pre>
 *
 * <p>With neighbouring levels of a variance-preserving schedule this is the paper's posterior,
 * equation 7. The mean uses the predicted x_0, so that clipping works as in the authors' code; the
 * paper's algorithm 2 is the same without clipping. No noise is added when s is clean.
 *
 * @param variance which variance the noise has
 */
public record Ddpm(VarianceType variance) implements Sampler {
  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    if (variance.isLearned() && !predictor.predictsVariance()) {
      throw new IllegalArgumentException("Variance " + variance + ", but the network gives none");
    }
    return new Steps(variance, predictor, shape);
  }

  @Override
  public boolean isStochastic() {
    return true;
  }

  private static final class Steps implements Solver {
    private final VarianceType variance;
    private final NoisePredictor predictor;
    private final Prediction prediction;

    Steps(VarianceType variance, NoisePredictor predictor, Shape shape) {
      this.variance = variance;
      this.predictor = predictor;
      this.prediction = new Prediction(shape, predictor.predictsVariance());
    }

    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      predictor.predict(x, t, prediction);
      double ratio = t.alpha() / s.alpha();
      double varT = t.sigma() * t.sigma();
      double varS = s.sigma() * s.sigma();
      double beta = varT - ratio * ratio * varS;
      x.setSum(s.alpha() * beta / varT, prediction.x0(), ratio * varS / varT, x);
      if (varS == 0) {
        return;
      }
      Tensor z = prediction.eps(); // not needed, the mean is made of x_0
      noise.next(z);
      double small = beta * varS / varT;
      switch (variance) {
        case FIXED_SMALL -> x.setSum(1, x, Math.sqrt(small), z);
        case FIXED_LARGE -> x.setSum(1, x, Math.sqrt(beta), z);
        case LEARNED -> addLearned(x, 0, 0.5, z);
        case LEARNED_RANGE ->
            // log standard deviation = (log beta + log small) / 4 + v (log beta - log small) / 4
            addLearned(x, Math.log(beta * small) / 4, Math.log(beta / small) / 4, z);
      }
    }

    /** Adds exp(offset + slope v) z, v the network's own output. */
    private void addLearned(Tensor x, double offset, double slope, Tensor z) {
      float[] px = x.data();
      float[] pz = z.data();
      float[] v = prediction.variance().data();
      for (int i = 0; i < px.length; i++) {
        px[i] += (float) Math.exp(offset + slope * v[i]) * pz[i];
      }
    }

    @Override
    public Tensor x0() {
      return prediction.x0();
    }
  }
}
