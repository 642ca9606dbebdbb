package ijdiffusion.bench;

import ijdiffusion.study.AllocationBenchmark;
import java.io.IOException;
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
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(PartsBenchmark.class.getName())
            .include(AllocationBenchmark.class.getName())
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT);
    if (settings.isQuick()) {
      options.warmupIterations(1).measurementIterations(1).measurementTime(TimeValue.milliseconds(50));
    }
    Table table =
        Table.begin(
            settings.out().resolve("jmh.csv"),
            "benchmark",
            "parameter",
            "ns",
            "error_ns",
            "bytes_allocated");
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
