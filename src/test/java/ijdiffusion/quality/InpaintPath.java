package ijdiffusion.quality;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.edit.FocusedResampling;
import ijdiffusion.edit.RePaint;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Tensor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path for inpainting.
 *
 * @param focused whether it is {@link FocusedResampling}, not RePaint's own
 * @param steps levels
 * @param jump levels of a jump
 * @param resamplings how often each stretch is gone through
 */
record InpaintPath(boolean focused, int steps, int jump, int resamplings) implements HoleFiller {
  private static final Pattern WORDS =
      Pattern.compile("(repaint|focused) +([0-9]{1,4}),([0-9]{1,4}),([0-9]{1,4})");

  static InpaintPath parse(String text) {
    Matcher m = WORDS.matcher(text.strip());
    if (!m.matches()) {
      throw new DiffusionException(
          "quality.inpaint has \""
              + text.strip()
              + "\", but each part must look like \"focused 40,2,5\" or \"repaint 40,5,3\".");
    }
    return new InpaintPath(
        m.group(1).equals("focused"),
        Integer.parseInt(m.group(2)),
        Integer.parseInt(m.group(3)),
        Integer.parseInt(m.group(4)));
  }

  @Override
  public String title() {
    return (focused ? "focused " : "RePaint ") + steps + " " + jump + " " + resamplings;
  }

  @Override
  public int networkCalls(ModelCard card) {
    return levels(card).stepsDown();
  }

  @Override
  public Tensor run(HoleTask task) {
    return RePaint.run(
        task.network(),
        levels(task.card()),
        1,
        task.card().variance(),
        task.image(),
        task.mask(),
        task.noise(),
        Monitor.NONE);
  }

  Trajectory levels(ModelCard card) {
    return focused
        ? new FocusedResampling(steps, jump, resamplings)
            .trajectory(card.schedule(), card.time().type() == TimeTensor.Type.INT64)
        : new RePaint(steps, jump, resamplings, 1).trajectory(card.schedule());
  }
}
