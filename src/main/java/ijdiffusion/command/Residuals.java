package ijdiffusion.command;

import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.image.Plane;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How far each sample of a run is from the data that the method binds it to, over all planes: root
 * mean square and largest absolute difference in grey values, before rounding to the image's type.
 * Pixels that the window has beyond the plane do not count, nor those outside what is filled, nor
 * NaN.
 */
final class Residuals {
  private final double[] squares;
  private final double[] largest;
  private final long[] count;

  /**
   * @param samples of each plane
   */
  Residuals(int samples) {
    this.squares = new double[samples];
    this.largest = new double[samples];
    this.count = new long[samples];
  }

  /** phi(x) - phi(y), as phi(x - y), the same for a linear phi. */
  static Tensor coarseDifference(LowPassFilter phi, Tensor x, Tensor y) {
    Tensor difference = new Tensor(x.shape());
    difference.setSum(1, x, -1, y);
    Tensor coarse = new Tensor(x.shape());
    phi.apply(difference, coarse);
    return coarse;
  }

  /**
   * For samples of a plane.
   *
   * @param plane the user's plane
   * @param context what the network sees of it
   * @param fill what is filled, or null for all of it
   * @param first number of the first sample, from 0
   */
  PlaneMethod.Residual sink(Plane plane, Context context, FillMask fill, int first) {
    return new PlaneMethod.Residual() {
      @Override
      public void ofPlane(Tensor coarse) {
        each(
            coarse,
            (k, channel, index, value) ->
                add(k, context.ranges().get(channel).toGrey(value) - plane.value(channel, index)));
      }

      @Override
      public void of(Tensor difference) {
        each(
            difference,
            (k, channel, index, value) -> {
              IntensityRange r = context.ranges().get(channel);
              add(k, value * (r.high() - r.low()) / (r.modelMax() - r.modelMin()));
            });
      }

      private void each(Tensor values, Visitor visitor) {
        Window w = context.window();
        int perSample = context.image().shape().n();
        int channels = values.shape().c();
        float[] data = values.data();
        for (int i = 0; i < data.length; i++) {
          int x = w.x() + i % w.width();
          int y = w.y() + i / w.width() % w.height();
          boolean inside = x >= 0 && y >= 0 && x < plane.width() && y < plane.height();
          if (inside && (fill == null || fill.weight(x, y) > 0)) {
            int channel = i / values.shape().planeSize() % (perSample * channels);
            int sample = first + i / (values.shape().imageSize() * perSample);
            visitor.visit(sample, channel, y * plane.width() + x, data[i]);
          }
        }
      }
    };
  }

  private interface Visitor {
    void visit(int sample, int channel, int index, float value);
  }

  private void add(int sample, double grey) {
    if (Double.isFinite(grey)) {
      squares[sample] += grey * grey;
      largest[sample] = Math.max(largest[sample], Math.abs(grey));
      count[sample]++;
    }
  }

  /** Writes the numbers of all samples, in order, into the record. */
  void describe(Map<String, String> fields) {
    if (count[0] > 0) {
      double[] rms = new double[squares.length];
      Arrays.setAll(rms, k -> Math.sqrt(squares[k] / count[k]));
      fields.put("residual_rms", words(rms));
      fields.put("residual_largest", words(largest));
    }
  }

  private static String words(double[] values) {
    return Arrays.stream(values)
        .mapToObj(v -> String.format(Locale.ROOT, "%.4g", v))
        .collect(Collectors.joining(", "));
  }
}
