package ijdiffusion.command;

import ij.IJ;
import ij.ImageJ;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.ProviderTrial;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What works on this machine and what does not, as lines of text to send to somebody who helps. */
final class SetupReport {
  /** The model that devices are tried with. */
  static final String PROBE = "nuclei";

  private static final long SECONDS = 5;
  private static final int MEGABYTE = 1 << 20;

  private final List<String> lines = new ArrayList<>();
  private boolean works = true;

  private SetupReport() {}

  /** Tries everything; takes some seconds. */
  static SetupReport make() {
    SetupReport report = new SetupReport();
    report.software();
    report.devices();
    report.models();
    return report;
  }

  /** The report, one fact a line. */
  String text() {
    return String.join("\n", lines) + "\n";
  }

  /** Whether the CPU runs a network and every model can be used. */
  boolean works() {
    return works;
  }

  private void software() {
    lines.add("Diffusion for ImageJ " + Version.current() + ", from " + place(Version.class));
    lines.add("ImageJ " + IJ.getFullVersion() + ", from " + place(ImageJ.class));
    String home = IJ.getDirectory("imagej");
    lines.add("ImageJ's folder: " + (home == null ? "none" : home));
    lines.add(
        "Java "
            + System.getProperty("java.version")
            + " ("
            + System.getProperty("java.vendor")
            + "), from "
            + System.getProperty("java.home"));
    Runtime java = Runtime.getRuntime();
    lines.add(
        String.format(
            Locale.ROOT,
            "System: %s %s on %s, %d processors, Java may use %d MB of memory",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch"),
            java.availableProcessors(),
            java.maxMemory() / MEGABYTE));
    lines.add(ProviderTrial.runtime() + ", from " + place(ProviderTrial.runtimeClass()));
    String natives = System.getProperty("onnxruntime.native.path");
    if (natives != null) {
      lines.add("Native code of ONNX Runtime: " + natives + " (onnxruntime.native.path)");
    }
  }

  private void devices() {
    ModelCard probe;
    try {
      probe = Models.catalogue().find(PROBE);
    } catch (DiffusionException e) {
      works = false;
      lines.add("Devices cannot be tried: " + e.getMessage());
      return;
    }
    for (Device device : List.of(Device.CPU, Device.CUDA)) {
      ProviderTrial trial = ProviderTrial.run(probe, device);
      lines.add("Device " + device + " " + trial.words());
      works &= trial.works() || device == Device.CUDA;
    }
    lines.add("CUDA settings: " + ProviderTrial.cudaSettings());
    lines.add("NVIDIA driver: " + driver());
  }

  /** Names, versions and memory of the graphics cards, from the driver's own program. */
  private static String driver() {
    try {
      Process process =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--query-gpu=name,driver_version,memory.total,memory.free,compute_cap",
                  "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      try {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          return "nvidia-smi does not answer";
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return said.strip().replaceAll("\\s*\\R\\s*", "; ")
            + " (name, driver, memory, free memory, compute capability)";
      } finally {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "not asked";
    } catch (IOException e) {
      return "none found (no nvidia-smi on the path)";
    }
  }

  private void models() {
    ModelCatalogue catalogue = Models.catalogue();
    for (String name : catalogue.names()) {
      String words;
      try {
        ModelCard card = catalogue.find(name);
        card.loadWeights();
        words =
            String.format(
                Locale.ROOT,
                "%.1f MB, SHA-256 as its card says, from %s",
                Files.size(card.weights().file()) * 1e-6,
                card.file().toUri());
      } catch (DiffusionException e) {
        works = false;
        words = "cannot be used: " + e.getMessage();
      } catch (IOException e) {
        works = false;
        words = "cannot be used: " + e;
      }
      lines.add("Model " + name + ": " + words);
    }
  }

  private static String place(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    // Fiji's patched classes of ImageJ have a source without a place
    return source == null || source.getLocation() == null
        ? "an unknown place"
        : source.getLocation().toString();
  }
}
