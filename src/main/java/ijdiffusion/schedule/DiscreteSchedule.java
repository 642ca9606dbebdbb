package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;

/**
 * A table of T variances beta_0 .. beta_(T-1), as in DDPM (Ho, Jain and Abbeel 2020,
 * arXiv:2006.11239, equation 4): alpha-bar_t = product over s up to t of (1 - beta_s), alpha_t =
 * sqrt(alpha-bar_t), sigma_t = sqrt(1 - alpha-bar_t). Indices count from 0; the paper's count from 1.
 */
public final class DiscreteSchedule implements NoiseSchedule {
  private final double[] alphaBar;

  private DiscreteSchedule(double[] alphaBar) {
    this.alphaBar = alphaBar;
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
   * Betas evenly spaced from {@code start} to {@code end}: beta_t = start + t (end - start) / (T - 1).
   * DDPM: 1e-4, 0.02, T = 1000, which gives alpha-bar_999 = 4.0358e-5.
   *
   * @param steps T, at least 2
   * @param start first beta
   * @param end last beta
   */
  public static DiscreteSchedule linear(int steps, double start, double end) {
    DiffusionException.inRange("steps of the noise schedule", steps, 2, 100_000);
    double[] betas = new double[steps];
    for (int t = 0; t < steps; t++) {
      betas[t] = start + t * ((end - start) / (steps - 1));
    }
    return ofBetas(betas);
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
    return new NoiseLevel(i, Math.sqrt(alphaBar[i]), Math.sqrt(1 - alphaBar[i]));
  }
}
