package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.List;

/**
 * The levels of a run in the order in which the state takes them, from the first, where it starts,
 * to the last. Between two neighbours the state either gets cleaner, by a sampler's step, or noisier,
 * by diffusing it again.
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
   * From the noisiest of the visited indices straight down to the clean level.
   *
   * @param schedule the training schedule
   * @param grid visited indices, ascending
   */
  public static Trajectory down(DiscreteSchedule schedule, int[] grid) {
    return withJumps(schedule, grid, 1, 1);
  }

  /**
   * RePaint's path (Lugmayr et al. 2022, arXiv:2201.09865, section 4.2 and appendix B): down the
   * grid, but at every {@code jump}-th position, counted from the clean end and leaving out the last
   * stretch before the start, the state is diffused {@code jump} positions up again and comes down
   * anew, {@code resamplings - 1} times.
   *
   * <p>Follows the authors' published loop, not their pseudocode: positions are those of the respaced
   * grid, and 250 positions with jump 10 and 10 resamplings make 4570 transitions, 2410 of them down.
   *
   * @param schedule the training schedule
   * @param grid visited indices, ascending, at least one
   * @param jump positions of one jump, at least 1
   * @param resamplings how often each stretch is gone through, at least 1 (1: no jumps)
   */
  public static Trajectory withJumps(
      DiscreteSchedule schedule, int[] grid, int jump, int resamplings) {
    int n = grid.length;
    DiffusionException.inRange("jump", jump, 1, Integer.MAX_VALUE);
    DiffusionException.inRange("resamplings", resamplings, 1, 1000);
    int[] jumpsLeft = new int[n];
    for (int j = 0; j < n - jump; j += jump) {
      jumpsLeft[j] = resamplings - 1;
    }
    List<NoiseLevel> visited = new ArrayList<>();
    int k = n;
    while (k >= 1) {
      k--;
      visited.add(schedule.level(grid[k]));
      if (jumpsLeft[k] > 0) {
        jumpsLeft[k]--;
        for (int up = 0; up < jump; up++) {
          k++;
          visited.add(schedule.level(grid[k]));
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
