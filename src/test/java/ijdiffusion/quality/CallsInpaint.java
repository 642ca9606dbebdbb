package ijdiffusion.quality;

import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.util.Locale;

/** Filling of a square hole: quality against network calls. */
final class CallsInpaint implements Experiment {
  private static final int SAMPLES = 8;
  private static final String REFERENCE = "paper";

  @Override
  public String name() {
    return "calls-inpaint";
  }

  @Override
  public void run(Job job) throws IOException {
    boolean[] hole = Holes.all().get("square");
    HoleFill fill = new HoleFill(hole, Holes.SIDE);
    int samples = job.settings().samplesOf(SAMPLES);
    CallsTable table = new CallsTable(job, name(), HoleTask.METRICS);
    for (int n = 0; n < job.pictures().size(); n++) {
      Picture truth = job.pictures().get(n).busiest(Holes.SIDE, n);
      Tensor units = truth.inUnits();
      HoleTask task = new HoleTask(job, truth, hole, samples);
      table.measure(
          "harmonic",
          truth.name(),
          () -> HoleTask.score(Double.NaN, units, HoleFill.eachPlane(units, fill::harmonic), hole));
      table.measure(
          "biharmonic",
          truth.name(),
          () ->
              HoleTask.score(Double.NaN, units, HoleFill.eachPlane(units, fill::biharmonic), hole));
      for (InpaintWay way : job.settings().calls()) {
        table.measure(
            way.name(),
            truth.name(),
            () ->
                HoleTask.score(
                    way.networkCalls(job.card()), units, task.inUnits(way.run(task, fill)), hole));
      }
      table.progress(n + 1);
    }
    int k = Metrics.rankOfInterval(samples);
    table.write(
        REFERENCE,
        1,
        true,
        "Filling of holes against network calls, " + job.model(),
        String.format(
            Locale.ROOT,
            "A square hole of 24 x 24 in 64 x 64 pixels, of 16 random places in an image that with"
                + " the greatest standard deviation; %d samples. Errors inside the hole, in units"
                + " of the whole image's span. CRPS by the fair estimator. Coverage: how often the"
                + " truth is between the samples of rank %d from either end, ideally %.3f. n:"
                + " images; then the difference of the mean CRPS from that of %s on the images"
                + " that both have, with its standard error, and how many these are. %s",
            samples,
            k,
            Metrics.nominal(samples, k),
            REFERENCE,
            job.provenance()));
  }
}
