package ijdiffusion.sampling;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;

/**
 * What is known about the result, imposed on the state along the way. Works in place; every method
 * does nothing unless overridden.
 */
public interface Constraint {
  /** Nothing is known. */
  Constraint NONE = new Constraint() {};

  /**
   * Before the network sees the state; not called before the very first prediction of a run, when
   * the state is pure noise.
   *
   * @param x the state at level t, (N, C, H, W)
   * @param t its level
   * @param noise gives the draws needed
   */
  default void beforePrediction(Tensor x, NoiseLevel t, NoiseSource noise) {}

  /**
   * After a sampler's step.
   *
   * @param x the state at level s, (N, C, H, W)
   * @param t level before the step
   * @param s level after the step
   * @param noise gives the draws needed
   */
  default void afterStep(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {}

  /**
   * At the end of the run.
   *
   * @param x0 the clean result, (N, C, H, W)
   */
  default void finish(Tensor x0) {}
}
