package ijdiffusion.bench;

import ijdiffusion.DiffusionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is measured, from system properties.
 *
 * @param out folder of the results ({@code bench.out})
 * @param experiments which of them ({@code bench.experiments}, separated by commas); empty for all
 * @param size how much is measured ({@code bench.size}: quick, standard or full)
 * @param torchscript what {@code models/training/torchscript.py} wrote ({@code bench.torchscript})
 */
record BenchSettings(
    Path out, List<String> experiments, Size size, Optional<Path> torchscript) {
  /** How much is measured. */
  enum Size {
    /** To see that all works: two rounds of the small sizes, figures worth nothing. */
    QUICK,
    /** About a quarter of an hour. */
    STANDARD,
    /** The largest images too. */
    FULL
  }

  static BenchSettings ofProperties() {
    String size = text("bench.size", "standard");
    Size chosen =
        Stream.of(Size.values())
            .filter(s -> s.name().equalsIgnoreCase(size))
            .findFirst()
            .orElseThrow(
                () ->
                    new DiffusionException(
                        "bench.size is \"" + size + "\", but must be quick, standard or full."));
    return new BenchSettings(
        Path.of(text("bench.out", "target/bench")),
        Stream.of(text("bench.experiments", "").split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .toList(),
        chosen,
        torchScript(text("bench.torchscript", "")));
  }

  private static Optional<Path> torchScript(String file) {
    if (file.isEmpty()) {
      return Optional.empty();
    }
    Path path = Path.of(file);
    if (!file.endsWith(".pt") || !Files.isRegularFile(path)) {
      throw new DiffusionException(
          "bench.torchscript is \""
              + file
              + "\", but must be a file ending in .pt that models/training/torchscript.py wrote.");
    }
    return Optional.of(path);
  }

  /** Whether an experiment is to be done. */
  boolean has(String experiment) {
    return experiments.isEmpty() || experiments.contains(experiment);
  }

  /** Whether figures are to mean anything. */
  boolean isQuick() {
    return size == Size.QUICK;
  }

  /** Whether the largest images are measured too. */
  boolean isFull() {
    return size == Size.FULL;
  }

  /** Rounds: two where all that counts is that all works. */
  int rounds(int standard) {
    return isQuick() ? Math.min(2, standard) : standard;
  }

  private static String text(String key, String standard) {
    String value = System.getProperty(key, "").strip();
    return value.isEmpty() ? standard : value;
  }
}
