package ijdiffusion.image;

import ijdiffusion.DiffusionException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The linear map between grey values and the range a network works in: {@code low} goes to {@code
 * modelMin}, {@code high} to {@code modelMax}. Rounded to integers it is exactly invertible on all
 * 65,536 grey values of a 16-bit image.
 *
 * @param low grey value of the network's minimum
 * @param high grey value of the network's maximum, above low
 * @param modelMin the network's minimum, usually -1
 * @param modelMax the network's maximum, usually 1
 */
public record IntensityRange(double low, double high, double modelMin, double modelMax) {
  private static final Pattern DESCRIBED = Pattern.compile("(\\S+) to (\\S+) as (\\S+) to (\\S+)");

  public IntensityRange {
    if (!(low < high) || !(modelMin < modelMax)) {
      throw new IllegalArgumentException(
          "Range " + low + " .. " + high + " to " + modelMin + " .. " + modelMax + " is empty");
    }
  }

  /**
   * Limits at two percentiles of the given values, at least {@code minimumSpan} apart. Percentiles
   * are interpolated linearly between order statistics, as numpy does.
   *
   * @param values grey values, at least one; NaN and infinite ones do not count; sorted on return
   * @param lowPercentile from 0 to 100
   * @param highPercentile from 0 to 100, above the other
   * @param minimumSpan smallest distance of the limits, in grey values; 0 for none
   * @param modelMin the network's minimum
   * @param modelMax the network's maximum
   */
  public static IntensityRange ofPercentiles(
      float[] values,
      double lowPercentile,
      double highPercentile,
      double minimumSpan,
      double modelMin,
      double modelMax) {
    float[] finite = values;
    int n = 0;
    for (float v : values) {
      if (Float.isFinite(v)) {
        finite[n++] = v;
      }
    }
    if (n == 0) {
      throw new IllegalArgumentException("No finite grey value to take percentiles of");
    }
    Arrays.sort(finite, 0, n);
    double low = percentile(finite, n, lowPercentile);
    double high = percentile(finite, n, highPercentile);
    return between(low, Math.max(high, low + minimumSpan), modelMin, modelMax);
  }

  /**
   * Limits at two grey values. Where they are equal, as in a flat image, the upper one is moved:
   * any span maps such an image to the network's minimum and back.
   *
   * @param low lower limit
   * @param high upper limit, not below the other
   * @param modelMin the network's minimum
   * @param modelMax the network's maximum
   */
  static IntensityRange between(double low, double high, double modelMin, double modelMax) {
    double upper =
        high > low ? high : low + Math.max(1e-6, Math.ulp((float) Math.abs(low)) * 256.0);
    return new IntensityRange(low, upper, modelMin, modelMax);
  }

  private static double percentile(float[] sorted, int n, double percent) {
    double position = percent / 100 * (n - 1);
    int below = (int) Math.floor(position);
    int above = Math.min(n - 1, below + 1);
    return sorted[below] + (position - below) * (sorted[above] - (double) sorted[below]);
  }

  /** Grey value to the network's range; values beyond the limits end at the limits. */
  public float toModel(float grey) {
    double v = modelMin + (grey - low) * ((modelMax - modelMin) / (high - low));
    return (float) Math.min(modelMax, Math.max(modelMin, v));
  }

  /** Grey value to the network's range and beyond. */
  public float toModelUnlimited(float grey) {
    return (float) (modelMin + (grey - low) * ((modelMax - modelMin) / (high - low)));
  }

  /** Back from the network's range to a grey value, not rounded. */
  public float toGrey(float model) {
    return (float) (low + (model - modelMin) * ((high - low) / (modelMax - modelMin)));
  }

  /** As text, with all digits: {@code 3.0 to 130.0 as -1.0 to 1.0}. */
  public String describe() {
    return low + " to " + high + " as " + modelMin + " to " + modelMax;
  }

  /**
   * Reads what {@link #describe} wrote.
   *
   * @throws DiffusionException when it is something else
   */
  public static IntensityRange parse(String text) {
    Matcher m = DESCRIBED.matcher(text);
    try {
      if (m.matches()) {
        return new IntensityRange(
            Double.parseDouble(m.group(1)),
            Double.parseDouble(m.group(2)),
            Double.parseDouble(m.group(3)),
            Double.parseDouble(m.group(4)));
      }
    } catch (IllegalArgumentException e) {
      throw new DiffusionException("Intensity range \"" + text + "\" cannot be used.", e);
    }
    throw new DiffusionException(
        "Intensity range \"" + text + "\" is not of the form \"0 to 255 as -1 to 1\".");
  }
}
