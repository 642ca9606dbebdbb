package ijdiffusion.gpu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Memory and use of the graphics card while something runs, from nvidia-smi; NaN without one. */
final class CardMonitor implements AutoCloseable {
  private Process process;
  private double memory = Double.NaN;
  private double use;
  private int samples;

  CardMonitor() {
    try {
      process =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--query-gpu=memory.used,utilization.gpu",
                  "--format=csv,noheader,nounits",
                  "--loop-ms=100")
              .redirectErrorStream(true)
              .start();
      Thread reader = new Thread(this::read, "nvidia-smi");
      reader.setDaemon(true);
      reader.start();
    } catch (IOException e) {
      process = null; // no such program
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] cell = line.split(",");
        if (cell.length == 2) {
          add(Double.parseDouble(cell[0].strip()), Double.parseDouble(cell[1].strip()));
        }
      }
    } catch (IOException | NumberFormatException e) {
      // it ended, or says something else than numbers: what there is counts
    }
  }

  private synchronized void add(double mebibytes, double percent) {
    memory = Double.isNaN(memory) ? mebibytes : Math.max(memory, mebibytes);
    use += percent;
    samples++;
  }

  /** Forgets what was seen. */
  synchronized void reset() {
    memory = Double.NaN;
    use = 0;
    samples = 0;
  }

  /** Most memory in use since {@link #reset}, of all programs, in MiB. */
  synchronized double memory() {
    return memory;
  }

  /** Mean use since {@link #reset}, in percent. */
  synchronized double use() {
    return samples == 0 ? Double.NaN : use / samples;
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroy();
    }
  }
}
