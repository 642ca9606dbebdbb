package ijdiffusion.tensor;

import java.util.Arrays;

/**
 * A batch of images: float32 in NCHW order on one array. The array is not copied, neither on the
 * way in nor out, so that samplers work in place and a step allocates nothing.
 */
public final class Tensor {
  private final Shape shape;
  private final float[] data;

  /**
   * Zeros.
   *
   * @param shape (N, C, H, W)
   */
  public Tensor(Shape shape) {
    this(shape, new float[shape.size()]);
  }

  /**
   * Wraps an array.
   *
   * @param shape (N, C, H, W)
   * @param data N C H W values in C order; kept, not copied
   */
  public Tensor(Shape shape, float[] data) {
    if (data.length != shape.size()) {
      throw new IllegalArgumentException(
          "Tensor " + shape + " needs " + shape.size() + " values, not " + data.length);
    }
    this.shape = shape;
    this.data = data;
  }

  /** (N, C, H, W). */
  public Shape shape() {
    return shape;
  }

  /** The values themselves, in C order; writes go through. */
  public float[] data() {
    return data;
  }

  /** A copy with an array of its own. */
  public Tensor copy() {
    return new Tensor(shape, data.clone());
  }

  /** Sets every value. */
  public void fill(float value) {
    Arrays.fill(data, value);
  }

  /** Copies all values of a tensor of the same shape into this one. */
  public void set(Tensor other) {
    requireShape(other.shape);
    System.arraycopy(other.data, 0, data, 0, data.length);
  }

  /** this = a x + b y, value by value; x and y have this tensor's shape and may be this tensor. */
  public void setSum(double a, Tensor x, double b, Tensor y) {
    requireShape(x.shape);
    requireShape(y.shape);
    float fa = (float) a;
    float fb = (float) b;
    float[] px = x.data;
    float[] py = y.data;
    for (int i = 0; i < data.length; i++) {
      data[i] = fa * px[i] + fb * py[i];
    }
  }

  /** this = a x + b y + c z, value by value. */
  public void setSum(double a, Tensor x, double b, Tensor y, double c, Tensor z) {
    requireShape(x.shape);
    requireShape(y.shape);
    requireShape(z.shape);
    float fa = (float) a;
    float fb = (float) b;
    float fc = (float) c;
    float[] px = x.data;
    float[] py = y.data;
    float[] pz = z.data;
    for (int i = 0; i < data.length; i++) {
      data[i] = fa * px[i] + fb * py[i] + fc * pz[i];
    }
  }

  /** One image of the batch as a tensor (1, C, H, W) with an array of its own. */
  public Tensor image(int n) {
    int size = shape.imageSize();
    return new Tensor(shape.withBatch(1), Arrays.copyOfRange(data, n * size, (n + 1) * size));
  }

  /**
   * The whole batch several times in a row: (times N, C, H, W).
   *
   * @param times at least 1
   */
  public Tensor repeat(int times) {
    Tensor out = new Tensor(shape.withBatch(shape.n() * times));
    for (int k = 0; k < times; k++) {
      System.arraycopy(data, 0, out.data, k * data.length, data.length);
    }
    return out;
  }

  /**
   * Copies a window of every image and channel into another tensor.
   *
   * @param where inside this tensor's height and width
   * @param out (N, C, h, w), the window's size
   */
  public void copyWindow(Window where, Tensor out) {
    Shape part = new Shape(shape.n(), shape.c(), where.height(), where.width());
    out.requireShape(part);
    if (where.x() < 0
        || where.y() < 0
        || where.x() + where.width() > shape.w()
        || where.y() + where.height() > shape.h()) {
      throw new IllegalArgumentException("Window of " + where + " is not inside " + this);
    }
    int rows = shape.n() * shape.c() * where.height();
    for (int row = 0; row < rows; row++) {
      int plane = row / where.height();
      int y = where.y() + row % where.height();
      int from = (plane * shape.h() + y) * shape.w() + where.x();
      System.arraycopy(data, from, out.data, row * where.width(), where.width());
    }
  }

  private void requireShape(Shape other) {
    if (!shape.equals(other)) {
      throw new IllegalArgumentException("Shapes differ: " + shape + " and " + other);
    }
  }

  @Override
  public String toString() {
    return "Tensor" + shape;
  }
}
