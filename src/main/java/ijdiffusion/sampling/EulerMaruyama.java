package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.Sde;
import ijdiffusion.tensor.Shape;

/**
 * The Euler-Maruyama predictor of Song et al. 2021 (arXiv:2011.13456, section 4.1) for VE, VP and
 * sub-VP: one step of length 1/N back along dx = (f - g^2 score) du + g dw,
 *
 * <pre>
 * mean = x - (f(u) x - g(u)^2 score) / N,   score = -eps / sigma
 * x_s  = mean + g(u) sqrt(1/N) z
 * </pre>
 *
 * <p>With probability flow the score counts half and no noise is added. As in the authors' code the
 * step is 1/N whatever the next level, and the step to a clean level returns the mean.
 *
 * @param sde the forward process; levels of the run are {@code sde.levels(scales)}
 * @param scales N, at least 1
 * @param probabilityFlow whether to follow the probability-flow ODE instead of the SDE
 */
public record EulerMaruyama(Sde sde, int scales, boolean probabilityFlow) implements Sampler {
  public EulerMaruyama {
    DiffusionException.inRange("scales", scales, 1, 100_000);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new ScoreSolver((t, s) -> coefficients(t.t()), predictor, shape);
  }

  private ScoreStep coefficients(double u) {
    double state = 1 - sde.drift(u) / scales;
    double g = sde.diffusion(u);
    double variance = g * g / scales;
    return probabilityFlow
        ? new ScoreStep(state, variance / 2, 0)
        : new ScoreStep(state, variance, Math.sqrt(variance));
  }

  @Override
  public boolean isStochastic() {
    return !probabilityFlow;
  }
}
