package ijdiffusion.bench;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.util.List;

/**
 * Measures speed and memory as ratios of things measured in turn, and writes {@code NAME.csv} and
 * plots:
 *
 * <pre>
 * mvn -P bench verify
 * </pre>
 *
 * <p>Figures are worth something on an idle machine only. Nothing is asserted.
 */
public final class BenchReport {
  private static final List<BenchExperiment> EXPERIMENTS =
      List.of(
          new HostExperiment(),
          new MicroExperiment(),
          new TorchExperiment(),
          new FirstExperiment(),
          new ScalingExperiment());

  private BenchReport() {}

  /** Runs what the system properties ask for, see {@link BenchSettings}. */
  public static void main(String[] args) throws IOException {
    BenchSettings settings = BenchSettings.ofProperties();
    List<String> names = EXPERIMENTS.stream().map(BenchExperiment::name).toList();
    for (String wanted : settings.experiments()) {
      if (!names.contains(wanted)) {
        throw new DiffusionException(
            "bench.experiments has \""
                + wanted
                + "\", but may have "
                + String.join(", ", names)
                + " only.");
      }
    }
    Machine.write(settings);
    for (BenchExperiment experiment : EXPERIMENTS) {
      if (settings.has(experiment.name())) {
        long start = System.nanoTime();
        experiment.run(settings);
        System.out.printf("%s: %.0f s%n", experiment.name(), (System.nanoTime() - start) * 1e-9);
      }
    }
  }
}
