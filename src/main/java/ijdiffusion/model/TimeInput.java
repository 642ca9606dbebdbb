package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;

/** Which number tells the network how much noise its input holds. */
public enum TimeInput {
  /** The 0-based index on the training schedule, 0 = least noise. */
  INDEX {
    @Override
    public double value(NoiseLevel level) {
      return level.t();
    }
  },
  /** sqrt(alpha-bar) = alpha (SR3). */
  SQRT_ALPHA_BAR {
    @Override
    public double value(NoiseLevel level) {
      return level.alpha();
    }
  },
  /** alpha-bar (Palette). */
  ALPHA_BAR {
    @Override
    public double value(NoiseLevel level) {
      return level.alphaBar();
    }
  },
  /** sigma / alpha, the noise beside a signal of scale 1. */
  SIGMA {
    @Override
    public double value(NoiseLevel level) {
      return level.noiseToSignal();
    }
  };

  /** The number for a level. */
  public abstract double value(NoiseLevel level);
}
