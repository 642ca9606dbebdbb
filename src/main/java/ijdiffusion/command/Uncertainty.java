package ijdiffusion.command;

import ij.process.FloatProcessor;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.SampleStatistics;
import java.util.Locale;
import java.util.Map;

/** How much samples differ where pixels were made up, over all planes of a run. */
final class Uncertainty {
  private int samples;
  private long pixels;
  private double sum;
  private double largest;

  /**
   * Adds a plane.
   *
   * @param all statistics of its samples, several
   * @param fill what was made up, or null for all of it
   */
  void add(SampleStatistics all, FillMask fill) {
    samples = all.samples();
    for (int c = 0; c < all.channels(); c++) {
      FloatProcessor sd = all.standardDeviation(c);
      for (int i = 0; i < sd.getPixelCount(); i++) {
        float v = sd.getf(i);
        boolean made = fill == null || fill.weight(i % sd.getWidth(), i / sd.getWidth()) > 0;
        if (made && Float.isFinite(v)) {
          pixels++;
          sum += v;
          largest = Math.max(largest, v);
        }
      }
    }
  }

  /** For the overlay; empty for a single sample. */
  String legend() {
    return pixels == 0
        ? ""
        : "SD of " + samples + " samples (grey values):\nmean " + mean() + ", largest " + most();
  }

  /** For the record. */
  void describe(Map<String, String> fields) {
    if (pixels > 0) {
      fields.put("sd_mean", mean());
      fields.put("sd_largest", most());
    }
  }

  private String mean() {
    return String.format(Locale.ROOT, "%.4g", sum / pixels);
  }

  private String most() {
    return String.format(Locale.ROOT, "%.4g", largest);
  }
}
