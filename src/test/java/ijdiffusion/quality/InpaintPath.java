package ijdiffusion.quality;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.edit.FocusedResampling;
import ijdiffusion.edit.KrigedRePaint;
import ijdiffusion.edit.RePaint;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Tensor;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path for inpainting.
 *
 * @param kind which path
 * @param steps levels
 * @param jump levels of a jump
 * @param resamplings how often each stretch is gone through
 */
record InpaintPath(Kind kind, int steps, int jump, int resamplings) implements HoleFiller {
  /** What a path is like. */
  enum Kind {
    /** RePaint's own. */
    REPAINT("RePaint"),
    /** That of {@link FocusedResampling}. */
    FOCUSED("focused"),
    /** The presets': the same, errors at known pixels kriged into the hole, SDE-DPM-Solver++. */
    KRIGED("kriged");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  private static final Pattern WORDS =
      Pattern.compile("(repaint|focused|kriged) +([0-9]{1,4}),([0-9]{1,4}),([0-9]{1,4})");

  static InpaintPath parse(String text) {
    Matcher m = WORDS.matcher(text.strip());
    if (!m.matches()) {
      throw new DiffusionException(
          "quality.inpaint has \""
              + text.strip()
              + "\", but each part must look like \"kriged 40,2,5\" or \"repaint 40,5,3\".");
    }
    return new InpaintPath(
        Kind.valueOf(m.group(1).toUpperCase(Locale.ROOT)),
        Integer.parseInt(m.group(2)),
        Integer.parseInt(m.group(3)),
        Integer.parseInt(m.group(4)));
  }

  @Override
  public String title() {
    return kind.word + " " + steps + " " + jump + " " + resamplings;
  }

  @Override
  public int networkCalls(ModelCard card) {
    return levels(card).stepsDown();
  }

  boolean isKriged() {
    return kind == Kind.KRIGED;
  }

  @Override
  public Tensor run(HoleTask task) {
    return run(task, isKriged() ? SamplerChoice.DPMPP_SDE : SamplerChoice.DDPM);
  }

  /** With another sampler. */
  Tensor run(HoleTask task, SamplerChoice choice) {
    Sampler sampler = choice.sampler(1, task.card().variance());
    Trajectory levels = levels(task.card());
    return isKriged()
        ? KrigedRePaint.of(task.card(), levels, sampler, 1)
            .run(task.network(), task.image(), task.mask(), task.noise(), Monitor.NONE)
        : RePaint.run(
            task.network(), levels, sampler, task.image(), task.mask(), task.noise(), Monitor.NONE);
  }

  Trajectory levels(ModelCard card) {
    boolean wholeTimes = card.time().type() == TimeTensor.Type.INT64;
    return switch (kind) {
      case REPAINT -> new RePaint(steps, jump, resamplings, 1).trajectory(card.schedule());
      case FOCUSED, KRIGED ->
          new FocusedResampling(steps, jump, resamplings).trajectory(card.schedule(), wholeTimes);
    };
  }
}
