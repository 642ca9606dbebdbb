package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;
import java.util.Arrays;
import java.util.function.DoubleFunction;

/**
 * Families of short noise schedules with one free number, which is found such that the last level
 * has a given alpha-bar: prod (1 - beta_i) = alpha-bar (San-Roman, Nachmani and Wolf 2021,
 * arXiv:2104.02600). The paper solves to first order in beta; here the number is bisected, so that
 * the product is exact. Betas are limited to [1e-8, 0.999].
 */
public enum BetaFamily {
  /** beta_i = beta_0 + i x. */
  LINEAR {
    @Override
    void fill(double[] betas, double first, double x) {
      for (int i = 0; i < betas.length; i++) {
        betas[i] = first + i * x;
      }
    }
  },
  /** beta_i = beta_(i-1) + beta_(i-2), beta_1 = beta_0 + x. */
  FIBONACCI {
    @Override
    void fill(double[] betas, double first, double x) {
      betas[0] = first;
      betas[1] = first + x;
      for (int i = 2; i < betas.length; i++) {
        betas[i] = betas[i - 1] + betas[i - 2];
      }
    }
  };

  private static final double SMALLEST = 1e-8;
  private static final double LARGEST = 0.999;

  /** Sets all betas; there are at least 2. */
  abstract void fill(double[] betas, double first, double x);

  /**
   * The schedule with an alpha-bar at its end. beta_0 is the one given and x at least 0; where even
   * x = 0 would make too much noise, x is 0 and beta_0 less. A schedule of one step has the beta 1
   * - alpha-bar. Where no betas within the limits make that alpha-bar, those that come nearest do.
   *
   * @param alphaBar at the last level; from 1e-6 to 1 - 1e-6
   * @param steps number of betas, at least 1
   * @param first beta_0, from 1e-8 to 0.999
   */
  public DiscreteSchedule schedule(double alphaBar, int steps, double first) {
    DiffusionException.inRange("alphaBar", alphaBar, 1e-6, 1 - 1e-6);
    DiffusionException.inRange("steps", steps, 1, 100_000);
    DiffusionException.inRange("first beta", first, SMALLEST, LARGEST);
    if (steps == 1) {
      return DiscreteSchedule.ofBetas(1 - alphaBar);
    }
    if (logAlphaBar(betas(steps, first, 0)) > Math.log(alphaBar)) {
      return solve(x -> betas(steps, first, x), 0, 1, alphaBar);
    }
    return solve(b -> betas(steps, b, 0), SMALLEST, first, alphaBar);
  }

  private double[] betas(int steps, double first, double x) {
    double[] betas = new double[steps];
    fill(betas, first, x);
    for (int i = 0; i < betas.length; i++) {
      betas[i] = Math.min(LARGEST, Math.max(SMALLEST, betas[i]));
    }
    return betas;
  }

  /** Bisects the number, which alpha-bar falls with, down to neighbouring doubles. */
  private static DiscreteSchedule solve(
      DoubleFunction<double[]> betas, double low, double high, double alphaBar) {
    double wanted = Math.log(alphaBar);
    double below = low;
    double above = high;
    while (true) {
      double middle = (below + above) / 2;
      if (middle <= below || middle >= above) {
        return DiscreteSchedule.ofBetas(betas.apply(above));
      }
      if (logAlphaBar(betas.apply(middle)) > wanted) {
        below = middle;
      } else {
        above = middle;
      }
    }
  }

  private static double logAlphaBar(double[] betas) {
    return Arrays.stream(betas).map(beta -> Math.log1p(-beta)).sum();
  }
}
