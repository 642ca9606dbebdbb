package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import java.util.List;

/**
 * A path for {@link RePaint} that spends its network calls where they pay. RePaint's own path has
 * evenly spaced indices, of which on the usual schedules more than half are so noisy that nothing
 * is decided there, and resamples at all of them. This one has levels spaced as by Karras et al.
 * 2022 (arXiv:2206.00364, equation 5) from noise {@value #MAX} to {@value #MIN} times the signal,
 * and resamples where the noise is {@value #LOWEST} to {@value #HIGHEST} times the signal: there an
 * image takes shape. Ours; measured in {@code docs/inpainting.md}.
 *
 * @param steps levels, at least 2
 * @param jump levels of one jump back, at least 1
 * @param resamplings how often each stretch between the two levels of noise is gone through, at
 *     least 1
 */
public record FocusedResampling(int steps, int jump, int resamplings) {
  /** Noise of the first level, sigma / alpha, or the schedule's noisiest. */
  public static final double MAX = 60;

  /** Noise of the last level, sigma / alpha, or the schedule's cleanest. */
  public static final double MIN = 0.02;

  /** Least noise, sigma / alpha, from which the state is thrown back. */
  public static final double LOWEST = 0.1;

  /** Most noise, sigma / alpha, from which the state is thrown back. */
  public static final double HIGHEST = 3;

  public FocusedResampling {
    DiffusionException.inRange("steps", steps, 2, 100_000);
    DiffusionException.inRange("jump", jump, 1, 100_000);
    DiffusionException.inRange("resamplings", resamplings, 1, 1000);
  }

  /** The path in words, for records. */
  public String describe() {
    return steps
        + " levels, spaced by Karras et al. 2022; from noise "
        + LOWEST
        + " to "
        + HIGHEST
        + " jumps of "
        + jump
        + ", "
        + resamplings
        + " resamplings";
  }

  /**
   * The levels a run visits; as many network calls as there are steps down.
   *
   * @param schedule the network's training schedule
   * @param wholeTimes whether the network takes integer times only: levels are then the nearest on
   *     the table, and those that coincide are visited once
   */
  public Trajectory trajectory(DiscreteSchedule schedule, boolean wholeTimes) {
    double max = Math.min(MAX, schedule.level(schedule.size() - 1).noiseToSignal());
    double min = Math.max(MIN, schedule.level(0).noiseToSignal());
    List<NoiseLevel> levels = KarrasLevels.of(schedule, max, min, steps, wholeTimes);
    return Trajectory.withJumps(
        levels,
        jump,
        resamplings,
        level -> level.noiseToSignal() >= LOWEST && level.noiseToSignal() <= HIGHEST);
  }
}
