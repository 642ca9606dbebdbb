package ijdiffusion.tensor;

/**
 * Standard normal noise, one draw after the other. A run asks for its draws in a fixed order, so a
 * source is used for one run and then dropped.
 */
@FunctionalInterface
public interface NoiseSource {
  /**
   * Fills a tensor with the next draw.
   *
   * @param z any shape; on return independent N(0, 1) values
   */
  void next(Tensor z);

  /**
   * Passes over a draw: what follows is as if it had been made.
   *
   * @param shape of the draw
   */
  default void skip(Shape shape) {
    next(new Tensor(shape));
  }
}
