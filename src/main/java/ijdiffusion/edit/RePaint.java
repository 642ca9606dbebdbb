package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.KnownRegion;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;

/**
 * Inpainting with an unconditional network: RePaint (Lugmayr, Danelljan, Romero, Yu, Timofte and
 * Van Gool 2022, arXiv:2201.09865). Starts from noise and goes down a respaced schedule; known
 * pixels are put in at every level; jumps back up let the filled part agree with them. The paper's
 * setting is 250 steps, jump 10 and 10 resamplings: 2410 network calls.
 *
 * <p>The known part of the result is the image itself, bit for bit, where the authors leave the
 * network's version of it.
 *
 * @param steps levels of the respaced schedule, at least 2
 * @param jump levels of one jump back, at least 1
 * @param resamplings how often each stretch is gone through, at least 1 (1: no jumps)
 * @param eta noise of the steps: 1 is DDPM with the variance the network was trained for, less is
 *     DDIM with that share of noise, in [0, 1]
 */
public record RePaint(int steps, int jump, int resamplings, double eta) {
  /**
   * Pixels of context the network sees round a selection, unless the caller wants another number.
   */
  public static final int MARGIN = 32;

  public RePaint {
    DiffusionException.inRange("steps", steps, 2, 100_000);
    DiffusionException.inRange("jump", jump, 1, 100_000);
    DiffusionException.inRange("resamplings", resamplings, 1, 1000);
    DiffusionException.inRange("eta", eta, 0, 1);
  }

  /**
   * The levels a run visits.
   *
   * @param schedule the network's training schedule; has at least {@code steps} levels
   */
  public Trajectory trajectory(DiscreteSchedule schedule) {
    return Trajectory.withJumps(
        schedule, TimeGrid.respaced(schedule.size(), steps), jump, resamplings);
  }

  /** How often the network is called for one sample. Does not depend on the schedule. */
  public int networkCalls() {
    int stretches = (steps - 1) / jump;
    return Math.addExact(
        steps, Math.multiplyExact(Math.multiplyExact(stretches, resamplings - 1), jump));
  }

  /**
   * Fills the unknown pixels.
   *
   * @param predictor the network, clipped or not
   * @param schedule its training schedule
   * @param variance the variance it was trained for; used when eta is 1
   * @param image (N, C, H, W) in the network's range; unknown pixels are never looked at. To draw
   *     several samples, repeat the image
   * @param mask (1, 1, H, W): 1 = known, 0 = to be filled
   * @param noise a fresh source; its first draw is the starting state
   * @param monitor progress and cancelling
   * @return (N, C, H, W), known pixels as in {@code image}
   */
  public Tensor run(
      NoisePredictor predictor,
      DiscreteSchedule schedule,
      VarianceType variance,
      Tensor image,
      Tensor mask,
      NoiseSource noise,
      Monitor monitor) {
    return run(predictor, trajectory(schedule), eta, variance, image, mask, noise, monitor);
  }

  /**
   * Fills the unknown pixels on another path than RePaint's.
   *
   * @param predictor the network, clipped or not
   * @param path the levels to visit, from noise alone to clean
   * @param eta noise of the steps, see above
   * @param variance the variance the network was trained for; used when eta is 1
   * @param image (N, C, H, W) in the network's range; unknown pixels are never looked at
   * @param mask (1, 1, H, W): 1 = known, 0 = to be filled
   * @param noise a fresh source; its first draw is the starting state
   * @param monitor progress and cancelling
   * @return (N, C, H, W), known pixels as in {@code image}
   */
  public static Tensor run(
      NoisePredictor predictor,
      Trajectory path,
      double eta,
      VarianceType variance,
      Tensor image,
      Tensor mask,
      NoiseSource noise,
      Monitor monitor) {
    DiffusionException.inRange("eta", eta, 0, 1);
    Sampler sampler = eta == 1 ? new Ddpm(variance) : new Ddim(eta);
    return run(predictor, path, sampler, image, mask, noise, monitor);
  }

  /**
   * Fills the unknown pixels on another path than RePaint's, with any sampler.
   *
   * @param predictor the network, clipped or not
   * @param path the levels to visit, from noise alone to clean
   * @param sampler how to step down
   * @param image (N, C, H, W) in the network's range; unknown pixels are never looked at
   * @param mask (1, 1, H, W): 1 = known, 0 = to be filled
   * @param noise a fresh source; its first draw is the starting state
   * @param monitor progress and cancelling
   * @return (N, C, H, W), known pixels as in {@code image}
   */
  public static Tensor run(
      NoisePredictor predictor,
      Trajectory path,
      Sampler sampler,
      Tensor image,
      Tensor mask,
      NoiseSource noise,
      Monitor monitor) {
    Tensor x = new Tensor(image.shape());
    noise.next(x);
    new ReverseProcess(predictor, sampler, new KnownRegion(image, mask), path)
        .run(x, noise, monitor);
    return x;
  }
}
