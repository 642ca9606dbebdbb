package ijdiffusion.schedule;

import java.util.ArrayList;
import java.util.List;

/** How much signal and noise a state holds at each time of the forward process. */
public sealed interface NoiseSchedule permits DiscreteSchedule, SigmaLadder, Sde {
  /**
   * The level at a time.
   *
   * @param t the schedule's own time, see {@link NoiseLevel#t()}
   */
  NoiseLevel level(double t);

  /**
   * The level that holds a given noise beside its signal: the way back from sigma / alpha to the
   * schedule's own time. Alpha and sigma are exactly those asked for; only the time is limited to
   * what the schedule covers, because a network knows no other. Tables interpolate the index
   * linearly in log(sigma / alpha), as k-diffusion does when it does not round (Karras et al. 2022,
   * arXiv:2206.00364, appendix C.3.4, take the nearest index).
   *
   * @param noiseToSignal sigma / alpha, at least 0; 0 gives {@link NoiseLevel#CLEAN}
   */
  NoiseLevel levelOf(double noiseToSignal);

  /**
   * {@link #levelOf} one by one, in the same order.
   *
   * @param noiseToSignal values of sigma / alpha, each at least 0
   */
  default List<NoiseLevel> levelsOf(double... noiseToSignal) {
    List<NoiseLevel> levels = new ArrayList<>(noiseToSignal.length);
    for (double ratio : noiseToSignal) {
      levels.add(levelOf(ratio));
    }
    return List.copyOf(levels);
  }
}
