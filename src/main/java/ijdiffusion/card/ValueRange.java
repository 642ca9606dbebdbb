package ijdiffusion.card;

import ijdiffusion.DiffusionException;

/**
 * Smallest and largest value of clean images as the network sees them.
 *
 * @param min usually -1
 * @param max usually 1
 */
public record ValueRange(double min, double max) {
  public ValueRange {
    if (!(min < max) || Double.isInfinite(max - min)) {
      throw new DiffusionException(
          "config.diffusion.image.value_range is ["
              + min
              + ", "
              + max
              + "], but must be two numbers, the smaller one first.");
    }
  }
}
