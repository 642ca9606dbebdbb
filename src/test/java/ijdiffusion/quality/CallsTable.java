package ijdiffusion.quality;

import ijdiffusion.edit.SamplerChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Quality against network calls: several ways to do the same, on the same images with the same
 * draws, and each beside one of them, image by image. What an earlier run has measured is not
 * measured again.
 */
final class CallsTable {
  private final Job job;
  private final String experiment;
  private final Results results;

  /**
   * A table, with what its file holds already.
   *
   * @param job the model
   * @param experiment name of the file
   * @param metrics the columns
   */
  CallsTable(Job job, String experiment, List<Results.Metric> metrics) throws IOException {
    this.job = job;
    this.experiment = experiment;
    this.results = new Results("way", metrics);
    results.resume(job.settings().out(), experiment + "-" + job.model());
  }

  /** Adds a line unless there is one. */
  void measure(String way, String image, Supplier<double[]> line) throws IOException {
    if (!results.has(way, image)) {
      results.add(way, image, line.get());
      results.writeLines(job.settings().out(), experiment + "-" + job.model());
    }
  }

  /** What a sampler with so many steps makes of an image. */
  @FunctionalInterface
  interface Way {
    /** A line of the table. */
    double[] line(SamplerChoice sampler, int steps);
  }

  /** Adds a line for each sampler and number of steps, unless there is one. */
  void measureAll(String image, List<Integer> standard, Way way) throws IOException {
    for (SamplerChoice sampler : job.settings().callSamplers()) {
      for (int steps : job.settings().stepsOf(standard)) {
        measure(sampler.key() + " " + steps, image, () -> way.line(sampler, steps));
      }
    }
  }

  /** Tells that an image is done. */
  void progress(int done) throws IOException {
    job.progress(results, experiment, done, job.pictures().size());
  }

  /**
   * Writes table and plot.
   *
   * @param reference the way that the others are compared with
   * @param metric the column that is compared
   * @param percent whether the difference is given as a share of the reference's mean
   * @param title of the plot
   * @param notes sentences under the table
   */
  void write(String reference, int metric, boolean percent, String title, String notes)
      throws IOException {
    String text = table(results, reference, metric, percent) + "\n" + notes + "\n";
    String name = experiment + "-" + job.model();
    Files.writeString(job.settings().out().resolve(name + ".md"), text);
    BarPlot.write(results, title, job.settings().out().resolve(name + ".png").toFile());
    System.out.println("\n" + title + "\n\n" + text);
  }

  /** The way with the first sampler and the most steps. */
  static String longest(Job job, List<Integer> standard) {
    List<Integer> steps = job.settings().stepsOf(standard);
    return job.settings().callSamplers().get(0).key() + " " + steps.get(steps.size() - 1);
  }

  /**
   * The means, number of images, and difference from the reference on the images that both have,
   * with its standard error.
   */
  static String table(Results results, String reference, int metric, boolean percent) {
    String[] lines = results.table().split("\n");
    String heading = results.metrics().get(metric).name() + " against " + reference;
    StringBuilder out = new StringBuilder();
    out.append(lines[0]).append(" n | ").append(heading).append(" | pairs |\n");
    out.append(lines[1]).append("---:|---:|---:|\n");
    for (int k = 0; k < results.methods().size(); k++) {
      String way = results.methods().get(k);
      Results.Pairing pair = results.pairing(way, reference, metric);
      double unit = percent ? pair.base() / 100 : 1;
      boolean alone = way.equals(reference) || pair.n() == 0;
      String difference =
          alone
              ? "|"
              : String.format(
                  Locale.ROOT,
                  percent ? "%+.1f ± %.1f %% | %d" : "%+.2f ± %.2f | %d",
                  pair.difference() / unit,
                  pair.error() / unit,
                  pair.n());
      out.append(lines[2 + k]).append(' ').append(results.count(way)).append(" | ");
      out.append(difference).append(" |\n");
    }
    return out.toString();
  }
}
