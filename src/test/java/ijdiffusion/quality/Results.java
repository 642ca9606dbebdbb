package ijdiffusion.quality;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What came out: for each method, one line an image. */
final class Results {
  private final String header;
  private final List<Metric> metrics;
  private final Map<String, Map<String, double[]>> values = new LinkedHashMap<>();
  private final StringBuilder lines = new StringBuilder();

  /**
   * A column.
   *
   * @param name its heading
   * @param decimals digits after the point in the table
   */
  record Metric(String name, int decimals) {}

  /**
   * An empty table.
   *
   * @param header heading of the methods; several parts are separated by {@code " | "}, and then
   *     are so in each method's name
   * @param metrics the columns
   */
  Results(String header, List<Metric> metrics) {
    this.header = header;
    this.metrics = List.copyOf(metrics);
  }

  List<Metric> metrics() {
    return metrics;
  }

  List<String> methods() {
    return List.copyOf(values.keySet());
  }

  /**
   * Adds a line.
   *
   * @param method its name; methods are listed in the order of their first line
   * @param image name of the image
   * @param line a value for each metric, NaN where it has none
   */
  void add(String method, String image, double... line) {
    if (line.length != metrics.size()) {
      throw new IllegalArgumentException(line.length + " values for " + metrics);
    }
    values.computeIfAbsent(method, key -> new LinkedHashMap<>()).put(image, line.clone());
    lines.append(columns(method)).append(',').append(image);
    for (double v : line) {
      lines.append(',').append(Double.isNaN(v) ? "" : String.format(Locale.ROOT, "%.6g", v));
    }
    lines.append('\n');
  }

  /** Mean of a method's metric over the images that have it; NaN if none has. */
  double mean(String method, int metric) {
    return Arrays.stream(present(method, metric)).average().orElse(Double.NaN);
  }

  /** Standard error of that mean, as if the images had been drawn at random; NaN for one image. */
  double standardError(String method, int metric) {
    return errorOfMean(present(method, metric));
  }

  private static double errorOfMean(double[] v) {
    double mean = Arrays.stream(v).average().orElse(Double.NaN);
    double squares = Arrays.stream(v).map(x -> (x - mean) * (x - mean)).sum();
    return v.length < 2 ? Double.NaN : Math.sqrt(squares / (v.length - 1) / v.length);
  }

  /** How many images a method has a line for. */
  int count(String method) {
    return values.getOrDefault(method, Map.of()).size();
  }

  /** Whether a method has a line for an image. */
  boolean has(String method, String image) {
    return values.getOrDefault(method, Map.of()).containsKey(image);
  }

  /**
   * A method beside another on the images that both have a value for.
   *
   * @param n how many these are
   * @param difference mean of the method's values less the other's
   * @param error its standard error, of the differences image by image; NaN for one image
   * @param base mean of the other's values
   */
  record Pairing(int n, double difference, double error, double base) {}

  /** Compares a metric of two methods, image by image. */
  Pairing pairing(String method, String other, int metric) {
    Map<String, double[]> theirs = values.getOrDefault(other, Map.of());
    List<double[]> pairs = new ArrayList<>();
    values
        .getOrDefault(method, Map.of())
        .forEach(
            (image, line) -> {
              double[] their = theirs.get(image);
              if (their != null && !Double.isNaN(line[metric]) && !Double.isNaN(their[metric])) {
                pairs.add(new double[] {line[metric], their[metric]});
              }
            });
    double[] d = pairs.stream().mapToDouble(pair -> pair[0] - pair[1]).toArray();
    return new Pairing(
        d.length,
        Arrays.stream(d).average().orElse(Double.NaN),
        errorOfMean(d),
        pairs.stream().mapToDouble(pair -> pair[1]).average().orElse(Double.NaN));
  }

  /**
   * Takes up the lines that an earlier run wrote, so that one that was cut off goes on.
   *
   * @param folder where {@link #writeLines} wrote
   * @param name its file without an ending; nothing happens where there is none
   */
  void resume(Path folder, String name) throws IOException {
    Path file = folder.resolve(name + ".csv");
    if (!Files.exists(file)) {
      return;
    }
    int parts = header.split(" \\| ", -1).length;
    for (String line : Files.readAllLines(file).stream().skip(1).toList()) {
      String[] cells = line.split(",", -1);
      double[] numbers = new double[metrics.size()];
      if (cells.length != parts + 1 + numbers.length) {
        throw new IOException(file + " is of another table: \"" + line + "\"");
      }
      for (int m = 0; m < numbers.length; m++) {
        String cell = cells[parts + 1 + m];
        numbers[m] = cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
      }
      add(String.join(" | ", Arrays.copyOf(cells, parts)), cells[parts], numbers);
    }
  }

  private double[] present(String method, int metric) {
    return values.get(method).values().stream()
        .mapToDouble(line -> line[metric])
        .filter(v -> !Double.isNaN(v))
        .toArray();
  }

  /** The means as a Markdown table. */
  String table() {
    StringBuilder out = new StringBuilder("| " + header);
    metrics.forEach(metric -> out.append(" | ").append(metric.name()));
    out.append(" |\n");
    out.append("|---".repeat(header.split(" \\| ", -1).length))
        .append("|---:".repeat(metrics.size()));
    out.append("|\n");
    for (String method : values.keySet()) {
      out.append("| ").append(method);
      for (int m = 0; m < metrics.size(); m++) {
        double mean = mean(method, m);
        String format = "%." + metrics.get(m).decimals() + "f";
        out.append(" | ")
            .append(Double.isNaN(mean) ? "" : String.format(Locale.ROOT, format, mean));
      }
      out.append(" |\n");
    }
    return out.toString();
  }

  /** Writes {@code NAME.csv} with every line so far: a run takes hours, and may be cut off. */
  void writeLines(Path folder, String name) throws IOException {
    Files.createDirectories(folder);
    // parts of a method's name are columns, so commas within them have to go
    StringBuilder heading = new StringBuilder(columns(header)).append(",image");
    metrics.forEach(metric -> heading.append(',').append(columns(metric.name())));
    Files.writeString(folder.resolve(name + ".csv"), heading.append('\n').toString() + lines);
  }

  private static String columns(String text) {
    return text.replace(",", "").replace(" | ", ",");
  }

  /**
   * Writes {@code NAME.csv} with every line, {@code NAME.md} with the table, and a plot of it,
   * {@code NAME.png}.
   *
   * @param folder made if it is not there
   * @param name without an ending
   * @param title of the plot
   * @param notes sentences under the table
   */
  void write(Path folder, String name, String title, String notes) throws IOException {
    writeLines(folder, name);
    Files.writeString(folder.resolve(name + ".md"), table() + "\n" + notes + "\n");
    BarPlot.write(this, title, folder.resolve(name + ".png").toFile());
    System.out.println("\n" + title + "\n\n" + table() + "\n" + notes + "\n");
  }
}
