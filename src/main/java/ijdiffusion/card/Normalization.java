package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.Optional;

/**
 * How grey values were mapped to the network's range in training: linearly, two percentiles of the
 * image going to the two ends of the range, or two fixed grey values.
 *
 * @param lowPercentile goes to the lower end, from 0 to 100
 * @param highPercentile goes to the upper end, from 0 to 100, above the other
 * @param minimumSpan smallest distance of the two limits, in grey values of an 8-bit image, so that
 *     the noise of an empty image is not stretched over the whole range; 0 for none
 * @param fixed grey values instead of percentiles, for images of their depth
 */
public record Normalization(
    double lowPercentile, double highPercentile, double minimumSpan, Optional<FixedValues> fixed) {
  static final String FIELD = "config.diffusion.image.normalization.";

  /** By percentiles, always. */
  public Normalization(double lowPercentile, double highPercentile, double minimumSpan) {
    this(lowPercentile, highPercentile, minimumSpan, Optional.empty());
  }

  public Normalization {
    DiffusionException.inRange(FIELD + "low_percentile", lowPercentile, 0, 100);
    DiffusionException.inRange(FIELD + "high_percentile", highPercentile, 0, 100);
    DiffusionException.inRange(FIELD + "minimum_span", minimumSpan, 0, 255);
    if (!(lowPercentile < highPercentile)) {
      throw new DiffusionException(
          FIELD
              + "high_percentile is "
              + highPercentile
              + ", but must be above low_percentile, which is "
              + lowPercentile
              + ".");
    }
  }
}
