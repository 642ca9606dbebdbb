package ijdiffusion.sampling;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;

/** A sampler at work on one state: workspace, and memory of earlier steps where it has any. */
public interface Solver {
  /**
   * One step of the reverse process, in place.
   *
   * @param x on entry the state at level t, on return at level s; (N, C, H, W)
   * @param t level of the state
   * @param s a cleaner level
   * @param noise gives the step's draws
   */
  void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise);

  /**
   * The clean image as the latest step's prediction saw it, (N, C, H, W); the solver's own buffer.
   */
  Tensor x0();

  /** Drops the memory of earlier steps; called when the state was changed by a jump. */
  default void forget() {}
}
