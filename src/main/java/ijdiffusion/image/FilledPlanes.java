package ijdiffusion.image;

import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;

/**
 * Samples put back into planes of the user's image. A pixel of weight 1 becomes the sample's grey
 * value, one of weight 0 keeps its own bits, one in the feather zone is the weighted mean.
 */
public final class FilledPlanes {
  private final Plane plane;
  private final FillMask fill;
  private final Context context;
  private final Tensor samples;
  private final int perSample;

  /**
   * @param plane the user's plane
   * @param fill what is filled
   * @param context the window the network saw
   * @param samples (n N, C, H, W): n samples, each laid out as {@code context.image()}
   */
  public FilledPlanes(Plane plane, FillMask fill, Context context, Tensor samples) {
    this.plane = plane;
    this.fill = fill;
    this.context = context;
    this.samples = samples;
    this.perSample = context.image().shape().size();
  }

  /** Number of samples. */
  public int samples() {
    return samples.shape().size() / perSample;
  }

  /**
   * A plane with one sample in it.
   *
   * @param sample from 0
   * @return same type, colour table and display range as the user's plane
   */
  public ImageProcessor plane(int sample) {
    ImageProcessor out = plane.duplicate();
    write(sample, out);
    return out;
  }

  /**
   * Writes one sample into a plane.
   *
   * @param sample from 0
   * @param target the user's plane or a copy of it
   */
  public void write(int sample, ImageProcessor target) {
    for (int c = 0; c < plane.channels(); c++) {
      int channel = c;
      forEachFilled(
          (index, i) -> Plane.set(target, index, channel, value(index, sample, channel, i)));
    }
  }

  /**
   * Mean over the samples.
   *
   * @param channel of the plane, from 0
   * @return 32-bit; outside the filled area the image's own values
   */
  public FloatProcessor mean(int channel) {
    float[] out = new float[plane.width() * plane.height()];
    for (int i = 0; i < out.length; i++) {
      out[i] = plane.value(channel, i);
    }
    forEachFilled((index, i) -> out[index] = (float) mean(index, channel, i));
    return new FloatProcessor(plane.width(), plane.height(), out);
  }

  /**
   * Standard deviation over the samples, with n - 1 below the line.
   *
   * @param channel of the plane, from 0
   * @return 32-bit, in grey values; 0 outside the filled area
   */
  public FloatProcessor standardDeviation(int channel) {
    float[] out = new float[plane.width() * plane.height()];
    int n = samples();
    forEachFilled(
        (index, i) -> {
          double mean = mean(index, channel, i);
          double sum = 0;
          for (int k = 0; k < n; k++) {
            double d = value(index, k, channel, i) - mean;
            sum += d * d;
          }
          out[index] = (float) Math.sqrt(sum / Math.max(1, n - 1));
        });
    return new FloatProcessor(plane.width(), plane.height(), out);
  }

  private double mean(int index, int channel, int i) {
    double sum = 0;
    for (int k = 0; k < samples(); k++) {
      sum += value(index, k, channel, i);
    }
    return sum / samples();
  }

  /** Grey value of a sample at a filled pixel; i is its index in the window. */
  private float value(int index, int sample, int channel, int i) {
    int pixels = context.window().width() * context.window().height();
    float made =
        context
            .ranges()
            .get(channel)
            .toGrey(samples.data()[sample * perSample + channel * pixels + i]);
    float weight = fill.weight(index % plane.width(), index / plane.width());
    float own = plane.value(channel, index);
    return weight == 1 || !Float.isFinite(own) ? made : weight * made + (1 - weight) * own;
  }

  private interface PixelAction {
    void at(int planeIndex, int windowIndex);
  }

  private void forEachFilled(PixelAction action) {
    Window b = fill.bounds();
    Window w = context.window();
    for (int y = b.y(); y < b.y() + b.height(); y++) {
      for (int x = b.x(); x < b.x() + b.width(); x++) {
        if (fill.weight(x, y) > 0) {
          action.at(y * plane.width() + x, (y - w.y()) * w.width() + x - w.x());
        }
      }
    }
  }
}
