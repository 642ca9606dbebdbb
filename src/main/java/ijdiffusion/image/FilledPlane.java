package ijdiffusion.image;

import ij.process.ImageProcessor;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.List;

/**
 * A sample put back into a plane of the user's image. A pixel of weight 1 becomes the sample's grey
 * value, one of weight 0 keeps its own bits, one in the feather zone is the weighted mean. Without
 * a mask all pixels have weight 1.
 */
public final class FilledPlane implements MadePlane {
  private final Plane plane;
  private final FillMask fill;
  private final Context context;
  private final Tensor made;

  /**
   * @param plane the user's plane
   * @param fill what is filled, or null for all of it
   * @param context the window the network saw
   * @param made (N, C, H, W), laid out as {@code context.image()}
   */
  public FilledPlane(Plane plane, FillMask fill, Context context, Tensor made) {
    this.plane = plane;
    this.fill = fill;
    this.context = context;
    this.made = made;
  }

  /** The user's plane as it is. */
  public static MadePlane unchanged(Plane plane) {
    return new MadePlane() {
      @Override
      public int width() {
        return plane.width();
      }

      @Override
      public int height() {
        return plane.height();
      }

      @Override
      public int channels() {
        return plane.channels();
      }

      @Override
      public float grey(int channel, int index) {
        return plane.value(channel, index);
      }

      @Override
      public List<ImageProcessor> processors() {
        return plane.copy().processors();
      }
    };
  }

  @Override
  public int width() {
    return plane.width();
  }

  @Override
  public int height() {
    return plane.height();
  }

  @Override
  public int channels() {
    return plane.channels();
  }

  @Override
  public List<ImageProcessor> processors() {
    Plane out = plane.copy();
    write(out);
    return out.processors();
  }

  /**
   * Writes the filled pixels, and no others.
   *
   * @param target the user's plane or a copy of it
   */
  public void write(Plane target) {
    Window b = fill == null ? new Window(0, 0, plane.width(), plane.height()) : fill.bounds();
    for (int c = 0; c < plane.channels(); c++) {
      for (int y = b.y(); y < b.y() + b.height(); y++) {
        for (int x = b.x(); x < b.x() + b.width(); x++) {
          if (fill == null || fill.weight(x, y) > 0) {
            target.write(c, y * plane.width() + x, grey(c, x, y));
          }
        }
      }
    }
  }

  @Override
  public float grey(int channel, int index) {
    int x = index % plane.width();
    int y = index / plane.width();
    return fill == null || fill.weight(x, y) > 0
        ? grey(channel, x, y)
        : plane.value(channel, index);
  }

  private float grey(int channel, int x, int y) {
    Window w = context.window();
    int pixels = w.width() * w.height();
    IntensityRange range = context.ranges().get(channel);
    float value = range.toGrey(made.data()[channel * pixels + (y - w.y()) * w.width() + x - w.x()]);
    float own = plane.value(channel, y * plane.width() + x);
    float weight = fill == null ? 1 : fill.weight(x, y);
    return weight == 1 || !Float.isFinite(own) ? value : weight * value + (1 - weight) * own;
  }
}
