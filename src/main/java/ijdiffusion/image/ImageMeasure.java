package ijdiffusion.image;

import ij.ImagePlus;
import ijdiffusion.card.ImageFacts;
import ijdiffusion.card.ModelCard;
import java.util.Arrays;
import java.util.List;

/** Finds out what {@link ijdiffusion.card.DomainWarnings} compares. */
public final class ImageMeasure {
  /** Pixels of a channel that are looked at, about; a regular grid of them is enough. */
  private static final int PIXELS = 1 << 16;

  private ImageMeasure() {}

  /**
   * Facts about planes of an image that a network is shown together. Each channel's limits are the
   * card's percentiles of that channel, whatever limits the run has, so that the numbers compare
   * with the card's.
   *
   * @param image the image; of a virtual stack only these planes are read
   * @param slices stack indices from 1; one, but for channels taken together
   * @param card the network's normalization and range
   */
  public static ImageFacts of(ImagePlus image, List<Integer> slices, ModelCard card) {
    Plane plane =
        image.hasImageStack()
            ? new Plane(slices.stream().map(i -> image.getStack().getProcessor(i)).toList())
            : new Plane(List.of(image.getProcessor()));
    double sum = 0;
    double squares = 0;
    long n = 0;
    for (int c = 0; c < plane.channels(); c++) {
      float[] values = finite(grid(plane, c));
      if (values.length == 0) {
        continue;
      }
      IntensityRange range =
          Limits.of("plane", "model", card).ofValues(values.clone(), plane.bits(), card);
      for (float value : values) {
        double seen = range.toModel(value);
        sum += seen;
        squares += seen * seen;
      }
      n += values.length;
    }
    double mean = sum / n; // NaN where there is no value
    double deviation = Math.sqrt(Math.max(0, squares / n - mean * mean));
    return new ImageFacts(
        plane.bits(), plane.channels(), plane.isRgb(), mean, n == 0 ? Double.NaN : deviation);
  }

  /** Values of every k-th pixel of every k-th row. */
  private static float[] grid(Plane plane, int channel) {
    double pixels = (double) plane.width() * plane.height();
    int step = (int) Math.max(1, Math.floor(Math.sqrt(pixels / PIXELS)));
    int columns = (plane.width() + step - 1) / step;
    int rows = (plane.height() + step - 1) / step;
    float[] values = new float[columns * rows];
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        values[y * columns + x] = plane.value(channel, y * step * plane.width() + x * step);
      }
    }
    return values;
  }

  private static float[] finite(float[] values) {
    int n = 0;
    for (float value : values) {
      if (Float.isFinite(value)) {
        values[n++] = value;
      }
    }
    return Arrays.copyOf(values, n);
  }
}
