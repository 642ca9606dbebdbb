package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * A published way to bring a state closer to the distribution of its own noise level. Immutable; a
 * run has a {@link Correction}.
 */
public interface Corrector {
  /**
   * Begins a run: allocates what its moves need, once.
   *
   * @param predictor the network
   * @param shape (N, C, H, W) of the state
   */
  Correction begin(NoisePredictor predictor, Shape shape);

  /** A corrector at work on one state. */
  @FunctionalInterface
  interface Correction {
    /**
     * One move, in place: one network call and one draw.
     *
     * @param x a state at level t before and after, (N, C, H, W)
     * @param t its level
     * @param s the level that the sampler will step to afterwards, where the size of the move
     *     depends on it
     * @param noise gives the draw
     */
    void correct(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise);
  }
}
