package ijdiffusion.quality;

import ijdiffusion.edit.Ilvr;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.sampling.LowPass;
import ijdiffusion.sampling.Monitor;
import java.io.IOException;
import java.util.List;

/**
 * Guiding (ILVR) by a held-out image of which only what is coarse is looked at: the samples are
 * forecasts of the rest, so CRPS beside that image judges them. Quality against network calls.
 */
final class CallsGuide implements Experiment {
  private static final List<Integer> STEPS = List.of(10, 20, 50, 100);

  @Override
  public String name() {
    return "calls-guide";
  }

  @Override
  public void run(Job job) throws IOException {
    CallsTable table = new CallsTable(job, name(), CallsWindow.METRICS);
    for (int n = 0; n < job.pictures().size(); n++) {
      CallsWindow window = new CallsWindow(job, n);
      Picture truth = window.truth();
      table.measureAll(truth.name(), STEPS, (sampler, steps) -> line(job, window, sampler, steps));
      table.progress(n + 1);
    }
    String reference = CallsTable.longest(job, STEPS);
    table.write(
        reference,
        1,
        true,
        "Guiding against network calls, " + job.model(),
        "ILVR with factor 8, range 1, variant paper; the reference is the truth, of which the"
            + " method sees what is left by shrinking and enlarging 8 times."
            + CallsWindow.notes(job, reference));
  }

  private static double[] line(Job job, CallsWindow window, SamplerChoice sampler, int steps) {
    Ilvr ilvr =
        Ilvr.ofRange(
            sampler.sampler(0, job.card().variance()),
            window.path(sampler, steps),
            CallsWindow.FACTOR,
            1,
            LowPass.Variant.PAPER);
    return window.score(
        sampler.networkCalls(ilvr.path()),
        ilvr.run(
            window.network(), window.toModel(window.truth().grey()), window.noise(), Monitor.NONE));
  }
}
