package ijdiffusion.quality;

import java.io.IOException;

/** One table of the quality report. */
interface Experiment {
  /** Its name in settings and file names. */
  String name();

  /** Measures one model and writes what came out. */
  void run(Job job) throws IOException;
}
