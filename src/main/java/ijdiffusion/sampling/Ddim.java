package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * DDIM (Song, Meng and Ermon 2021, arXiv:2010.02502, equations 12 and 16):
 *
 * <pre>
 * std = eta (sigma_s / sigma_t) sqrt(sigma_t^2 - (alpha_t / alpha_s)^2 sigma_s^2)
 * x_s = alpha_s x_0 + sqrt(sigma_s^2 - std^2) eps + std z
 * </pre>
 *
 * <p>eta = 0 is deterministic, Euler's method for the probability-flow ODE in sigma / alpha; eta =
 * 1 is {@link Ddpm} with fixed small variance.
 *
 * @param eta share of the ancestral noise, in [0, 1]
 */
public record Ddim(double eta) implements Sampler {
  public Ddim {
    DiffusionException.inRange("eta", eta, 0, 1);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new Steps(eta, predictor, shape);
  }

  @Override
  public boolean isStochastic() {
    return eta > 0;
  }

  private static final class Steps implements Solver {
    private final double eta;
    private final NoisePredictor predictor;
    private final Prediction prediction;

    Steps(double eta, NoisePredictor predictor, Shape shape) {
      this.eta = eta;
      this.predictor = predictor;
      this.prediction = new Prediction(shape, predictor.predictsVariance());
    }

    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      predictor.predict(x, t, prediction);
      double ratio = t.alpha() / s.alpha();
      double beta = t.sigma() * t.sigma() - ratio * ratio * s.sigma() * s.sigma();
      double std = eta * s.sigma() / t.sigma() * Math.sqrt(beta);
      double direction = Math.sqrt(s.sigma() * s.sigma() - std * std);
      x.setSum(s.alpha(), prediction.x0(), direction, prediction.eps());
      if (std > 0) {
        Tensor z = prediction.eps(); // no longer needed
        noise.next(z);
        x.setSum(1, x, std, z);
      }
    }

    @Override
    public Tensor x0() {
      return prediction.x0();
    }
  }
}
