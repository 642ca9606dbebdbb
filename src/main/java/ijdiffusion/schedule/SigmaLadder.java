package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.List;

/**
 * A list of descending noise scales beside a signal that keeps its scale, x_t = x_0 + sigma_t eps,
 * as in NCSN (Song and Ermon 2019, arXiv:1907.05600). The time of a level is its index, 0 = the
 * <em>largest</em> sigma, the number that NCSN's networks take.
 */
public final class SigmaLadder implements NoiseSchedule {
  private final double[] sigmas;
  private final LogTable minusLogs;

  private SigmaLadder(double[] sigmas) {
    this.sigmas = sigmas;
    double[] logs = new double[sigmas.length];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = -Math.log(sigmas[i]);
    }
    this.minusLogs = new LogTable(logs);
  }

  /**
   * From explicit scales.
   *
   * @param sigmas in units of x_0, descending, each above 0; at least one
   */
  public static SigmaLadder of(double... sigmas) {
    if (sigmas.length == 0) {
      throw new DiffusionException("The ladder has no sigmas; it needs at least one.");
    }
    for (int i = 0; i < sigmas.length; i++) {
      double before = i == 0 ? Double.POSITIVE_INFINITY : sigmas[i - 1];
      if (!(sigmas[i] > 0 && sigmas[i] < before)) {
        throw new DiffusionException(
            "sigma["
                + i
                + "] of the ladder is "
                + sigmas[i]
                + ", but must be in (0, "
                + before
                + ").");
      }
    }
    return new SigmaLadder(sigmas.clone());
  }

  /**
   * A geometric ladder: sigma_i = max (min / max)^(i / (L - 1)). NCSN: 1 to 0.01, L = 10; NCSNv2
   * (Song and Ermon 2020, arXiv:2006.09011) on CIFAR-10: 50 to 0.01, L = 232.
   *
   * @param max first and largest sigma
   * @param min last and smallest sigma, above 0 and below {@code max}
   * @param count L, at least 2
   */
  public static SigmaLadder geometric(double max, double min, int count) {
    double[] sigmas = new double[DiffusionException.inRange("sigmas", count, 2, 100_000)];
    for (int i = 0; i < count; i++) {
      sigmas[i] = Math.exp(Math.log(max) + i * (Math.log(min) - Math.log(max)) / (count - 1));
    }
    return of(sigmas);
  }

  /**
   * The grid of Karras et al. 2022 (arXiv:2206.00364, equation 5): sigma_i = (max^(1/rho) + i / (n
   * - 1) (min^(1/rho) - max^(1/rho)))^rho. Their sampler's: 80 to 0.002, rho 7, n = 18. The paper's
   * final 0 is not in the list; {@link Trajectory#of} adds it. For a network trained on another
   * schedule take {@code schedule.levelsOf(ladder.sigmas())}.
   *
   * @param max first and largest sigma
   * @param min last and smallest sigma, above 0 and below {@code max}
   * @param rho above 0; the larger, the more levels lie at the clean end
   * @param count n, at least 2
   */
  public static SigmaLadder karras(double max, double min, double rho, int count) {
    if (!(rho > 0)) {
      throw new DiffusionException("rho is " + rho + ", but must be above 0.");
    }
    double[] sigmas = new double[DiffusionException.inRange("sigmas", count, 2, 100_000)];
    double first = Math.pow(max, 1 / rho);
    double last = Math.pow(min, 1 / rho);
    for (int i = 0; i < count; i++) {
      sigmas[i] = Math.pow(first + i / (count - 1.0) * (last - first), rho);
    }
    return of(sigmas);
  }

  /** L, the number of levels. */
  public int size() {
    return sigmas.length;
  }

  /** All sigmas, descending; a copy. */
  public double[] sigmas() {
    return sigmas.clone();
  }

  /** The last and smallest sigma. */
  public double smallest() {
    return sigmas[sigmas.length - 1];
  }

  /**
   * Level at index t, 0 (largest sigma) to L-1; a time between two indices is not on the ladder.
   */
  @Override
  public NoiseLevel level(double t) {
    int i = (int) t;
    if (i != t || i < 0 || i >= sigmas.length) {
      throw new IllegalArgumentException(
          "Time " + t + " is not on the ladder: an index from 0 to " + (sigmas.length - 1));
    }
    return new NoiseLevel(i, 1, sigmas[i]);
  }

  /** As described there; alpha is 1, and the time is a fractional index in [0, L-1]. */
  @Override
  public NoiseLevel levelOf(double noiseToSignal) {
    if (noiseToSignal == 0) {
      return NoiseLevel.CLEAN;
    }
    return new NoiseLevel(minusLogs.indexOf(-Math.log(noiseToSignal)), 1, noiseToSignal);
  }

  /** All levels, noisiest first, without the clean end. */
  public List<NoiseLevel> levels() {
    List<NoiseLevel> levels = new ArrayList<>(sigmas.length);
    for (int i = 0; i < sigmas.length; i++) {
      levels.add(level(i));
    }
    return List.copyOf(levels);
  }
}
