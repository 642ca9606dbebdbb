package ijdiffusion.tensor;

import java.util.Arrays;

/**
 * Images in another size: every value of the result is a weighted mean of the values around its
 * place, first down the columns, then along the rows. Weights are computed once, in double. Pixel
 * centres are at half-integers, so place i of the result is at (i + 0.5) from / to - 0.5 of the
 * source; beyond its edges the source is reflected with the edge pixel repeated, {@link
 * Window#reflect}.
 *
 * <p>Immutable. A call allocates one row of the source besides the result, where that is not given.
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
    int left = ofOutput.x();
    int width = ofOutput.width();
    int first = horizontal.start[left];
    int end = horizontal.start[left + width - 1] + horizontal.taps;
    float[] row = new float[end - first];
    int planes = in.shape().n() * in.shape().c();
    int target = 0;
    for (int plane = 0; plane < planes; plane++) {
      int source = plane * in.shape().planeSize();
      for (int y = 0; y < ofOutput.height(); y++) {
        mixRows(in.data(), source, ofOutput.y() + y, first, row);
        mixColumns(row, first, left, width, out.data(), target);
        target += width;
      }
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

  /** Row y of the result before its columns are mixed, from source column {@code first} on. */
  private void mixRows(float[] in, int plane, int y, int first, float[] row) {
    int width = horizontal.from;
    int inside = Math.min(row.length, Math.max(0, -first));
    int outside = Math.max(inside, Math.min(row.length, width - first));
    for (int k = 0; k < vertical.taps; k++) {
      float weight = vertical.weights[y * vertical.taps + k];
      int from = plane + Window.reflect(vertical.start[y] + k, vertical.from) * width;
      // the first product is set, not added to 0, which would lose the sign of -0
      if (k == 0) {
        for (int i = inside; i < outside; i++) {
          row[i] = weight * in[from + first + i];
        }
      } else {
        for (int i = inside; i < outside; i++) {
          row[i] += weight * in[from + first + i];
        }
      }
      mixReflected(in, from, first, weight, row, 0, inside, k == 0);
      mixReflected(in, from, first, weight, row, outside, row.length, k == 0);
    }
  }

  private void mixReflected(
      float[] in, int from, int first, float weight, float[] row, int lo, int hi, boolean set) {
    for (int i = lo; i < hi; i++) {
      float value = weight * in[from + Window.reflect(first + i, horizontal.from)];
      row[i] = set ? value : row[i] + value;
    }
  }

  private void mixColumns(float[] row, int first, int left, int width, float[] out, int target) {
    int taps = horizontal.taps;
    float[] weights = horizontal.weights;
    for (int x = left; x < left + width; x++) {
      int from = horizontal.start[x] - first;
      int w = x * taps;
      float sum = weights[w] * row[from];
      for (int k = 1; k < taps; k++) {
        sum += weights[w + k] * row[from + k];
      }
      out[target + x - left] = sum;
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
