package ijdiffusion.bench;

import ijdiffusion.onnx.OnnxPredictor;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/** What was measured on: {@code bench.properties}. */
final class Machine {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private Machine() {}

  static void write(BenchSettings settings) throws IOException {
    Properties p = new Properties();
    p.setProperty("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    p.setProperty("size", settings.size().name());
    p.setProperty("experiments", String.join(",", settings.experiments()));
    p.setProperty("processor", processor());
    p.setProperty("logical_processors", "" + Runtime.getRuntime().availableProcessors());
    // others at work make times longer and threads useless
    p.setProperty(
        "load_at_start",
        "" + ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    p.setProperty("memory_mb", "" + memory() / 1_000_000);
    p.setProperty(
        "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    p.setProperty(
        "java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
    // libtorch's threads wait actively unless told otherwise, which costs much beside other work
    p.setProperty(
        "omp_wait_policy", Objects.requireNonNullElse(System.getenv("OMP_WAIT_POLICY"), "unset"));
    p.setProperty("max_heap_mb", "" + Runtime.getRuntime().maxMemory() / 1_000_000);
    try (OnnxPredictor network = Subject.open()) {
      p.setProperty("runtime", network.runtime());
      p.setProperty("threads", "" + network.threads());
    }
    Files.createDirectories(settings.out());
    try (Writer writer = Files.newBufferedWriter(settings.out().resolve("bench.properties"))) {
      p.store(writer, "Machine of the benchmarks in this folder");
    }
    p.forEach((key, value) -> System.out.println(key + ": " + value));
  }

  private static long memory() {
    return ((com.sun.management.OperatingSystemMXBean)
            ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  private static String processor() throws IOException {
    if (!Files.isReadable(PROCESSORS)) {
      return System.getProperty("os.arch");
    }
    List<String> lines = Files.readAllLines(PROCESSORS);
    return lines.stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  /** A figure in kB of {@code /proc/self/status}, in MB; NaN where there is none. */
  static double status(String key) throws IOException {
    Path file = Path.of("/proc/self/status");
    if (!Files.isReadable(file)) {
      return Double.NaN;
    }
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(key + ":"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024 / 1e6)
        .findFirst()
        .orElse(Double.NaN);
  }
}
