package ijdiffusion.schedule;

/**
 * How much signal and noise a state holds: x_t = alpha x_0 + sigma eps, eps ~ N(0, 1).
 *
 * @param t the schedule's own time, as the network was trained with it: for a table of betas the
 *     0-based index (0 = least noise), for a ladder of sigmas the 0-based index (0 = most noise),
 *     for an SDE the time u in [0, 1]; -1 for the clean level
 * @param alpha signal scale, in (0, 1] for a variance-preserving schedule, 1 for an exploding one
 * @param sigma standard deviation of the noise, at least 0
 */
public record NoiseLevel(double t, double alpha, double sigma) {
  /** No noise at all: the end of every path. */
  public static final NoiseLevel CLEAN = new NoiseLevel(-1, 1, 0);

  public NoiseLevel {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("alpha is " + alpha + ", but must be from 0 to 1");
    }
    if (!(sigma >= 0)) {
      throw new IllegalArgumentException("sigma is " + sigma + ", but must be at least 0");
    }
  }

  /**
   * The level with alpha^2 + sigma^2 = 1 and a given ratio: alpha = 1 / sqrt(1 + ratio^2), sigma =
   * ratio alpha.
   *
   * @param t the schedule's own time
   * @param noiseToSignal sigma / alpha, at least 0; infinite for pure noise
   */
  public static NoiseLevel variancePreserving(double t, double noiseToSignal) {
    if (noiseToSignal == Double.POSITIVE_INFINITY) {
      return new NoiseLevel(t, 0, 1);
    }
    // hypot does not overflow for the last levels before a zero terminal signal
    double length = Math.hypot(1, noiseToSignal);
    return new NoiseLevel(t, 1 / length, noiseToSignal / length);
  }

  /** alpha-bar = alpha^2, the share of signal in the variance (variance-preserving levels). */
  public double alphaBar() {
    return alpha * alpha;
  }

  /** sigma / alpha: the noise beside a signal of scale 1; grows with the level on any schedule. */
  public double noiseToSignal() {
    return sigma / alpha;
  }

  /** Whether this level holds less noise, beside its signal, than another. */
  public boolean isCleanerThan(NoiseLevel other) {
    // products instead of quotients: alpha is 0 at the end of a zero-terminal-SNR schedule
    return sigma * other.alpha < other.sigma * alpha;
  }
}
