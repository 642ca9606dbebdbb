package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.List;

/**
 * A forward process in continuous time, dx = f(u) x du + g(u) dw, u in [0, 1] from clean to noisy
 * (Song, Sohl-Dickstein, Kingma, Kumar, Ermon and Poole 2021, arXiv:2011.13456). The time of a
 * level is u.
 */
public sealed interface Sde extends NoiseSchedule permits VpSde, SubVpSde, VeSde {
  /**
   * f(u): the drift is f(u) x.
   *
   * @param u time in [0, 1]
   */
  double drift(double u);

  /**
   * g(u), the diffusion coefficient, at least 0.
   *
   * @param u time in [0, 1]
   */
  double diffusion(double u);

  /** Where the authors' samplers end, because the score is hard to learn at u = 0; above 0. */
  double smallestTime();

  /**
   * The authors' discrete form of the process on N scales: the step that ends at scale i = floor(u
   * (N - 1)). Their code cuts u (N - 1) off in float32, which sometimes gives i - 1 for the VE
   * grid; here it is double.
   *
   * @param u time in [0, 1]
   * @param scales N, at least 1
   */
  DiscreteStep step(double u, int scales);

  /**
   * The authors' time grid: u evenly spaced from 1 to {@link #smallestTime()}, noisiest first,
   * without the clean end.
   *
   * @param count levels, at least 1
   */
  default List<NoiseLevel> levels(int count) {
    DiffusionException.inRange("steps", count, 1, 100_000);
    double stride = count == 1 ? 0 : (smallestTime() - 1) / (count - 1);
    List<NoiseLevel> levels = new ArrayList<>(count);
    for (int k = 0; k < count; k++) {
      levels.add(level(1 + k * stride));
    }
    return List.copyOf(levels);
  }
}
