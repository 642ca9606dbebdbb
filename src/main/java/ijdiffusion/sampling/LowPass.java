package ijdiffusion.sampling;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;

/**
 * ILVR's constraint (Choi, Kim, Jeong, Gwon and Yoon 2021, arXiv:2108.02938, equation 8 and
 * algorithm 1): after each step the coarse part of the state x' is replaced by that of the
 * reference y, diffused with fresh noise,
 *
 * <pre>x = x' - phi(x') + phi(alpha y + sigma z)</pre>
 *
 * <p>computed as x' + phi(alpha y + sigma z - x'), the same for a linear phi with one filtering
 * less. With phi a projection it is also the data consistency that CCDF (Chung, Sim and Ye 2022,
 * arXiv:2112.05146) imposes for super-resolution.
 */
public final class LowPass implements Constraint {
  /** How noisy the reference is made after a step from level t to level s. */
  public enum Variant {
    /**
     * As in the authors' code: noise of level t, one level more than the state has. The last step
     * ought to be left free, or the result keeps that noise.
     */
    CODE,
    /**
     * As in the paper: noise of level s, the state's own. After a last step to the clean level the
     * reference itself is put in, without noise and without a draw.
     */
    PAPER
  }

  private final LowPassFilter phi;
  private final Tensor reference;
  private final Variant variant;
  private final NoiseLevel free;
  private final Tensor difference;
  private final Tensor coarse;

  /**
   * @param phi the filter, for images of the reference's size
   * @param reference y, (N, C, H, W) in the network's range
   * @param variant how noisy the reference is made
   * @param free steps that start at this level or a cleaner one are left alone; {@link
   *     NoiseLevel#CLEAN}: none is. See {@link #lastSteps}
   */
  public LowPass(LowPassFilter phi, Tensor reference, Variant variant, NoiseLevel free) {
    this.phi = phi;
    this.reference = reference;
    this.variant = variant;
    this.free = free;
    this.difference = new Tensor(reference.shape());
    this.coarse = new Tensor(reference.shape());
  }

  /**
   * The level where the last steps of a path begin, to leave them free. The {@code range_t} of the
   * authors' code conditions the steps from position i of the respaced schedule with i above
   * range_t, so it leaves range_t + 1 steps free.
   *
   * @param path levels without jumps
   * @param count steps, from 0 (none is left free) to all of the path's
   */
  public static NoiseLevel lastSteps(Trajectory path, int count) {
    return path.levels().get(path.transitions() - count);
  }

  @Override
  public void afterStep(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
    if (!free.isCleanerThan(t)) {
      return;
    }
    NoiseLevel level = variant == Variant.CODE ? t : s;
    if (level.sigma() == 0) {
      difference.setSum(level.alpha(), reference, -1, x);
    } else {
      noise.next(coarse);
      difference.setSum(level.alpha(), reference, level.sigma(), coarse, -1, x);
    }
    phi.apply(difference, coarse);
    x.setSum(1, x, 1, coarse);
  }
}
