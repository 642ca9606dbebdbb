package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.tensor.Shape;

/** A published way to step from one noise level to a cleaner one. Immutable; a run has a solver. */
public interface Sampler {
  /**
   * Begins a run: allocates what its steps need, once.
   *
   * @param predictor the network
   * @param shape (N, C, H, W) of the state
   */
  Solver begin(NoisePredictor predictor, Shape shape);

  /** Whether steps draw noise. */
  boolean isStochastic();
}
