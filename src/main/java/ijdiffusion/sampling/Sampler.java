package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.Trajectory;
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

  /**
   * Begins a run along a path. A sampler whose steps depend on what lies ahead, as the multistep
   * solvers that lower their order towards the end, looks at it; the others need not.
   *
   * @param predictor the network
   * @param shape (N, C, H, W) of the state
   * @param path levels of the whole run
   */
  default Solver begin(NoisePredictor predictor, Shape shape, Trajectory path) {
    return begin(predictor, shape);
  }

  /** Whether steps draw noise. */
  boolean isStochastic();
}
