package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;
import java.util.Arrays;

/**
 * Which of a table's T indices a run visits. All methods give ascending indices without repetition,
 * where diffusers lists them descending; roundings are half-even, as in the references. {@link
 * DiscreteSchedule#levels} turns a grid into levels.
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

  /**
   * The respacing strings of the guided-diffusion code. "n1,n2,.." cuts the T indices into as many
   * sections, the first ones longer by one where T does not divide, and takes n_i evenly spaced
   * ones of section i, its first and last included. "ddimN" takes every i-th index from 0 with the
   * smallest stride i that gives exactly N of them.
   *
   * @param trained T, levels of the schedule
   * @param steps for instance "250", "10,15,20" or "ddim50"
   */
  public static int[] respaced(int trained, String steps) {
    String text = steps.strip();
    if (text.startsWith("ddim")) {
      return strided(trained, count(text.substring("ddim".length()), steps));
    }
    String[] counts = text.split(",", -1);
    int size = trained / counts.length;
    int longer = trained % counts.length;
    int[] grid = new int[0];
    int start = 0;
    for (int i = 0; i < counts.length; i++) {
      int length = i < longer ? size + 1 : size;
      int count = count(counts[i], steps);
      DiffusionException.inRange("section " + (i + 1) + " of steps " + steps, count, 1, length);
      int[] section = section(start, length, count);
      int filled = grid.length;
      grid = Arrays.copyOf(grid, filled + count);
      System.arraycopy(section, 0, grid, filled, count);
      start += length;
    }
    return grid;
  }

  private static int count(String number, String steps) {
    try {
      return Integer.parseInt(number.strip());
    } catch (NumberFormatException e) {
      throw new DiffusionException(
          "steps is \"" + steps + "\", but must look like \"250\", \"10,15,20\" or \"ddim50\".", e);
    }
  }

  private static int[] strided(int trained, int count) {
    for (int stride = 1; stride < trained; stride++) {
      int length = (trained + stride - 1) / stride;
      if (length == count) {
        return every(stride, count, 0);
      }
    }
    throw new DiffusionException(
        "steps is ddim" + count + ", but no whole stride gives " + count + " of " + trained + ".");
  }

  /**
   * diffusers "leading": k floor(T/n) + offset; starts at 0, or at the offset, and does not reach
   * T-1.
   *
   * @param trained T, levels of the schedule
   * @param steps n, from 1 to T
   * @param offset added to every index, at least 0; 1 for Stable Diffusion
   */
  public static int[] leading(int trained, int steps, int offset) {
    DiffusionException.inRange("steps", steps, 1, trained);
    int stride = trained / steps;
    DiffusionException.inRange("offset", offset, 0, trained - 1 - (steps - 1) * stride);
    return every(stride, steps, offset);
  }

  /**
   * The n-point grid that diffusers' DPM-Solver++ and UniPC make of "leading": multiples of floor(T
   * / (n+1)) without 0, plus the offset.
   *
   * @param trained T, levels of the schedule
   * @param steps n, from 1 to T-1
   * @param offset added to every index, at least 0
   */
  public static int[] dpmLeading(int trained, int steps, int offset) {
    DiffusionException.inRange("steps", steps, 1, trained - 1);
    int stride = trained / (steps + 1);
    DiffusionException.inRange("offset", offset, 0, trained - 1 - steps * stride);
    return every(stride, steps, stride + offset);
  }

  private static int[] every(int stride, int count, int offset) {
    int[] grid = new int[count];
    for (int k = 0; k < count; k++) {
      grid[k] = offset + k * stride;
    }
    return grid;
  }

  /**
   * diffusers "trailing" (Lin et al. 2024, arXiv:2305.08891, table 2): rint(T - k T/n) - 1, counted
   * from the noisy end; includes T-1, so a run from pure noise starts where the noise is.
   *
   * @param trained T, levels of the schedule
   * @param steps n, from 1 to T
   */
  public static int[] trailing(int trained, int steps) {
    DiffusionException.inRange("steps", steps, 1, trained);
    int[] grid = new int[steps];
    double stride = (double) trained / steps;
    for (int k = 0; k < steps; k++) {
      grid[steps - 1 - k] = (int) Math.rint(trained - k * stride) - 1;
    }
    return grid;
  }

  /**
   * diffusers "linspace": rint(k (T-1) / (n-1)); includes 0 and T-1. It differs from {@link
   * #respaced(int, int)} at most in the rounding of halves.
   *
   * @param trained T, levels of the schedule
   * @param steps n, from 2 to T
   */
  public static int[] linspace(int trained, int steps) {
    DiffusionException.inRange("steps", steps, 2, trained);
    double stride = (trained - 1.0) / (steps - 1);
    int[] grid = new int[steps];
    for (int k = 0; k < steps; k++) {
      grid[k] = (int) Math.rint(k * stride);
    }
    return grid;
  }

  /**
   * The n-point grid that diffusers' DPM-Solver++ and UniPC make of "linspace": that of n+1 points
   * without its 0.
   *
   * @param trained T, levels of the schedule
   * @param steps n, from 1 to T-1
   */
  public static int[] dpmLinspace(int trained, int steps) {
    DiffusionException.inRange("steps", steps, 1, trained - 1);
    return Arrays.copyOfRange(linspace(trained, steps + 1), 1, steps + 1);
  }

  /**
   * The uniform tau of DDIM's code (Song et al. 2021, arXiv:2010.02502, appendix D.2): every
   * floor(T/n)-th index from 0. Has more than n entries where n does not divide T: T = 1000, n = 30
   * gives 31.
   *
   * @param trained T, levels of the schedule
   * @param steps n, from 1 to T
   */
  public static int[] uniform(int trained, int steps) {
    DiffusionException.inRange("steps", steps, 1, trained);
    int stride = trained / steps;
    return every(stride, (trained + stride - 1) / stride, 0);
  }

  /**
   * The quadratic tau of DDIM's code, which the paper uses for CIFAR-10: floor((k sqrt(0.8 T) /
   * (n-1))^2), so a run from pure noise starts at 0.8 T. Indices that the code repeats at the clean
   * end, where n is large, are visited once, so the grid may have fewer than n entries.
   *
   * @param trained T, levels of the schedule
   * @param steps n, from 2 to T
   */
  public static int[] quadratic(int trained, int steps) {
    DiffusionException.inRange("steps", steps, 2, trained);
    double stride = Math.sqrt(trained * 0.8) / (steps - 1);
    int[] grid = new int[steps];
    for (int k = 0; k < steps; k++) {
      grid[k] = (int) (k * stride * (k * stride));
    }
    // as in numpy, whose linspace ends exactly where it is told to
    grid[steps - 1] = (int) (Math.sqrt(trained * 0.8) * Math.sqrt(trained * 0.8));
    return Arrays.stream(grid).distinct().toArray();
  }

  private static int[] section(int start, int size, int count) {
    double stride = (size - 1) / (double) (count - 1); // not finite for one, which is at the start
    int[] taken = new int[count];
    double current = 0;
    for (int k = 0; k < count; k++) {
      taken[k] = start + (int) Math.rint(current);
      current += stride;
    }
    return taken;
  }
}
