package ijdiffusion.quality;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.edit.SdEdit;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.KnownRegion;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A way to fill a hole, beside those that the command has.
 *
 * @param name as it was asked for
 * @param path with jumps, or null for a sampler's own, straight down
 * @param sampler how to step
 * @param steps levels of a straight path
 * @param late noise, sigma / alpha, from which it starts with the hole filled by biharmonic
 *     interpolation; infinite: from noise alone
 * @param corrected whether known pixels are put into the estimate of the clean image, as DDNM does
 *     (Wang, Yu and Zhang 2023, arXiv:2212.00490, equation 13, for a mask), and not into the state
 */
record InpaintWay(
    String name,
    InpaintPath path,
    SamplerChoice sampler,
    int steps,
    double late,
    boolean corrected) {
  /** What is measured unless other ways are asked for. */
  static final String STANDARD =
      "fast; balanced; thorough; paper; focused 16 1 6; focused 40 2 5; repaint 20 5 3; repaint 40 5 3; repaint 80 5 4;"
          + " plain ddpm 20; plain ddpm 50; plain ddpm 100; plain dpmpp_2m 20; plain dpmpp_2m 50;"
          + " plain dpmpp_2m 100; focused 50 1 1; ddnm focused 50 1 1; ddnm focused 40 2 5;"
          + " late 3 focused 40 2 5; late 10 focused 40 2 5; focused 40 2 5 dpmpp_sde;"
          + " focused 24 1 7; focused 32 2 7";

  private static final Map<String, String> PRESETS =
      Map.of(
          "fast", "kriged 12 3 5 dpmpp_sde",
          "balanced", "kriged 16 3 5 dpmpp_sde",
          "thorough", "kriged 40 2 5 dpmpp_sde",
          "paper", "repaint 250 10 10");

  private static final Pattern WORDS =
      Pattern.compile(
          "(?:late (\\d+(?:\\.\\d+)?) )?(ddnm )?"
              + "(?:((?:focused|kriged|repaint) \\d{1,4} \\d{1,4} \\d{1,4})(?: ([a-z0-9_]+))?"
              + "|plain ([a-z0-9_]+) (\\d{1,4}))");

  /**
   * Reads a way.
   *
   * @param text a preset's name, {@code kriged}, {@code focused} or {@code repaint} with levels,
   *     jump and resamplings, and a sampler if it is not to be ddpm; or {@code plain} with a
   *     sampler and its steps; before it {@code late} with the noise to start from, and {@code
   *     ddnm}
   */
  static InpaintWay parse(String text) {
    String name = text.replace(',', ' ').strip().replaceAll(" +", " ");
    Matcher m = WORDS.matcher(PRESETS.getOrDefault(name, name));
    if (!m.matches()) {
      throw new DiffusionException(
          "quality.calls has \""
              + name
              + "\", but each part must be a preset or look like \"kriged 40 2 5\", \"late 3 ddnm"
              + " repaint 40 5 3 ddim\" or \"plain dpmpp_2m 50\".");
    }
    boolean plain = m.group(3) == null;
    String sampler = plain ? m.group(5) : m.group(4);
    boolean kriged = !plain && m.group(3).startsWith("kriged");
    if (kriged && (m.group(1) != null || m.group(2) != null)) {
      throw new DiffusionException(
          "quality.calls has \"" + name + "\", but kriged ways are neither late nor ddnm.");
    }
    return new InpaintWay(
        name,
        plain ? null : InpaintPath.parse(m.group(3).replaceAll("(\\d) (?=\\d)", "$1,")),
        sampler == null ? SamplerChoice.DDPM : SamplerChoice.parse(sampler),
        plain ? Integer.parseInt(m.group(6)) : 0,
        m.group(1) == null ? Double.POSITIVE_INFINITY : Double.parseDouble(m.group(1)),
        m.group(2) != null);
  }

  /** The levels a run visits. */
  Trajectory levels(ModelCard card) {
    Trajectory whole =
        path == null
            ? sampler.path(card.schedule(), steps, card.time().type() == TimeTensor.Type.INT64)
            : path.levels(card);
    List<NoiseLevel> levels = whole.levels();
    int start = 0;
    while (levels.get(start).noiseToSignal() > late) {
      start++;
    }
    return new Trajectory(levels.subList(start, levels.size()));
  }

  /** Network calls of one sample. */
  int networkCalls(ModelCard card) {
    return sampler.networkCalls(levels(card));
  }

  /**
   * Fills a hole.
   *
   * @param task the hole
   * @param fill interpolation for a late start
   * @return samples in the network's range
   */
  Tensor run(HoleTask task, HoleFill fill) {
    if (path != null && path.isKriged()) {
      return path.run(task, sampler);
    }
    Tensor image = task.image();
    Tensor mask = task.mask();
    NoiseSource noise = task.noise();
    Trajectory levels = levels(task.card());
    if (path == null && !corrected && late == Double.POSITIVE_INFINITY) {
      // one noise for the known pixels on the whole way: multistep solvers need a smooth one
      return new SdEdit(sampler.sampler(0, task.card().variance()), levels, 1, 1)
          .run(task.network(), image, mask, noise, Monitor.NONE);
    }
    Tensor x = new Tensor(image.shape());
    noise.next(x);
    if (late < Double.POSITIVE_INFINITY) {
      Tensor guess = HoleFill.eachPlane(image, fill::biharmonic);
      x.setSum(levels.start().alpha(), guess, levels.start().sigma(), x);
    }
    KnownRegion known = new KnownRegion(image, mask);
    new ReverseProcess(
            corrected ? new Corrected(task.network(), known) : task.network(),
            sampler.sampler(0, task.card().variance()),
            corrected ? new InTheEnd(known) : known,
            levels)
        .run(x, noise, Monitor.NONE);
    return x;
  }

  /** A network whose estimate of the clean image has the known pixels in it. */
  private record Corrected(NoisePredictor inner, KnownRegion known) implements NoisePredictor {
    @Override
    public void predict(Tensor x, NoiseLevel level, Prediction out) {
      inner.predict(x, level, out);
      known.finish(out.x0());
      out.completeFromX0(x, level);
    }

    @Override
    public boolean predictsVariance() {
      return inner.predictsVariance();
    }
  }

  private record InTheEnd(KnownRegion known) implements Constraint {
    @Override
    public void finish(Tensor x0) {
      known.finish(x0);
    }
  }
}
