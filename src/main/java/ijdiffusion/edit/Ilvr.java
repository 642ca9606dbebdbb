package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.LowPass;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * New images that agree with a reference in all that is coarse: ILVR, iterative latent variable
 * refinement (Choi, Kim, Jeong, Gwon and Yoon 2021, arXiv:2108.02938, algorithm 1). Starts from
 * noise; after each step the low-pass of the state is replaced by that of the reference, see {@link
 * LowPass}. The low-pass is bicubic shrinking by N and enlarging again, {@link
 * LowPassFilter#bicubic}.
 *
 * <p>The low-pass of the result is near that of the reference but not equal: the filter is not a
 * projection, and {@link LowPass.Variant#CODE} ends with noise of a low level. Fine structure is
 * drawn too independently of the coarse: on data where the two hang together its mean is biased, as
 * with every replacement method.
 *
 * @param sampler how to step
 * @param path levels, noisiest first, without jumps
 * @param factor N, a power of two, at least 2; the authors take 4 to 64. The larger, the less of
 *     the reference is kept
 * @param freeSteps so many of the last steps are not conditioned: at least 1 for {@link
 *     LowPass.Variant#CODE}, 0 for {@link LowPass.Variant#PAPER}, at most all. The authors' {@code
 *     range_t} is one less
 * @param variant how noisy the reference is made
 */
public record Ilvr(
    Sampler sampler, Trajectory path, int factor, int freeSteps, LowPass.Variant variant) {
  public Ilvr {
    if (path.stepsDown() != path.transitions()) {
      throw new IllegalArgumentException("ILVR needs a path without jumps");
    }
    if (factor < 2 || Integer.bitCount(factor) != 1) {
      throw new DiffusionException(
          "factor is " + factor + ", but must be a power of two, at least 2.");
    }
    DiffusionException.inRange("freeSteps", freeSteps, leastFree(variant), path.stepsDown());
  }

  /**
   * With a share of the path conditioned instead of a number of steps left free.
   *
   * @param sampler how to step
   * @param path levels, noisiest first, without jumps
   * @param factor N, a power of two, at least 2
   * @param range share of the steps that is conditioned, counted from the noisy end, above 0 and at
   *     most 1: rint(range n) of n steps, at least one, and at most what the variant can condition,
   *     which for {@link LowPass.Variant#CODE} is all but the last
   * @param variant how noisy the reference is made
   */
  public static Ilvr ofRange(
      Sampler sampler, Trajectory path, int factor, double range, LowPass.Variant variant) {
    if (!(range > 0 && range <= 1)) {
      throw new DiffusionException("range is " + range + ", but must be above 0 and at most 1.");
    }
    int steps = path.stepsDown();
    int conditioned = Math.max(1, (int) Math.rint(range * steps));
    int free = Math.max(leastFree(variant), steps - conditioned);
    return new Ilvr(sampler, path, factor, free, variant);
  }

  private static int leastFree(LowPass.Variant variant) {
    return variant == LowPass.Variant.CODE ? 1 : 0;
  }

  /**
   * Draws images.
   *
   * @param predictor the network; the authors clip x_0 to [-1, 1]
   * @param reference (N, C, H, W) in the network's range, H and W multiples of the factor. To draw
   *     several images for one reference, repeat it
   * @param noise a fresh source; its first draw is the starting state
   * @param monitor progress, the estimates of x_0 along the path, and cancelling
   * @return (N, C, H, W)
   * @throws IllegalArgumentException when a side of the reference is not a multiple of the factor
   */
  public Tensor run(
      NoisePredictor predictor, Tensor reference, NoiseSource noise, Monitor monitor) {
    Shape shape = reference.shape();
    LowPassFilter phi = LowPassFilter.bicubic(shape.h(), shape.w(), factor);
    LowPass lowPass = new LowPass(phi, reference, variant, LowPass.lastSteps(path, freeSteps));
    Tensor x = new Tensor(shape);
    noise.next(x);
    NoiseLevel start = path.start();
    x.setSum(Math.hypot(start.alpha(), start.sigma()), x, 0, x); // as Generation starts
    new ReverseProcess(predictor, sampler, lowPass, path).run(x, noise, monitor);
    return x;
  }
}
