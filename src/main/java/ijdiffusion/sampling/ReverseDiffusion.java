package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.DiscreteStep;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;

/**
 * The reverse diffusion predictor of Song et al. 2021 (arXiv:2011.13456, equation 46; algorithms 2
 * and 3): the reverse-time SDE, cut into steps in the same way as the forward one. If that is x_t =
 * signal x_s + sqrt(variance) z, then
 *
 * <pre>
 * mean = (2 - signal) x_t + variance score,   score = -eps / sigma_t
 * x_s  = mean + sqrt(variance) z
 * </pre>
 *
 * <p>For VE this is mean = x + (sigma_t^2 - sigma_s^2) score, for VP mean = (2 - sqrt(1 - beta)) x
 * + beta score. With probability flow the score counts half and no noise is added. The step to a
 * clean level returns the mean.
 *
 * @param steps how the forward process is cut; {@link Discretization#of} for the authors' numbers
 *     of an SDE, {@link Discretization#ofLevels} for any schedule
 * @param probabilityFlow whether to follow the probability-flow ODE instead of the SDE
 */
public record ReverseDiffusion(Discretization steps, boolean probabilityFlow) implements Sampler {
  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new ScoreSolver(this::coefficients, predictor, shape);
  }

  private ScoreStep coefficients(NoiseLevel t, NoiseLevel s) {
    DiscreteStep forward = steps.step(t, s);
    double state = 2 - forward.signal();
    return probabilityFlow
        ? new ScoreStep(state, forward.variance() / 2, 0)
        : new ScoreStep(state, forward.variance(), Math.sqrt(forward.variance()));
  }

  @Override
  public boolean isStochastic() {
    return !probabilityFlow;
  }
}
