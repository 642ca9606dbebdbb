package ijdiffusion.card;

import ijdiffusion.schedule.NoiseLevel;

/**
 * A second network that estimates how much noise a state holds (San-Roman, Nachmani and Wolf 2021,
 * arXiv:2104.02600): float32 (N, C, H, W) to (N) or (N, 1).
 *
 * @param weights its ONNX file
 * @param input name of its input
 * @param output name of its output
 * @param meaning the number that comes out
 * @param family the schedules that the rest of a run is chosen from
 */
public record NoiseEstimator(
    Weights weights, String input, String output, Meaning meaning, Family family) {
  /** The number that comes out, for each image. */
  public enum Meaning {
    /** alpha-bar, see {@link NoiseLevel#alphaBar()}. */
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
        return value * value;
      }
    },
    /** ln(1 - alpha-bar), the paper's. */
    LOG_ONE_MINUS_ALPHA_BAR {
      @Override
      public double alphaBar(double value) {
        return -Math.expm1(value);
      }
    };

    /**
     * alpha-bar by the network's number. An estimate may leave [0, 1]; it is not limited here.
     *
     * @param value what the network said
     */
    public abstract double alphaBar(double value);
  }

  /** Schedules of few parameters, one of which the estimate decides. */
  public enum Family {
    /** beta_i = beta_0 + i x. */
    LINEAR,
    /** beta_i = beta_(i-1) + beta_(i-2). */
    FIBONACCI
  }
}
