package ijdiffusion.card;

import ijdiffusion.DiffusionException;

/**
 * Two grey values that went to the ends of the network's range in training, whatever the image, as
 * 0 and 255 of photographs. Images of another depth, whose values mean something else, are mapped
 * by percentiles.
 *
 * @param low goes to the lower end
 * @param high goes to the upper end, above the other
 * @param bits of the images that this holds for: 8 (RGB images too), 16 or 32
 */
public record FixedValues(double low, double high, int bits) {
  public FixedValues {
    if (!(low < high) || Double.isInfinite(high - low)) {
      throw new DiffusionException(
          Normalization.FIELD
              + "fixed_values is ["
              + low
              + ", "
              + high
              + "], but must be two numbers, the smaller one first.");
    }
    if (bits != 8 && bits != 16 && bits != 32) {
      throw new DiffusionException(
          Normalization.FIELD + "fixed_bits is " + bits + ", but must be 8, 16 or 32.");
    }
  }
}
