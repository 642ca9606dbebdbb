package ijdiffusion.bench;

import java.util.Locale;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Share of the host in a network call, against pixels, for some samplers and constraints. */
final class HostPlot {
  private static final List<String> SHOWN =
      List.of("ddim plain", "ddpm plain", "unipc plain", "ddpm repaint", "ddpm ilvr");

  private final Map<String, List<double[]>> curves = new LinkedHashMap<>();

  void add(int side, int samples, HostCase subject, double share) {
    String name = subject.sampler() + " " + subject.known().name().toLowerCase(Locale.ROOT);
    if (samples == 1 && SHOWN.contains(name)) {
      curves
          .computeIfAbsent(name, key -> new ArrayList<>())
          .add(new double[] {side, 100 * share});
    }
  }

  void write(Path file) throws IOException {
    Plots.lines("Host time over network time", "side of the image (pixels)", "%", curves, file);
  }
}
