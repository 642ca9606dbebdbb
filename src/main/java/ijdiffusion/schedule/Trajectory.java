package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The levels of a run in the order in which the state takes them, from the first, where it starts,
 * to the last. Between two neighbours the state either gets cleaner, by a sampler's step, or
 * noisier, by diffusing it again.
 *
 * @param levels at least 2; neighbours differ
 */
public record Trajectory(List<NoiseLevel> levels) {
  public Trajectory {
    levels = List.copyOf(levels);
    if (levels.size() < 2) {
      throw new IllegalArgumentException(
          "A trajectory needs at least 2 levels, not " + levels.size());
    }
  }

  /**
   * Straight down a list of levels to the clean one. A run that is to end at a noisy level, or to
   * go up, is built with the constructor.
   *
   * @param levels each cleaner than the one before; the clean level at the end may be left out
   */
  public static Trajectory of(List<NoiseLevel> levels) {
    for (int i = 1; i < levels.size(); i++) {
      if (!levels.get(i).isCleanerThan(levels.get(i - 1))) {
        throw new IllegalArgumentException(
            "Level " + i + " is not cleaner than the one before: " + levels.subList(i - 1, i + 1));
      }
    }
    return new Trajectory(withCleanEnd(levels));
  }

  /**
   * The last part of {@link #of}, for a run that starts from an image made noisy and not from noise
   * alone: the cleanest rint(strength n) of n levels. The image is diffused to {@link #start()},
   * the same level that the network sees first.
   *
   * @param levels each cleaner than the one before; the clean level, which is not counted, may be
   *     left out
   * @param strength share of the path that is gone, above 0 and at most 1; at least one level must
   *     be left
   */
  public static Trajectory partial(List<NoiseLevel> levels, double strength) {
    DiffusionException.inRange("strength", strength, 0, 1);
    int noisy = withCleanEnd(levels).size() - 1;
    int kept = (int) Math.rint(strength * noisy);
    if (kept == 0) {
      throw new DiffusionException(
          "strength "
              + strength
              + " of "
              + noisy
              + " steps leaves no step; it must be above "
              + 0.5 / noisy
              + ".");
    }
    return of(levels.subList(noisy - kept, levels.size()));
  }

  private static List<NoiseLevel> withCleanEnd(List<NoiseLevel> levels) {
    List<NoiseLevel> path = new ArrayList<>(levels);
    if (path.isEmpty() || path.get(path.size() - 1).sigma() > 0) {
      path.add(NoiseLevel.CLEAN);
    }
    return path;
  }

  /**
   * From the noisiest of the visited indices straight down to the clean level.
   *
   * @param schedule the training schedule
   * @param grid visited indices, ascending
   */
  public static Trajectory down(DiscreteSchedule schedule, int[] grid) {
    return of(schedule.levels(grid));
  }

  /**
   * RePaint's path (Lugmayr et al. 2022, arXiv:2201.09865, section 4.2 and appendix B): down the
   * grid, but at every {@code jump}-th position, counted from the clean end and leaving out the
   * last stretch before the start, the state is diffused {@code jump} positions up again and comes
   * down anew, {@code resamplings - 1} times.
   *
   * <p>Follows the authors' published loop, not their pseudocode: positions are those of the
   * respaced grid, and 250 positions with jump 10 and 10 resamplings make 4570 transitions, 2410 of
   * them down.
   *
   * @param schedule the training schedule
   * @param grid visited indices, ascending, at least one
   * @param jump positions of one jump, at least 1
   * @param resamplings how often each stretch is gone through, at least 1 (1: no jumps)
   */
  public static Trajectory withJumps(
      DiscreteSchedule schedule, int[] grid, int jump, int resamplings) {
    return withJumps(schedule.levels(grid), jump, resamplings);
  }

  /**
   * RePaint's path along any levels, see {@link #withJumps(DiscreteSchedule, int[], int, int)}.
   *
   * @param noisy levels without the clean one, each cleaner than the one before, at least one
   * @param jump positions of one jump, at least 1
   * @param resamplings how often each stretch is gone through, at least 1 (1: no jumps)
   */
  public static Trajectory withJumps(List<NoiseLevel> noisy, int jump, int resamplings) {
    return withJumps(noisy, jump, resamplings, level -> true);
  }

  /**
   * RePaint's path with jumps from some levels only.
   *
   * @param noisy levels without the clean one, each cleaner than the one before, at least one
   * @param jump positions of one jump, at least 1
   * @param resamplings how often a stretch below which there are jumps is gone through, at least 1
   * @param from which levels the state is thrown back from, of those where RePaint does
   */
  public static Trajectory withJumps(
      List<NoiseLevel> noisy, int jump, int resamplings, Predicate<NoiseLevel> from) {
    int n = noisy.size();
    DiffusionException.inRange("jump", jump, 1, Integer.MAX_VALUE);
    DiffusionException.inRange("resamplings", resamplings, 1, 1000);
    // positions count from the clean end, as in the authors' loop: position k is entry n-1-k
    int[] jumpsLeft = new int[n];
    for (int j = 0; j < n - jump; j += jump) {
      jumpsLeft[j] = from.test(noisy.get(n - 1 - j)) ? resamplings - 1 : 0;
    }
    List<NoiseLevel> visited = new ArrayList<>();
    int k = n;
    while (k >= 1) {
      k--;
      visited.add(noisy.get(n - 1 - k));
      if (jumpsLeft[k] > 0) {
        jumpsLeft[k]--;
        for (int up = 0; up < jump; up++) {
          k++;
          visited.add(noisy.get(n - 1 - k));
        }
      }
    }
    visited.add(NoiseLevel.CLEAN);
    return new Trajectory(visited);
  }

  /** Where the state starts. */
  public NoiseLevel start() {
    return levels.get(0);
  }

  /** Moves between neighbours, up and down. */
  public int transitions() {
    return levels.size() - 1;
  }

  /** Moves towards the clean end: sampler steps. */
  public int stepsDown() {
    int down = 0;
    for (int i = 1; i < levels.size(); i++) {
      if (levels.get(i).isCleanerThan(levels.get(i - 1))) {
        down++;
      }
    }
    return down;
  }
}
