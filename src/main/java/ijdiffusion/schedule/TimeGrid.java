package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;

/**
 * Which of a table's T indices a run visits. All methods give ascending indices without repetition;
 * roundings are half-even, as in the references.
 */
public final class TimeGrid {
  private TimeGrid() {}

  /**
   * Evenly spaced indices that include 0 and T-1: index k is rint(k (T-1) / (n-1)), summed up step
   * by step. The respacing "n" of Nichol and Dhariwal 2021 (arXiv:2102.09672), section 4.
   *
   * @param trained T, levels of the schedule
   * @param steps n, from 1 to T
   */
  public static int[] respaced(int trained, int steps) {
    DiffusionException.inRange("steps", steps, 1, trained);
    return section(0, trained, steps);
  }

  private static int[] section(int start, int size, int count) {
    double stride = count <= 1 ? 1 : (size - 1) / (double) (count - 1);
    int[] taken = new int[count];
    double current = 0;
    for (int k = 0; k < count; k++) {
      taken[k] = start + (int) Math.rint(current);
      current += stride;
    }
    return taken;
  }
}
