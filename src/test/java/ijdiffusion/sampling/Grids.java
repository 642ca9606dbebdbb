package ijdiffusion.sampling;

import ijdiffusion.schedule.DiscreteSchedule;

/** Time grids and a schedule of other programs, ascending, for comparisons with their numbers. */
final class Grids {
  private Grids() {}

  static int[] of(String spacing, int trained, int n) {
    return switch (spacing) {
      case "leading" -> leading(trained, n);
      case "trailing" -> trailing(trained, n);
      case "linspace" -> linspace(trained, n);
      default -> throw new IllegalArgumentException(spacing);
    };
  }

  /** k (T / n), in whole numbers. */
  static int[] leading(int trained, int n) {
    int[] grid = new int[n];
    for (int k = 0; k < n; k++) {
      grid[k] = k * (trained / n);
    }
    return grid;
  }

  /** rint(T - k T / n) - 1 counted from the noisy end. */
  static int[] trailing(int trained, int n) {
    int[] grid = new int[n];
    for (int k = 0; k < n; k++) {
      grid[n - 1 - k] = (int) Math.rint(trained - k * ((double) trained / n)) - 1;
    }
    return grid;
  }

  /** rint(k (T - 1) / (n - 1)). */
  static int[] linspace(int trained, int n) {
    int[] grid = new int[n];
    for (int k = 0; k < n; k++) {
      grid[k] = (int) Math.rint(k * (trained - 1.0) / (n - 1));
    }
    return grid;
  }

  /** Nichol and Dhariwal's cosine schedule. */
  static DiscreteSchedule cosine(int steps) {
    double[] betas = new double[steps];
    for (int t = 0; t < steps; t++) {
      betas[t] = Math.min(1 - cosine(t + 1, steps) / cosine(t, steps), 0.999);
    }
    return DiscreteSchedule.ofBetas(betas);
  }

  private static double cosine(int t, int steps) {
    return Math.pow(Math.cos(((double) t / steps + 0.008) / 1.008 * Math.PI / 2), 2);
  }
}
