package ijdiffusion.tensor;

import java.util.Arrays;

/**
 * Images in another size: every value of the result is a weighted mean of the values around its
 * place. Weights are computed once, in double. Pixel centres are at half-integers, so place i of
 * the result is at (i + 0.5) from / to - 0.5 of the source; beyond its edges the source is
 * reflected with the edge pixel repeated, {@link Window#reflect}.
 *
 * <p>Values are mixed down the columns first where the image becomes lower, else along the rows
 * first: in the order in which the slower mixing along the rows has fewer rows to do.
 *
 * <p>Immutable. A call allocates a few rows besides the result, where that is not given.
 */
public final class Resampler {
  private final Axis vertical;
  private final Axis horizontal;

  private Resampler(Axis vertical, Axis horizontal) {
    this.vertical = vertical;
    this.horizontal = horizontal;
  }

  /**
   * Bicubic with the kernel of Keys 1981 (doi:10.1109/TASSP.1981.1163711, equation 15, a = -1/2).
   * Where a side shrinks the kernel is stretched by from / to, so that what the small image cannot
   * show is left out and does not come back as coarse patterns; where it grows the kernel passes
   * through the source's values. The weights of a place add up to 1. This is what MATLAB's imresize
   * does, and the resizer in the authors' code of ILVR.
   *
   * @param fromH rows of the source, at least 1
   * @param fromW columns of the source, at least 1
   * @param toH rows of the result, at least 1
   * @param toW columns of the result, at least 1
   */
  public static Resampler bicubic(int fromH, int fromW, int toH, int toW) {
    return new Resampler(Axis.bicubic(fromH, toH), Axis.bicubic(fromW, toW));
  }

  /**
   * Shrinks by a whole factor: each value is the mean of a square of factor x factor pixels.
   *
   * @param fromH rows of the source, a multiple of {@code factor}
   * @param fromW columns of the source, a multiple of {@code factor}
   * @param factor at least 1
   */
  public static Resampler mean(int fromH, int fromW, int factor) {
    return new Resampler(Axis.mean(fromH, factor), Axis.mean(fromW, factor));
  }

  /**
   * Enlarges by a whole factor: each pixel becomes a square of factor x factor equal ones, bit for
   * bit.
   *
   * @param fromH rows of the source, at least 1
   * @param fromW columns of the source, at least 1
   * @param factor at least 1
   */
  public static Resampler replication(int fromH, int fromW, int factor) {
    return new Resampler(Axis.replication(fromH, factor), Axis.replication(fromW, factor));
  }

  /**
   * The whole image in a new tensor.
   *
   * @param in (N, C, fromH, fromW)
   * @return (N, C, toH, toW)
   */
  public Tensor apply(Tensor in) {
    Shape s = in.shape();
    Tensor out = new Tensor(new Shape(s.n(), s.c(), vertical.to, horizontal.to));
    apply(in, out);
    return out;
  }

  /**
   * The whole image.
   *
   * @param in (N, C, fromH, fromW)
   * @param out receives (N, C, toH, toW); not {@code in}
   */
  public void apply(Tensor in, Tensor out) {
    apply(in, new Window(0, 0, horizontal.to, vertical.to), out);
  }

  /**
   * A part of the result, the same values bit for bit as the whole image has there. So a large
   * result can be made piece by piece; only the source around the piece is looked at.
   *
   * @param in (N, C, fromH, fromW)
   * @param ofOutput the part, inside toH rows and toW columns
   * @param out receives (N, C, h, w), the part's size; not {@code in}
   */
  public void apply(Tensor in, Window ofOutput, Tensor out) {
    check(in.shape(), ofOutput, out);
    apply(in, ofOutput, out, new Rows(ofOutput));
  }

  /** The whole image, with memory that an earlier call may have used, {@link #rows}. */
  void apply(Tensor in, Tensor out, Rows rows) {
    Window whole = new Window(0, 0, horizontal.to, vertical.to);
    check(in.shape(), whole, out);
    apply(in, whole, out, rows);
  }

  /** Memory for calls that make the whole image, one after the other. */
  Rows rows() {
    return new Rows(new Window(0, 0, horizontal.to, vertical.to));
  }

  private void apply(Tensor in, Window part, Tensor out, Rows rows) {
    int planes = in.shape().n() * in.shape().c();
    for (int plane = 0; plane < planes; plane++) {
      int source = plane * in.shape().planeSize();
      int target = plane * out.shape().planeSize();
      if (isVerticalFirst()) {
        verticalFirst(in.data(), source, part, out.data(), target, rows);
      } else {
        horizontalFirst(in.data(), source, part, out.data(), target, rows);
      }
    }
  }

  private boolean isVerticalFirst() {
    return vertical.to < vertical.from;
  }

  private void verticalFirst(
      float[] in, int source, Window part, float[] out, int target, Rows rows) {
    for (int y = 0; y < part.height(); y++) {
      for (int k = 0; k < vertical.taps; k++) {
        read(in, source, vertical.start[part.y() + y] + k, rows);
        float weight = vertical.weights[(part.y() + y) * vertical.taps + k];
        if (k == 0) {
          multiply(weight, rows.source, rows.mixed[0]);
        } else {
          add(weight, rows.source, rows.mixed[0]);
        }
      }
      mixColumns(rows.mixed[0], rows.first, part, rows.line);
      System.arraycopy(rows.line, 0, out, target + y * part.width(), part.width());
    }
  }

  /** A row of the source is mixed once, and kept while rows of the result need it. */
  private void horizontalFirst(
      float[] in, int source, Window part, float[] out, int target, Rows rows) {
    int next = vertical.start[part.y()];
    for (int y = part.y(); y < part.y() + part.height(); y++) {
      int start = vertical.start[y];
      for (; next < start + vertical.taps; next++) {
        read(in, source, next, rows);
        mixColumns(rows.source, rows.first, part, rows.mixed(next));
      }
      int w = y * vertical.taps;
      if (vertical.taps == 4) {
        multiply(
            vertical.weights,
            w,
            rows.mixed(start),
            rows.mixed(start + 1),
            rows.mixed(start + 2),
            rows.mixed(start + 3),
            rows.line);
      } else {
        multiply(vertical.weights[w], rows.mixed(start), rows.line);
        for (int k = 1; k < vertical.taps; k++) {
          add(vertical.weights[w + k], rows.mixed(start + k), rows.line);
        }
      }
      System.arraycopy(rows.line, 0, out, target + (y - part.y()) * part.width(), part.width());
    }
  }

  // Rows of their own with one index are what the compiler turns into vector instructions. The
  // first
  // product is set, not added to 0, which would lose the sign of -0.

  private static void multiply(float weight, float[] row, float[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] = weight * row[i];
    }
  }

  private static void add(float weight, float[] row, float[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] += weight * row[i];
    }
  }

  /** Enlarging's four rows, in one go. */
  private static void multiply(
      float[] weights, int w, float[] a, float[] b, float[] c, float[] d, float[] out) {
    float wa = weights[w];
    float wb = weights[w + 1];
    float wc = weights[w + 2];
    float wd = weights[w + 3];
    for (int i = 0; i < out.length; i++) {
      out[i] = wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
    }
  }

  /** Reads a row of the source, which may be beyond its ends, as far as the part needs it. */
  private void read(float[] in, int plane, int y, Rows rows) {
    int from = plane + Window.reflect(y, vertical.from) * horizontal.from;
    float[] row = rows.source;
    for (int i = 0; i < rows.inside; i++) {
      row[i] = in[from + rows.columns[i]];
    }
    int length = rows.outside - rows.inside;
    System.arraycopy(in, from + rows.first + rows.inside, row, rows.inside, length);
    for (int i = rows.outside; i < row.length; i++) {
      row[i] = in[from + rows.columns[i]];
    }
  }

  private void mixColumns(float[] row, int first, Window part, float[] out) {
    int taps = horizontal.taps;
    float[] weights = horizontal.weights;
    for (int i = 0; i < part.width(); i++) {
      int from = horizontal.start[part.x() + i] - first;
      int w = (part.x() + i) * taps;
      float sum = weights[w] * row[from];
      for (int k = 1; k < taps; k++) {
        sum += weights[w + k] * row[from + k];
      }
      out[i] = sum;
    }
  }

  /** Rows between the source and the result. */
  final class Rows {
    /** Source column of the first value of {@link #source}. */
    final int first;

    /** Column of the source that each value of {@link #source} shows. */
    final int[] columns;

    /** First value of {@link #source} that is not reflected. */
    final int inside;

    /** First value after these that is reflected again. */
    final int outside;

    final float[] source;
    final float[][] mixed;
    final float[] line;

    private Rows(Window part) {
      int left = part.x();
      this.first = horizontal.start[left];
      int end = horizontal.start[left + part.width() - 1] + horizontal.taps;
      this.source = new float[end - first];
      this.columns = new int[source.length];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = Window.reflect(first + i, horizontal.from);
      }
      this.inside = Math.min(source.length, Math.max(0, -first));
      this.outside = Math.max(inside, Math.min(source.length, horizontal.from - first));
      this.mixed =
          isVerticalFirst() ? new float[1][source.length] : new float[vertical.taps][part.width()];
      this.line = new float[part.width()];
    }

    /** Where the mixed row y of the source is kept. */
    float[] mixed(int y) {
      return mixed[Math.floorMod(y, mixed.length)];
    }
  }

  private void check(Shape in, Window part, Tensor out) {
    if (in.h() != vertical.from || in.w() != horizontal.from) {
      throw new IllegalArgumentException("Image " + in + " is not the source of " + this);
    }
    // differences, so that no sum of two large numbers overflows
    if (part.x() < 0
        || part.y() < 0
        || part.width() > horizontal.to - part.x()
        || part.height() > vertical.to - part.y()) {
      throw new IllegalArgumentException("Window of " + part + " is not inside " + this);
    }
    Shape expected = new Shape(in.n(), in.c(), part.height(), part.width());
    if (!out.shape().equals(expected)) {
      throw new IllegalArgumentException("Result is " + out.shape() + ", but must be " + expected);
    }
  }

  @Override
  public String toString() {
    return "resampler from %d x %d to %d x %d pixels (columns x rows)"
        .formatted(horizontal.from, vertical.from, horizontal.to, vertical.to);
  }

  /**
   * One direction: place i of the result is the sum over k of weights[i taps + k] times the source
   * at start[i] + k, which may be beyond its ends.
   */
  private static final class Axis {
    final int from;
    final int to;
    final int taps;
    final int[] start;
    final float[] weights;

    private Axis(int from, int to, int taps) {
      if (from < 1 || to < 1) {
        throw new IllegalArgumentException(
            "Resampling from " + from + " to " + to + " pixels: both must be at least 1");
      }
      this.from = from;
      this.to = to;
      this.taps = taps;
      this.start = new int[to];
      this.weights = new float[Math.multiplyExact(to, taps)];
    }

    static Axis bicubic(int from, int to) {
      double ratio = (double) from / to;
      double stretch = Math.max(1, ratio);
      // an open interval of length 4 stretch holds at most so many whole numbers
      Axis axis = new Axis(from, to, (int) Math.ceil(4 * stretch));
      double[] w = new double[axis.taps];
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * ratio - 0.5;
        axis.start[i] = (int) Math.floor(centre - 2 * stretch) + 1;
        double sum = 0;
        for (int k = 0; k < w.length; k++) {
          w[k] = keys((axis.start[i] + k - centre) / stretch);
          sum += w[k];
        }
        for (int k = 0; k < w.length; k++) {
          axis.weights[i * axis.taps + k] = (float) (w[k] / sum);
        }
      }
      return axis;
    }

    static Axis mean(int from, int factor) {
      if (factor < 1 || from % factor != 0) {
        throw new IllegalArgumentException(
            "Size " + from + " is not a multiple of the factor " + factor);
      }
      Axis axis = new Axis(from, from / factor, factor);
      for (int i = 0; i < axis.to; i++) {
        axis.start[i] = i * factor;
      }
      Arrays.fill(axis.weights, (float) (1.0 / factor));
      return axis;
    }

    static Axis replication(int from, int factor) {
      if (factor < 1) {
        throw new IllegalArgumentException("factor is " + factor + ", but must be at least 1");
      }
      Axis axis = new Axis(from, Math.multiplyExact(from, factor), 1);
      for (int i = 0; i < axis.to; i++) {
        axis.start[i] = i / factor;
        axis.weights[i] = 1;
      }
      return axis;
    }

    /** Keys' kernel, 0 from 2 on. */
    private static double keys(double distance) {
      double d = Math.abs(distance);
      if (d >= 2) {
        return 0;
      }
      return d <= 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2;
    }
  }
}
