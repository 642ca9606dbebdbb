package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;

/**
 * beta(u) = min + u (max - min), u in [0, 1], with what both variance-preserving SDEs derive from
 * it. Their signal is the same: log alpha(u) = -1/2 integral of beta from 0 to u.
 */
record BetaRamp(double min, double max) {
  BetaRamp {
    if (!(min > 0)) {
      throw new DiffusionException("betaMin is " + min + ", but must be above 0.");
    }
    if (!(max >= min && max < Double.POSITIVE_INFINITY)) {
      throw new DiffusionException(
          "betaMax is " + max + ", but must be at least betaMin, " + min + ", and finite.");
    }
  }

  double at(double u) {
    return min + u * (max - min);
  }

  double logAlpha(double u) {
    return -u * u * (max - min) / 4 - u * min / 2;
  }

  /** The time at which alpha has a value: the root of {@link #logAlpha}, limited to [0, 1]. */
  double timeOf(double logAlpha) {
    if (logAlpha <= logAlpha(1)) {
      return 1;
    }
    // the usual root of a quadratic multiplied out, so that equal ends need no case of their own
    double u = -4 * logAlpha / (min + Math.sqrt(min * min - 4 * (max - min) * logAlpha));
    return Math.min(1, u);
  }

  /** beta_i of n: evenly spaced from min / n to max / n. */
  double discrete(int i, int n) {
    if (!(n > max)) {
      throw new DiffusionException(
          "steps is "
              + n
              + ", but must be above betaMax, "
              + max
              + ": else a discrete beta is not below 1.");
    }
    return n == 1 ? min : (min + i * ((max - min) / (n - 1))) / n;
  }
}
