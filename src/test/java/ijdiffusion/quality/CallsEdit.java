package ijdiffusion.quality;

import ij.plugin.filter.GaussianBlur;
import ij.process.FloatProcessor;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.edit.SdEdit;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/**
 * Editing (SDEdit) of a held-out image that has been made bad, so that there is a truth to come
 * back to. Quality against network calls.
 */
final class CallsEdit implements Experiment {
  private static final double STRENGTH = 0.4;
  private static final double BLUR = 2;
  private static final double NOISE = 0.1;
  private static final List<Integer> STEPS = List.of(10, 20, 50, 100, 250);

  @Override
  public String name() {
    return "calls-edit";
  }

  @Override
  public void run(Job job) throws IOException {
    CallsTable table = new CallsTable(job, name(), CallsWindow.METRICS);
    for (int n = 0; n < job.pictures().size(); n++) {
      CallsWindow window = new CallsWindow(job, n);
      Picture truth = window.truth();
      Tensor bad = bad(truth, n);
      table.measure("the bad image", truth.name(), () -> window.scoreOfGrey(Double.NaN, bad));
      table.measureAll(
          truth.name(), STEPS, (sampler, steps) -> line(job, window, bad, sampler, steps));
      table.progress(n + 1);
    }
    String reference = CallsTable.longest(job, STEPS);
    table.write(
        reference,
        1,
        true,
        "Editing against network calls, " + job.model(),
        "SDEdit with strength 0.4 of the truth blurred by a Gaussian of 2 pixels, with white noise"
            + " of 0.1 of the span; a way is a sampler and the steps of a whole run, of which"
            + " about 0.4 are gone."
            + CallsWindow.notes(job, reference));
  }

  private static double[] line(
      Job job, CallsWindow window, Tensor bad, SamplerChoice sampler, int steps) {
    SdEdit edit =
        new SdEdit(
            sampler.sampler(0, job.card().variance()), window.path(sampler, steps), STRENGTH, 1);
    return window.score(
        edit.networkCalls(sampler),
        edit.run(
            window.network(), window.toModel(bad), Constraint.NONE, window.noise(), Monitor.NONE));
  }

  /** Grey values, blurred and noisy. */
  private static Tensor bad(Picture truth, int image) {
    Tensor out = truth.grey().copy();
    double span = truth.unit().high() - truth.unit().low();
    int w = truth.width();
    int h = truth.height();
    int n = w * h;
    Random random = new Random(Settings.SEED + image);
    for (int from = 0; from < out.data().length; from += n) {
      float[] plane = new float[n];
      System.arraycopy(out.data(), from, plane, 0, n);
      new GaussianBlur().blurGaussian(new FloatProcessor(w, h, plane), BLUR, BLUR, 0.002);
      for (int i = 0; i < n; i++) {
        out.data()[from + i] = (float) (plane[i] + NOISE * span * random.nextGaussian());
      }
    }
    return out;
  }
}
