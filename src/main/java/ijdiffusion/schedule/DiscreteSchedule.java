package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A table of T variances beta_0 .. beta_(T-1), as in DDPM (Ho, Jain and Abbeel 2020,
 * arXiv:2006.11239, equation 4): alpha-bar_t = product over s up to t of (1 - beta_s), alpha_t =
 * sqrt(alpha-bar_t), sigma_t = sqrt(1 - alpha-bar_t). Indices count from 0; the paper's count from
 * 1.
 */
public final class DiscreteSchedule implements NoiseSchedule {
  /** Noise beside a signal of scale 1: outside, 32-bit states or 1 - alpha-bar lose too much. */
  private static final double SMALLEST_RATIO = 1e-6;

  private static final double LARGEST_RATIO = 1e6;

  private final double[] alphaBar;
  private final double[] sigma;
  private final LogTable logRatios;

  private DiscreteSchedule(double[] alphaBar) {
    this(alphaBar, Arrays.stream(alphaBar).map(a -> Math.sqrt(1 - a)).toArray());
  }

  private DiscreteSchedule(double[] alphaBar, double[] sigma) {
    this.alphaBar = alphaBar;
    this.sigma = sigma;
    double[] logs = new double[alphaBar.length];
    for (int t = 0; t < logs.length; t++) {
      logs[t] = Math.log(level(t).noiseToSignal());
    }
    this.logRatios = new LogTable(logs);
  }

  /**
   * From explicit variances.
   *
   * @param betas beta_0 .. beta_(T-1), each above 0 and below 1 (the last may be 1)
   */
  public static DiscreteSchedule ofBetas(double... betas) {
    if (betas.length == 0) {
      throw new DiffusionException("The noise schedule has no betas; it needs at least one.");
    }
    double[] alphaBar = new double[betas.length];
    double product = 1;
    for (int t = 0; t < betas.length; t++) {
      boolean last = t == betas.length - 1;
      if (!(betas[t] > 0 && (betas[t] < 1 || (last && betas[t] == 1)))) {
        throw new DiffusionException(
            "beta[" + t + "] of the noise schedule is " + betas[t] + ", but must be in (0, 1).");
      }
      product *= 1 - betas[t];
      alphaBar[t] = product;
    }
    return new DiscreteSchedule(alphaBar);
  }

  /**
   * Betas evenly spaced from {@code start} to {@code end}: beta_t = start + t (end - start) / (T -
   * 1). DDPM: 1e-4, 0.02, T = 1000, which gives alpha-bar_999 = 4.0358e-5.
   *
   * @param steps T, at least 2
   * @param start first beta
   * @param end last beta
   */
  public static DiscreteSchedule linear(int steps, double start, double end) {
    return ofBeta(steps, t -> start + t * ((end - start) / (steps - 1)));
  }

  /**
   * Square roots of beta evenly spaced: beta_t = (sqrt(start) + t (sqrt(end) - sqrt(start)) / (T -
   * 1))^2. Called quad in DDIM's code and scaled_linear in diffusers; latent diffusion (Rombach et
   * al. 2022, arXiv:2112.10752) was trained with 0.00085, 0.012, T = 1000.
   *
   * @param steps T, at least 2
   * @param start first beta, above 0
   * @param end last beta, below 1
   */
  public static DiscreteSchedule scaledLinear(int steps, double start, double end) {
    double first = Math.sqrt(start);
    double last = Math.sqrt(end);
    return ofBeta(steps, t -> square(first + t * ((last - first) / (steps - 1))));
  }

  /**
   * Betas along a logistic curve: beta_t = start + (end - start) / (1 + exp(-v_t)), v_t evenly
   * spaced from -6 to 6. From the code of DDIM (Song, Meng and Ermon 2021, arXiv:2010.02502).
   *
   * @param steps T, at least 2
   * @param start beta far to the left of the curve; the first is a little more
   * @param end beta far to the right of the curve; the last is a little less
   */
  public static DiscreteSchedule sigmoid(int steps, double start, double end) {
    return ofBeta(
        steps,
        t -> {
          double v = -6 + t * (12.0 / (steps - 1));
          return start + (end - start) / (1 + Math.exp(-v));
        });
  }

  /**
   * The same beta everywhere, one of the ablations of DDPM.
   *
   * @param steps T, at least 2
   * @param beta every beta, in (0, 1)
   */
  public static DiscreteSchedule constant(int steps, double beta) {
    return ofBeta(steps, t -> beta);
  }

  /**
   * From the noise beside a signal of scale 1, as variance-exploding models state it: x = x_0 + s
   * eps is sqrt(1 + s^2) times the state with alpha-bar = 1 / (1 + s^2), and a table holds those.
   *
   * @param sigmas s_0 .. s_(T-1), from 1e-6 to 1e6, each above the one before; the least noise
   *     first
   */
  public static DiscreteSchedule ofNoiseToSignal(double... sigmas) {
    if (sigmas.length == 0) {
      throw new DiffusionException("The noise schedule has no sigmas; it needs at least one.");
    }
    double[] alphaBar = new double[sigmas.length];
    double[] sigma = new double[sigmas.length];
    for (int t = 0; t < sigmas.length; t++) {
      double s = sigmas[t];
      DiffusionException.inRange("sigma[" + t + "]", s, SMALLEST_RATIO, LARGEST_RATIO);
      alphaBar[t] = 1 / (1 + s * s);
      // not sqrt(1 - alpha-bar), which has lost half of its digits where s is small
      sigma[t] = s / Math.hypot(1, s);
      if (t > 0 && !(s > sigmas[t - 1] && alphaBar[t] < alphaBar[t - 1])) {
        throw new DiffusionException(
            "sigma["
                + t
                + "] is "
                + s
                + ", but must be above sigma["
                + (t - 1)
                + "], which is "
                + sigmas[t - 1]
                + ": the least noise comes first.");
      }
    }
    return new DiscreteSchedule(alphaBar, sigma);
  }

  /**
   * Betas that rise evenly over the first part of the table and then stay: the first n = floor(T
   * fraction) go from {@code start} to {@code end}, all others are {@code end}. The warmup10 and
   * warmup50 of DDPM's code have fractions 0.1 and 0.5.
   *
   * @param steps T, at least 2
   * @param start first beta
   * @param end last beta
   * @param fraction share of the table that rises, in [0, 1]
   */
  public static DiscreteSchedule warmup(int steps, double start, double end, double fraction) {
    DiffusionException.inRange("fraction", fraction, 0, 1);
    int rising = (int) (steps * fraction);
    return ofBeta(
        steps, t -> t < rising ? start + t * (end - start) / Math.max(1, rising - 1) : end);
  }

  /**
   * beta_t = 1 / (T - t), that is alpha-bar_t = 1 - (t + 1) / T: after Sohl-Dickstein et al. 2015
   * (arXiv:1503.03585). The last level holds no signal at all.
   *
   * @param steps T, at least 2
   */
  public static DiscreteSchedule jsd(int steps) {
    return ofBeta(steps, t -> 1.0 / (steps - t));
  }

  /**
   * Nichol and Dhariwal 2021 (arXiv:2102.09672, equation 17): beta_t = min(1 - f((t + 1) / T) / f(t
   * / T), 0.999), f(u) = cos((u + 0.008) / 1.008 pi / 2)^2.
   *
   * @param steps T, at least 2
   */
  public static DiscreteSchedule cosine(int steps) {
    return ofBeta(steps, t -> Math.min(1 - cosineAt(t + 1.0, steps) / cosineAt(t, steps), 0.999));
  }

  private static double cosineAt(double t, int steps) {
    return square(Math.cos((t / steps + 0.008) / 1.008 * Math.PI / 2));
  }

  private static double square(double v) {
    return v * v;
  }

  private static DiscreteSchedule ofBeta(int steps, IntToDoubleFunction beta) {
    DiffusionException.inRange("steps of the noise schedule", steps, 2, 100_000);
    return ofBetas(IntStream.range(0, steps).mapToDouble(beta).toArray());
  }

  /**
   * This schedule with its last level made pure noise (Lin, Liu, Li and Yang 2024,
   * arXiv:2305.08891, algorithm 1): sqrt(alpha-bar_t) is shifted and stretched so that the first
   * stays and the last is 0,
   *
   * <pre>
   * a'_t = (a_t - a_(T-1)) a_0 / (a_0 - a_(T-1)),  a_t = sqrt(alpha-bar_t)
   * </pre>
   *
   * <p>Of the parametrisations, eps says nothing at the last level; use it with v or x_0.
   */
  public DiscreteSchedule zeroTerminalSnr() {
    DiffusionException.inRange("levels of the noise schedule", size(), 2, Integer.MAX_VALUE);
    double first = Math.sqrt(alphaBar[0]);
    double last = Math.sqrt(alphaBar[size() - 1]);
    double[] rescaled = new double[size()];
    for (int t = 0; t < rescaled.length; t++) {
      rescaled[t] = square((Math.sqrt(alphaBar[t]) - last) * (first / (first - last)));
    }
    return new DiscreteSchedule(rescaled);
  }

  /** T, the number of levels. */
  public int size() {
    return alphaBar.length;
  }

  /**
   * alpha-bar at an index.
   *
   * @param t -1 (clean: 1) to T-1
   */
  public double alphaBar(int t) {
    return t == -1 ? 1 : alphaBar[t];
  }

  /** Level at index t, -1 (clean) to T-1; a time between two indices is not on the table. */
  @Override
  public NoiseLevel level(double t) {
    int i = (int) t;
    if (i != t || i < -1 || i >= alphaBar.length) {
      throw new IllegalArgumentException(
          "Time " + t + " is not on the schedule: an index from -1 to " + (alphaBar.length - 1));
    }
    if (i == -1) {
      return NoiseLevel.CLEAN;
    }
    return new NoiseLevel(i, Math.sqrt(alphaBar[i]), sigma[i]);
  }

  /** As described there; alpha^2 + sigma^2 = 1, and the time is a fractional index in [0, T-1]. */
  @Override
  public NoiseLevel levelOf(double noiseToSignal) {
    if (noiseToSignal == 0) {
      return NoiseLevel.CLEAN;
    }
    double t = logRatios.indexOf(Math.log(noiseToSignal));
    return NoiseLevel.variancePreserving(t, noiseToSignal);
  }

  /**
   * The levels at some indices, noisiest first, without the clean end.
   *
   * @param grid visited indices, ascending, see {@link TimeGrid}
   */
  public List<NoiseLevel> levels(int... grid) {
    List<NoiseLevel> levels = new ArrayList<>(grid.length);
    for (int k = grid.length - 1; k >= 0; k--) {
      levels.add(level(grid[k]));
    }
    return List.copyOf(levels);
  }
}
