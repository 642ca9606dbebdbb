package ijdiffusion.bench;

import java.io.IOException;

/** One table of the benchmark. */
interface BenchExperiment {
  /** Its name in settings and file names. */
  String name();

  /** Measures, and writes {@code NAME*.csv}. */
  void run(BenchSettings settings) throws IOException;
}
