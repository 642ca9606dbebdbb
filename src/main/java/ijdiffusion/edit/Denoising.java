package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes white noise of known strength out of an image. An image y = x_0 + n eps is, but for its
 * scale, a state of the diffusion: at the level with sigma / alpha = n,
 *
 * <pre>x_t = alpha y = alpha x_0 + sigma eps</pre>
 *
 * <p>so no noise is added at the start, unlike SDEdit's. From there one network call gives the
 * posterior mean E[x_0 | y] (Tweedie's formula; Efron 2011, doi:10.1198/jasa.2011.tm11181), the
 * answer with the least squared error, and smooth where the image leaves a choice; the reverse
 * process gives samples from p(x_0 | y), each with the texture of clean images. The mean of many
 * samples is the posterior mean again.
 *
 * <p>All images of a batch have the same noise; those with different noise are run one by one,
 * because a network call has one level.
 *
 * @param schedule the network's training schedule, variance-preserving
 * @param wholeTimes whether the network takes integer times only: the level is then the nearest on
 *     the table
 * @param noise n, standard deviation of the image's noise in the network's units (of an image in
 *     [-1, 1]: twice that of one in [0, 1]); from 0 to the sigma / alpha of the schedule's noisiest
 *     level that holds signal
 */
public record Denoising(DiscreteSchedule schedule, boolean wholeTimes, double noise) {
  public Denoising {
    DiffusionException.inRange(
        "noise (standard deviation in the network's units)", noise, 0, largest(schedule));
  }

  /** The most noise that the schedule covers, in the network's units. */
  public static double largest(DiscreteSchedule schedule) {
    int last = schedule.size() - 1;
    boolean signal = schedule.alphaBar(last) > 0;
    return schedule.level(signal ? last : last - 1).noiseToSignal();
  }

  /**
   * Whether the image holds less noise than the schedule's first level, so that the network has
   * nothing to say about it: {@link #start} is the clean level, and the image is the result.
   */
  public boolean isBelowSchedule() {
    return noise < schedule.level(0).noiseToSignal();
  }

  /** The image's level; {@link NoiseLevel#CLEAN} where {@link #isBelowSchedule}. */
  public NoiseLevel start() {
    if (isBelowSchedule()) {
      return NoiseLevel.CLEAN;
    }
    NoiseLevel level = schedule.levelOf(noise);
    return wholeTimes ? schedule.level(Math.rint(level.t())) : level;
  }

  /**
   * The posterior mean, one network call.
   *
   * @param predictor the network; better unclipped, as the mean of values beyond the range is not
   *     the range's end
   * @param image y, (N, C, H, W) in the network's units
   * @return E[x_0 | y], (N, C, H, W); a copy of the image where {@link #isBelowSchedule}
   */
  public Tensor posteriorMean(NoisePredictor predictor, Tensor image) {
    NoiseLevel start = start();
    Tensor x = image.copy();
    if (start.sigma() == 0) {
      return x;
    }
    x.setSum(start.alpha(), image, 0, image);
    Prediction prediction = new Prediction(x.shape(), predictor.predictsVariance());
    predictor.predict(x, start, prediction);
    return prediction.x0();
  }

  /**
   * The levels from the image's own to clean, spaced as {@link SamplerChoice#path} spaces those of
   * a schedule that ends there.
   *
   * @param sampler decides the spacing
   * @param steps levels with noise, at least 1 (the posterior mean, whatever the sampler); where
   *     the schedule has fewer up to the image's, all of them
   * @throws IllegalStateException where {@link #isBelowSchedule}, as there is no way to go
   */
  public Trajectory path(SamplerChoice sampler, int steps) {
    DiffusionException.inRange("steps", steps, 1, 100_000);
    NoiseLevel start = start();
    if (start.sigma() == 0) {
      throw new IllegalStateException("Noise of " + noise + " is below the schedule");
    }
    // table entries cleaner than the start; not one that differs from it by rounding only
    int below = (int) Math.ceil(start.t() - 1e-6);
    int most = Math.min(steps, below + 1);
    if (most == 1) {
      return Trajectory.of(List.of(start));
    }
    List<NoiseLevel> levels = new ArrayList<>();
    levels.add(start);
    List<NoiseLevel> spaced = sampler.path(upTo(start, below), most, wholeTimes).levels();
    for (NoiseLevel level : spaced.subList(1, spaced.size() - 1)) {
      boolean entry = level.t() == Math.rint(level.t()) && level.t() < below;
      levels.add(entry ? schedule.level(level.t()) : schedule.levelOf(level.noiseToSignal()));
    }
    return Trajectory.of(levels);
  }

  /** The first entries of the schedule, with the start as the last. */
  private DiscreteSchedule upTo(NoiseLevel start, int entries) {
    double[] betas = new double[entries + 1];
    for (int t = 0; t <= entries; t++) {
      double alphaBar = t < entries ? schedule.alphaBar(t) : start.alphaBar();
      betas[t] = 1 - alphaBar / schedule.alphaBar(t - 1);
    }
    return DiscreteSchedule.ofBetas(betas);
  }

  /**
   * Samples of p(x_0 | y). To draw several, repeat the image; their mean is the caller's to take.
   *
   * @param predictor the network
   * @param sampler how to step; one without noise gives each image one sample only, which is not
   *     random
   * @param path as {@link #path} made it; the image is taken for the state at its start
   * @param image y, (N, C, H, W) in the network's units
   * @param noise a fresh source
   * @param monitor progress and cancelling
   * @return (N, C, H, W) in the network's units
   */
  public static Tensor sample(
      NoisePredictor predictor,
      Sampler sampler,
      Trajectory path,
      Tensor image,
      NoiseSource noise,
      Monitor monitor) {
    Tensor x = new Tensor(image.shape());
    x.setSum(path.start().alpha(), image, 0, image);
    new ReverseProcess(predictor, sampler, Constraint.NONE, path).run(x, noise, monitor);
    return x;
  }
}
