package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.DiscreteStep;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.SubVpSde;
import ijdiffusion.tensor.Shape;

/**
 * The ancestral sampling predictor of Song et al. 2021 (arXiv:2011.13456, equation 4 for VP and 47
 * for VE). If the forward step is x_t = signal x_s + sqrt(variance) z, then
 *
 * <pre>
 * mean = (x_t + variance score) / signal,   score = -eps / sigma_t
 * x_s  = mean + std z
 * VE: variance = sigma_t^2 - sigma_s^2, std = sigma_s sqrt(variance) / sigma_t   (SMLD)
 * VP: variance = beta, std = sqrt(beta)                                (DDPM, fixed large)
 * </pre>
 *
 * <p>The step to a clean level returns the mean. There is no probability flow, and no such sampler
 * for the authors' steps of the sub-VP SDE.
 *
 * @param steps how the forward process is cut; {@link Discretization#of} for the authors' numbers
 *     of an SDE, {@link Discretization#ofLevels} for any schedule
 */
public record Ancestral(Discretization steps) implements Sampler {
  public Ancestral {
    if (steps instanceof Discretization.Scales scales && scales.sde() instanceof SubVpSde) {
      throw new IllegalArgumentException(
          "Ancestral sampling is not defined for the steps of " + scales.sde());
    }
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new ScoreSolver(this::coefficients, predictor, shape);
  }

  private ScoreStep coefficients(NoiseLevel t, NoiseLevel s) {
    DiscreteStep forward = steps.step(t, s);
    return new ScoreStep(
        1 / forward.signal(),
        forward.variance() / forward.signal(),
        Math.sqrt(forward.ancestral()));
  }

  @Override
  public boolean isStochastic() {
    return true;
  }
}
