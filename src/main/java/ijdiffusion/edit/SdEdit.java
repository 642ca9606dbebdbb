package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.KnownRegion;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Partial diffusion: the image is diffused to a level, x = alpha y + sigma e, and the reverse
 * process is run from there. What is finer than the noise of that level is drawn anew, the rest
 * stays. With painted strokes for an image this is SDEdit (Meng et al. 2022, arXiv:2108.01073,
 * algorithms 1 and 2); with a first guess and a data-consistency constraint, CCDF (Chung, Sim and
 * Ye 2022, arXiv:2112.05146, algorithm 1); with another generator's image, ES-DDPM (Lyu et al.
 * 2022, arXiv:2205.12524).
 *
 * <p>Strength is a share of the schedule's time and not of the sampler's steps, so that the same
 * strength means the same noise whichever sampler is chosen: see {@link #trajectory}.
 *
 * @param sampler how to step
 * @param path levels of a whole run, noisiest first, without jumps
 * @param strength from 0, the image bit for bit without a network call, to 1, the run of {@link
 *     Generation}, which starts from noise alone and does not look at the image
 * @param repeats K, at least 1: each further round takes the result of the one before for its image
 *     and draws fresh noise. At strength 1 there is one round, as noise alone forgets its image
 */
public record SdEdit(Sampler sampler, Trajectory path, double strength, int repeats) {
  public SdEdit {
    if (path.stepsDown() != path.transitions()) {
      throw new IllegalArgumentException("Partial diffusion needs a path without jumps");
    }
    DiffusionException.inRange("strength", strength, 0, 1);
    DiffusionException.inRange("repeats", repeats, 1, 1000);
  }

  /**
   * The part of the path that each round goes, empty at strength 0. On the n levels of an evenly
   * spaced path it starts at position k = rint(strength n) - 1 counted from the clean end, the
   * cleanest one where that is below 0. Of a path with other spacing it starts at the level whose
   * time is nearest to that position's, k / (n - 1) of the way from the time of the path's cleanest
   * level with noise to that of its noisiest; so the number of steps is about strength n only.
   */
  public Optional<Trajectory> trajectory() {
    if (strength == 0) {
      return Optional.empty();
    }
    List<NoiseLevel> levels = path.levels();
    int n = path.transitions();
    int position = Math.max(0, (int) Math.rint(strength * n) - 1);
    double share = n == 1 ? 1 : position / (n - 1.0);
    double cleanest = levels.get(n - 1).t();
    // for tables and SDEs times fall along the path, for ladders of sigmas they rise
    double target = cleanest + share * (levels.get(0).t() - cleanest);
    int start = 0;
    for (int i = 1; i < n; i++) {
      if (Math.abs(levels.get(i).t() - target) <= Math.abs(levels.get(start).t() - target)) {
        start = i;
      }
    }
    return Optional.of(new Trajectory(levels.subList(start, levels.size())));
  }

  private int rounds() {
    return strength == 1 ? 1 : repeats;
  }

  /**
   * Network calls of one sample, all rounds together.
   *
   * @param choice the choice that {@link #sampler} came from
   */
  public int networkCalls(SamplerChoice choice) {
    return trajectory()
        .map(part -> Math.multiplyExact(rounds(), choice.networkCalls(part)))
        .orElse(0);
  }

  /**
   * Changes the whole image, under a constraint or none.
   *
   * @param predictor the network
   * @param image y, (N, C, H, W) in the network's range. To draw several samples, repeat it
   * @param constraint what is known of the result, for CCDF for instance {@link
   *     ijdiffusion.sampling.LowPass} or {@link KnownRegion}; else {@link Constraint#NONE}
   * @param noise a fresh source; the first draw of each round is its starting noise
   * @param monitor told after each step, counted through all rounds
   * @return (N, C, H, W)
   */
  public Tensor run(
      NoisePredictor predictor,
      Tensor image,
      Constraint constraint,
      NoiseSource noise,
      Monitor monitor) {
    Tensor x = image.copy();
    runInPlace(predictor, x, constraint, noise, monitor);
    return x;
  }

  /**
   * Changes the part of the image outside a mask. As in the authors' code the known pixels have the
   * same noise e all the way down, that with which the round started: alpha_s y + sigma_s e. Unlike
   * {@link KnownRegion} alone, which draws afresh at every level, this gives deterministic and
   * multistep samplers a known part that moves as smoothly as the rest.
   *
   * <p>Deviations: the known part has the level that the network is told, where the code leaves it
   * one level noisier, which does not matter for the authors' 400 steps but does for 20; and in the
   * end, also of each round, it is the image itself, where the code leaves the noise of the last
   * level in the final result.
   *
   * @param predictor the network
   * @param image y, (N, C, H, W) in the network's range
   * @param mask (1, 1, H, W): 1 = known, kept bit for bit; 0 = changed
   * @param noise a fresh source; the first draw of each round is its starting noise
   * @param monitor told after each step, counted through all rounds
   * @return (N, C, H, W)
   */
  public Tensor run(
      NoisePredictor predictor, Tensor image, Tensor mask, NoiseSource noise, Monitor monitor) {
    KnownRegion known = new KnownRegion(image, mask);
    Tensor x = image.copy();
    rounds(predictor, x, e -> new KnownWithNoise(known, e), noise, monitor);
    return x;
  }

  /**
   * Changes the whole image where it lies, for images that leave no memory for a copy.
   *
   * @param predictor the network
   * @param x on entry y, (N, C, H, W) in the network's range; on return the result
   * @param constraint what is known of the result
   * @param noise a fresh source; the first draw of each round is its starting noise
   * @param monitor told after each step, counted through all rounds
   */
  public void runInPlace(
      NoisePredictor predictor,
      Tensor x,
      Constraint constraint,
      NoiseSource noise,
      Monitor monitor) {
    rounds(predictor, x, startingNoise -> constraint, noise, monitor);
  }

  private void rounds(
      NoisePredictor predictor,
      Tensor x,
      Function<Tensor, Constraint> constraint,
      NoiseSource noise,
      Monitor monitor) {
    Trajectory part = trajectory().orElse(null);
    if (part == null) {
      return;
    }
    int rounds = rounds();
    for (int k = 0; k < rounds; k++) {
      int before = k;
      Monitor counted =
          (done, total, x0) -> monitor.onStep(before * total + done, rounds * total, x0);
      Constraint c = constraint.apply(start(x, part.start(), noise));
      new ReverseProcess(predictor, sampler, c, part).run(x, noise, counted);
    }
  }

  /** Takes the guide in x to the start; returns the noise that is in it. */
  private Tensor start(Tensor x, NoiseLevel level, NoiseSource noise) {
    Tensor e = new Tensor(x.shape());
    noise.next(e);
    if (strength == 1) {
      x.setSum(Math.hypot(level.alpha(), level.sigma()), e, 0, e); // as Generation starts
    } else {
      x.setSum(level.alpha(), x, level.sigma(), e);
    }
    return e;
  }

  /** The known region with one noise for all levels; it draws none. */
  private record KnownWithNoise(KnownRegion known, Tensor e) implements Constraint {
    @Override
    public void beforePrediction(Tensor x, NoiseLevel t, NoiseSource noise) {
      known.beforePrediction(x, t, z -> z.set(e));
    }

    @Override
    public void finish(Tensor x0) {
      known.finish(x0);
    }
  }
}
