package ijdiffusion.model;

import ijdiffusion.tensor.Tensor;

/**
 * A network that says how noisy a variance-preserving state is, from the state alone (San-Roman,
 * Nachmani and Wolf 2021, arXiv:2104.02600).
 */
@FunctionalInterface
public interface NoiseLevelNetwork {
  /** What the number means that a network gives for each image. */
  enum Output {
    /** ln(1 - alpha-bar), what the paper's loss compares. */
    LOG_ONE_MINUS_ALPHA_BAR {
      @Override
      public double alphaBar(double value) {
        return -Math.expm1(value);
      }
    },
    /** alpha-bar. */
    ALPHA_BAR {
      @Override
      public double alphaBar(double value) {
        return value;
      }
    },
    /** sqrt(alpha-bar). */
    SQRT_ALPHA_BAR {
      @Override
      public double alphaBar(double value) {
        return value * Math.abs(value);
      }
    };

    /**
     * Alpha-bar from the network's number. A network may be off the mark, so neither is limited:
     * what cannot be stays outside [0, 1].
     */
    public abstract double alphaBar(double value);
  }

  /**
   * Estimates levels.
   *
   * @param x states sqrt(alpha-bar) x_0 + sqrt(1 - alpha-bar) eps, (N, C, H, W); left as they are
   * @return alpha-bar of each of the N images, 1 for no noise; not limited to [0, 1]
   */
  double[] alphaBars(Tensor x);
}
