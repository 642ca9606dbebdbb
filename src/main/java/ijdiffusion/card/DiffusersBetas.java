package ijdiffusion.card;

import java.util.function.DoubleUnaryOperator;

/** The {@code beta_schedule} of diffusers: how it makes a table of betas. */
enum DiffusersBetas {
  /** beta evenly spaced. */
  LINEAR,
  /** sqrt(beta) evenly spaced. */
  SCALED_LINEAR,
  /** Nichol and Dhariwal 2021 (arXiv:2102.09672, equation 17), {@code cosine} in a model card. */
  SQUAREDCOS_CAP_V2,
  /** A logistic curve from -6 to 6. */
  SIGMOID,
  /** alpha-bar(u) = exp(-12 u). */
  EXP,
  /**
   * alpha-bar(u) = sqrt(r / (1 + r)), ln r = -sign(1/2 - u) ln(1 - 2 |1/2 - u| + 1e-6) / 2: a
   * Laplace distribution of the log signal-to-noise ratio (Hang et al. 2024, arXiv:2407.03297).
   */
  LAPLACE;

  private static final double LARGEST = 0.999;

  /**
   * The betas of a schedule.
   *
   * @param schedule how it is made
   * @param steps T
   * @param start first beta, where the schedule has one
   * @param end last beta, where the schedule has one
   */
  static double[] of(DiffusersBetas schedule, int steps, double start, double end) {
    return switch (schedule) {
      case LINEAR -> spaced(0, 1, steps, share -> start + share * (end - start));
      case SCALED_LINEAR -> {
        double first = Math.sqrt(start);
        double last = Math.sqrt(end);
        yield spaced(0, 1, steps, share -> Math.pow(first + share * (last - first), 2));
      }
      case SIGMOID -> spaced(-6, 6, steps, v -> start + (end - start) / (1 + Math.exp(-v)));
      case SQUAREDCOS_CAP_V2 ->
          ofSignal(steps, u -> Math.pow(Math.cos((u + 0.008) / 1.008 * Math.PI / 2), 2));
      case EXP -> ofSignal(steps, u -> Math.exp(-12 * u));
      case LAPLACE -> ofSignal(steps, DiffusersBetas::laplace);
    };
  }

  private static double laplace(double u) {
    double sign = Math.copySign(1, 0.5 - u);
    double ratio = Math.exp(-sign * Math.log(1 - 2 * Math.abs(0.5 - u) + 1e-6) / 2);
    return Math.sqrt(ratio / (1 + ratio));
  }

  private static double[] spaced(double from, double to, int steps, DoubleUnaryOperator beta) {
    double[] betas = new double[steps];
    for (int t = 0; t < steps; t++) {
      betas[t] = beta.applyAsDouble(from + t * ((to - from) / (steps - 1)));
    }
    return betas;
  }

  /** beta_t = 1 - alpha-bar((t + 1) / T) / alpha-bar(t / T), at most 0.999. */
  private static double[] ofSignal(int steps, DoubleUnaryOperator alphaBar) {
    double[] betas = new double[steps];
    for (int t = 0; t < steps; t++) {
      double before = alphaBar.applyAsDouble((double) t / steps);
      double after = alphaBar.applyAsDouble((t + 1.0) / steps);
      betas[t] = Math.min(1 - after / before, LARGEST);
    }
    return betas;
  }
}
