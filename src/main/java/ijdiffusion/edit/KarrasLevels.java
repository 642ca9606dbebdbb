package ijdiffusion.edit;

import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.SigmaLadder;
import java.util.ArrayList;
import java.util.List;

/**
 * Levels of a table with the spacing of Karras et al. 2022 (arXiv:2206.00364, equation 5, rho = 7).
 */
final class KarrasLevels {
  private static final double RHO = 7;

  private KarrasLevels() {}

  /**
   * Levels from noisy to clean, without the clean one.
   *
   * @param schedule the network's training schedule
   * @param max noise of the first, sigma / alpha, at most the schedule's
   * @param min noise of the last, at least the schedule's
   * @param steps how many
   * @param wholeTimes whether the network takes integer times only: levels are then the nearest on
   *     the table, and those that coincide are listed once
   */
  static List<NoiseLevel> of(
      DiscreteSchedule schedule, double max, double min, int steps, boolean wholeTimes) {
    SigmaLadder ladder = SigmaLadder.karras(max, min, RHO, steps);
    List<NoiseLevel> levels = new ArrayList<>();
    for (int k = 0; k < steps; k++) {
      NoiseLevel level = schedule.levelOf(ladder.level(k).noiseToSignal());
      if (wholeTimes) {
        level = schedule.level(Math.rint(level.t()));
      }
      if (levels.isEmpty() || level.isCleanerThan(levels.get(levels.size() - 1))) {
        levels.add(level);
      }
    }
    return levels;
  }
}
