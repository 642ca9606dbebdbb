package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;

/**
 * One step of a forward process in discrete time, from a level s to the next noisier level t: x_t =
 * signal x_s + sqrt(variance) z.
 *
 * @param signal factor on the state; 1 for an exploding process
 * @param variance variance of the added noise, at least 0
 * @param ancestral variance of the noise that ancestral sampling adds on the way back, at least 0;
 *     NaN where no ancestral sampling is defined
 * @param langevin factor on the step size of Langevin correctors, in [0, 1]
 */
public record DiscreteStep(double signal, double variance, double ancestral, double langevin) {
  /** The step from a sigma to the next larger one beside a signal of scale 1. */
  static DiscreteStep exploding(double sigma, double below) {
    double variance = sigma * sigma - below * below;
    return new DiscreteStep(1, variance, variance * (below / sigma) * (below / sigma), 1);
  }

  /**
   * floor(u (N - 1)), the scale of a time; a rounding error below a whole number is that number.
   */
  static int scale(double u, int scales) {
    return (int) (DiffusionException.inRange("time of the SDE", u, 0, 1) * (scales - 1) + 1e-9);
  }
}
