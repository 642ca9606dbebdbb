package ijdiffusion.image;

import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.List;

/**
 * A sample that is a whole new plane: of the user's plane's type, some times as large, or RGB where
 * a grey plane was coloured.
 */
public final class EnlargedPlane implements MadePlane {
  private final Plane plane;
  private final Context context;
  private final Tensor made;
  private final int factor;
  private final boolean coloured;

  /**
   * @param plane the user's plane
   * @param context what the network saw of it
   * @param made (N, C, factor H, factor W) in the network's range, N C the plane's channels, or 3
   *     where a grey plane was coloured
   * @param factor how many times as large, at least 1
   */
  public EnlargedPlane(Plane plane, Context context, Tensor made, int factor) {
    this.plane = plane;
    this.context = context;
    this.made = made;
    this.factor = factor;
    int planes = made.shape().n() * made.shape().c();
    this.coloured = planes == 3 && plane.channels() == 1;
    if (planes != plane.channels() && !coloured) {
      throw new IllegalArgumentException(
          "Sample " + made + " for a plane of " + plane.channels() + " channels");
    }
  }

  @Override
  public int width() {
    return plane.width() * factor;
  }

  @Override
  public int height() {
    return plane.height() * factor;
  }

  @Override
  public int channels() {
    return coloured ? 3 : plane.channels();
  }

  @Override
  public List<ImageProcessor> processors() {
    Plane out =
        coloured
            ? new Plane(List.of(new ColorProcessor(width(), height())))
            : plane.blank(width(), height());
    int n = width() * height();
    // colours have 8 bits: the limits are black and full colour there
    float from = coloured && !plane.isEightBit() ? (float) context.ranges().get(0).low() : 0;
    float scale =
        from == 0 && plane.isEightBit() || !coloured
            ? 1
            : (float) (255 / (context.ranges().get(0).high() - context.ranges().get(0).low()));
    for (int c = 0; c < channels(); c++) {
      for (int i = 0; i < n; i++) {
        out.write(c, i, (grey(c, i) - from) * scale);
      }
    }
    return out.processors();
  }

  @Override
  public float grey(int channel, int index) {
    Window w = context.window();
    int columns = w.width() * factor;
    int x = index % width() - w.x() * factor;
    int y = index / width() - w.y() * factor;
    IntensityRange range = context.ranges().get(coloured ? 0 : channel);
    return range.toGrey(made.data()[(channel * w.height() * factor + y) * columns + x]);
  }
}
