package ijdiffusion.bench;

import java.util.Locale;
import ijdiffusion.card.ModelCard;
import ijdiffusion.model.Tiling;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What we add to a network call, over the time of the call of the shipped network, for every
 * sampler and constraint: the engine's step with a network that takes no time, plus what {@code
 * OnnxPredictor} adds to the runtime. Network and steps are measured in turn.
 */
final class HostExperiment implements BenchExperiment {
  /** Runs of one kind are repeated for so long before anything counts. */
  private static final double WARM_UP = 0.3e9;

  /** What is measured: a size, and how thoroughly. */
  private record Plan(int side, int samples, int rounds, int steps) {}

  private static final List<Plan> PLANS =
      List.of(
          new Plan(64, 1, 21, 12),
          new Plan(64, 8, 9, 8),
          new Plan(256, 1, 9, 8),
          new Plan(256, 8, 5, 4),
          new Plan(1024, 1, 3, 4));

  /** A minute for one network call, and 33 MB for a tensor: a few of the cases only. */
  private static final Plan LARGEST = new Plan(1024, 8, 1, 4);

  private static final Set<String> LARGEST_SAMPLERS =
      Set.of("ddpm", "dpmpp_2m", "dpmpp_sde with jumps");

  @Override
  public String name() {
    return "host";
  }

  @Override
  public void run(BenchSettings settings) throws IOException {
    Table table =
        Table.begin(
            settings.out().resolve("host.csv"),
            "side",
            "samples",
            "constraint",
            "sampler",
            "calls_per_step",
            "step_us_per_call",
            "predictor_us_per_call",
            "network_ms_per_call",
            "host_share",
            "step_ns_per_pixel",
            "bytes_per_step");
    HostPlot plot = new HostPlot();
    for (Plan plan : PLANS) {
      if (plan.side * plan.side * plan.samples <= 1 << 16 || !settings.isQuick()) {
        measure(plan, settings, table, plot);
      }
    }
    if (settings.isFull()) {
      measure(LARGEST, settings, table, plot);
    }
    plot.write(settings.out().resolve("host.png"));
  }

  private static void measure(Plan plan, BenchSettings settings, Table table, HostPlot plot)
      throws IOException {
    ModelCard card = Subject.card();
    Shape shape = new Shape(plan.samples, card.channels(), plan.side, plan.side);
    List<HostRun> runs =
        HostCase.all(card, plan.steps).stream()
            .filter(c -> plan != LARGEST || LARGEST_SAMPLERS.contains(c.sampler()))
            .map(c -> new HostRun(c, card, shape))
            .toList();
    Tiling tiling = Subject.tiling(plan.side, card);
    int tile = Math.min(tiling.tile(), plan.side);
    try (OnnxPredictor network = Subject.open();
        PredictorOverhead overhead = new PredictorOverhead(fixtures(), plan.samples, tile)) {
      Subject.Call call =
          new Subject.Call(
              Subject.tiled(network, plan.side, card), card, plan.samples, plan.side);
      runs.forEach(run -> warmUp(run::run, settings));
      warmUp(overhead::time, settings);
      if (plan.rounds > 1) {
        call.time();
      }
      int rounds = settings.rounds(plan.rounds);
      double[] networkTime = new double[rounds];
      double[] added = new double[rounds];
      double[][] step = new double[runs.size()][rounds];
      double[] bytes = new double[runs.size()];
      for (int round = 0; round < rounds; round++) {
        networkTime[round] = call.time();
        added[round] = tiling.tiles() * steady(overhead);
        for (int i = 0; i < runs.size(); i++) {
          runs.get(i).run();
          step[i][round] = runs.get(i).nanosPerCall();
          bytes[i] = runs.get(i).bytesPerStep();
        }
      }
      for (int i = 0; i < runs.size(); i++) {
        HostRun run = runs.get(i);
        double[] host = step[i].clone();
        for (int round = 0; round < rounds; round++) {
          host[round] += added[round];
        }
        Spread share = Spread.ofRatios(host, networkTime);
        plot.add(plan.side, plan.samples, run.subject(), share.median());
        table.add(
            plan.side,
            plan.samples,
            run.subject().known().name().toLowerCase(Locale.ROOT),
            run.subject().sampler(),
            run.callsPerStep(),
            Spread.of(step[i]).in(ns -> ns / 1e3),
            Spread.of(added).median() / 1e3,
            Spread.of(networkTime).in(ns -> ns / 1e6),
            share,
            Spread.of(step[i]).median() / shape.size(),
            bytes[i]);
      }
    }
  }

  /** One call is over in microseconds, so the median of some. */
  private static double steady(PredictorOverhead overhead) {
    double[] times = new double[9];
    Arrays.setAll(times, i -> overhead.time());
    return Spread.of(times).median();
  }

  private static void warmUp(Runnable work, BenchSettings settings) {
    long start = System.nanoTime();
    do {
      work.run();
    } while (System.nanoTime() - start < (settings.isQuick() ? 0.1 : 1) * WARM_UP);
  }

  /** Folder of the small networks of the tests. */
  private static Path fixtures() {
    return Path.of(System.getProperty("bench.fixtures"));
  }
}
