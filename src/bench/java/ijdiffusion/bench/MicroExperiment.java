package ijdiffusion.bench;

import ijdiffusion.study.AllocationBenchmark;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** JMH: steps of all samplers, and the parts that steps are made of; time and memory. */
final class MicroExperiment implements BenchExperiment {
  @Override
  public String name() {
    return "jmh";
  }

  @Override
  public void run(BenchSettings settings) throws IOException {
    Table table =
        Table.begin(
            settings.out().resolve("jmh.csv"),
            "benchmark",
            "parameter",
            "ns",
            "error_ns",
            "bytes_allocated");
    for (Class<?> benchmark : List.of(PartsBenchmark.class, AllocationBenchmark.class)) {
      run(benchmark, settings, table);
    }
  }

  private static void run(Class<?> benchmark, BenchSettings settings, Table table)
      throws IOException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(benchmark.getName())
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT);
    if (settings.isQuick()) {
      options
          .warmupIterations(1)
          .measurementIterations(1)
          .measurementTime(TimeValue.milliseconds(50));
    }
    try {
      for (RunResult result : new Runner(options.build()).run()) {
        String name = result.getParams().getBenchmark();
        table.add(
            name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1),
            String.join(
                " ",
                result.getParams().getParamsKeys().stream()
                    .map(result.getParams()::getParam)
                    .toList()),
            result.getPrimaryResult().getScore(),
            result.getPrimaryResult().getScoreError(),
            result.getSecondaryResults().get("gc.alloc.rate.norm").getScore());
      }
    } catch (RunnerException e) {
      throw new IOException(e);
    }
  }
}
