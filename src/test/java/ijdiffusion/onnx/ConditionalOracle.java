package ijdiffusion.onnx;

import ijdiffusion.schedule.NoiseLevel;

/**
 * What the networks cond-* must say, in double precision: pixels are N(0.8 c + m, 0.04), so eps =
 * sigma (x - alpha (0.8 c + m)) / (0.04 alpha^2 + sigma^2).
 */
final class ConditionalOracle {
  private static final double GAIN = 0.8;
  static final double VARIANCE = 0.04;

  private ConditionalOracle() {}

  /** Mean of the pixels whose condition is c. */
  static double mean(double c, double m) {
    return GAIN * c + m;
  }

  /** eps by the condition and by alpha-bar as the network knows it. */
  static double eps(double x, double mean, double alphaBar) {
    double s = 1 - alphaBar;
    return Math.sqrt(s) * (x - Math.sqrt(alphaBar) * mean) / (VARIANCE * alphaBar + s);
  }

  /** alpha-bar of a level as a network knows it that is told a float of it. */
  static double told(String model, NoiseLevel level) {
    return switch (model) {
      case "cond-first", "cond-pairs" -> square((float) level.alpha());
      case "cond-last" -> (float) level.alphaBar();
      default -> level.alphaBar();
    };
  }

  private static double square(double v) {
    return v * v;
  }
}
