package ijdiffusion.quality;

import java.io.IOException;
import java.util.List;

/** Filling of a hole by a network that was trained for it: quality against calls, over samplers. */
final class CallsFill implements Experiment {
  private static final int SAMPLES = 4;
  private static final List<Integer> STEPS = List.of(5, 10, 20, 50, 100);
  private static final String HOLE = "stroke";

  @Override
  public String name() {
    return "calls-fill";
  }

  @Override
  public void run(Job job) throws IOException {
    int samples = job.settings().samplesOf(SAMPLES);
    boolean[] hole = Holes.all().get(HOLE);
    HoleFill interpolation = new HoleFill(hole, Holes.SIDE);
    CallsTable table = new CallsTable(job, name(), HoleTask.METRICS);
    for (int n = 0; n < job.pictures().size(); n++) {
      Picture truth = job.pictures().get(n).busiest(Holes.SIDE, n);
      table.measure(
          "biharmonic",
          truth.name(),
          () ->
              HoleTask.score(
                  Double.NaN,
                  truth.inUnits(),
                  HoleFill.eachPlane(truth.inUnits(), interpolation::biharmonic),
                  hole));
      table.measureAll(
          truth.name(),
          STEPS,
          (sampler, steps) -> {
            HoleTask task = new HoleTask(job, truth, hole, samples);
            InOneGo way = new InOneGo(sampler, steps);
            return HoleTask.score(
                way.networkCalls(job.card()), truth.inUnits(), task.inUnits(way.run(task)), hole);
          });
      table.progress(n + 1);
    }
    String reference = CallsTable.longest(job, STEPS);
    table.write(
        reference,
        1,
        true,
        "Filling a hole against network calls, " + job.model(),
        "A stroke of 6 pixels across 64 x 64, of 16 random places in an image that with the greatest"
            + " standard deviation; mean of "
            + samples
            + " samples, in units of the whole image's span (minimum to percentile 99.8); CRPS by"
            + " the fair estimator. n: images; then the difference of the mean CRPS from that of "
            + reference
            + " on the images that both have, with its standard error, and how many these are. "
            + job.provenance());
  }
}
