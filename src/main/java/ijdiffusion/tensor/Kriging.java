package ijdiffusion.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Simple kriging (Matheron 1963, doi:10.2113/gsecongeo.58.8.1246) of pixels that are missing, from
 * those around them: the best linear guess, and for Gaussian fields the mean given the rim,
 *
 * <pre>
 * f_hole = C_hole,rim (C_rim,rim + nugget C(0) I)^-1 f_rim
 * </pre>
 *
 * of a field f with mean 0 whose covariance C depends on the distance only. C is measured on the
 * known pixels, as the mean product of two at a distance of 0 to {@value #REACH} pixels along rows,
 * columns and both diagonals, over the channels of an image, and made one that a field can have:
 * {@link CovarianceFit}. The rim are the known pixels at most {@value #RIM} rows and columns from a
 * missing one. The equations are solved by conjugate gradients, in {@value #TURNS} turns at most.
 *
 * <p>Images of a batch are on their own. Keeps its memory, so one is for one thread at a time.
 */
public final class Kriging {
  /** Distance, in pixels, beyond which pixels say nothing about each other. */
  public static final int REACH = 31;

  private static final int RIM = 2;
  private static final int TURNS = 12;

  /** Share of the variance that neighbours do not have in common: keeps the equations definite. */
  private static final double NUGGET = 0.03;

  private static final double PRECISION = 1e-6; // squared, of the right side
  private static final int MOST_PAIRS = 1 << 22; // of the rim, 32 MiB

  private final Tensor mask;
  private final int height;
  private final int width;
  private final int stride;
  private final double[] pairs = new double[REACH + 1];
  private final double[] products = new double[REACH + 1];
  private final double[] ofSquare = new double[REACH * REACH + 1]; // covariance at sqrt(index)
  private final float[][] kernel = new float[REACH + 1][];
  private final float[] field; // with a margin of REACH on all sides
  private final float[] columns;
  private final CovarianceFit covariance;
  private final Rim rim;
  private final double[] solution;
  private final double[] rest;
  private final double[] direction;
  private final double[] image;

  /**
   * For a mask.
   *
   * @param mask (1, 1, H, W): 1 = known, 0 = missing
   */
  public Kriging(Tensor mask) {
    Shape shape = mask.shape();
    if (shape.n() != 1 || shape.c() != 1) {
      throw new IllegalArgumentException("A mask is (1, 1, H, W), not " + shape);
    }
    this.mask = mask;
    height = shape.h();
    width = shape.w();
    stride = width + 2 * REACH;
    field = new float[stride * (height + 2 * REACH)];
    columns = new float[width];
    rim = Rim.of(mask.data(), width);
    solution = new double[rim.size()];
    rest = new double[rim.size()];
    direction = new double[rim.size()];
    image = new double[rim.size()];
    for (int dy = 0; dy <= REACH; dy++) {
      kernel[dy] = new float[2 * (int) Math.sqrt(REACH * REACH - dy * dy) + 1];
    }
    float[] ones = new float[height * width];
    Arrays.fill(ones, 1);
    putKnown(ones, 0);
    addProducts(pairs);
    covariance = new CovarianceFit(pairs);
  }

  /**
   * Continues fields into the missing pixels.
   *
   * @param fields (N, C, H, W), mean 0; known pixels are left as they are, missing ones are never
   *     looked at and receive the guess, 0 where no known pixel is in reach
   */
  public void fill(Tensor fields) {
    Shape shape = fields.shape();
    if (shape.h() != height || shape.w() != width) {
      throw new IllegalArgumentException(
          "The mask is of " + width + " x " + height + " pixels, the fields are " + shape);
    }
    float[] data = fields.data();
    for (int start = 0; start < data.length; start += shape.imageSize()) {
      int end = start + shape.imageSize();
      Arrays.fill(products, 0);
      for (int plane = start; plane < end; plane += height * width) {
        putKnown(data, plane);
        addProducts(products);
      }
      makeKernel();
      for (int plane = start; plane < end; plane += height * width) {
        solve(data, plane);
        spread(data, plane);
      }
    }
  }

  /** Sets the field to the known pixels of a plane, 0 elsewhere. */
  private void putKnown(float[] data, int plane) {
    Arrays.fill(field, 0);
    float[] m = mask.data();
    for (int y = 0; y < height; y++) {
      int row = y * width;
      int to = place(row);
      for (int x = 0; x < width; x++) {
        field[to + x] = m[row + x] == 1 ? data[plane + row + x] : 0;
      }
    }
  }

  private int place(int pixel) {
    return (pixel / width + REACH) * stride + pixel % width + REACH;
  }

  /** Adds the products of pixels at a distance; of the diagonals to the two nearest distances. */
  private void addProducts(double[] sums) {
    sums[0] += product(0);
    for (int d = 1; d <= REACH; d++) {
      sums[d] += product(d) + product(d * stride);
      double diagonal = d * Math.sqrt(2);
      int below = (int) diagonal;
      if (below < REACH) {
        double sum = product(d * (stride + 1)) + product(d * (stride - 1));
        sums[below] += (below + 1 - diagonal) * sum;
        sums[below + 1] += (diagonal - below) * sum;
      }
    }
  }

  /** Sum of the products of all pixels with those an offset away. */
  private double product(int offset) {
    Arrays.fill(columns, 0); // column by column, so that the loop has no sum that waits for itself
    for (int y = 0; y < height; y++) {
      int row = (y + REACH) * stride + REACH;
      for (int x = 0; x < columns.length; x++) {
        columns[x] += field[row + x] * field[row + x + offset];
      }
    }
    double sum = 0;
    for (float c : columns) {
      sum += c;
    }
    return sum;
  }

  private void makeKernel() {
    for (int d = 0; d <= REACH; d++) {
      products[d] = pairs[d] == 0 ? 0 : products[d] / pairs[d];
    }
    covariance.fit(products, ofSquare);
    for (int dy = 0; dy <= REACH; dy++) {
      int half = kernel[dy].length / 2;
      for (int dx = -half; dx <= half; dx++) {
        kernel[dy][dx + half] = (float) ofSquare[dx * dx + dy * dy];
      }
    }
  }

  /** Solves for the weights of the rim's pixels in a plane. */
  private void solve(float[] data, int plane) {
    double square = 0;
    for (int i = 0; i < rim.size(); i++) {
      double value = data[plane + rim.pixel(i)];
      solution[i] = 0;
      rest[i] = value;
      direction[i] = value;
      square += value * value;
    }
    double enough = PRECISION * square;
    for (int turn = 0; turn < TURNS && square > enough; turn++) {
      rim.multiply(ofSquare, (1 + NUGGET) * ofSquare[0], direction, image);
      double curvature = 0;
      for (int i = 0; i < image.length; i++) {
        curvature += image[i] * direction[i];
      }
      if (!(curvature > 0)) {
        break; // nothing varies
      }
      double step = square / curvature;
      double left = 0;
      for (int i = 0; i < image.length; i++) {
        solution[i] += step * direction[i];
        rest[i] -= step * image[i];
        left += rest[i] * rest[i];
      }
      double turnTo = left / square;
      for (int i = 0; i < image.length; i++) {
        direction[i] = rest[i] + turnTo * direction[i];
      }
      square = left;
    }
  }

  /** Spreads the rim's weights with the kernel, and writes the missing pixels. */
  private void spread(float[] data, int plane) {
    Arrays.fill(field, 0);
    for (int i = 0; i < rim.size(); i++) {
      float weight = (float) solution[i];
      int place = place(rim.pixel(i));
      for (int dy = -REACH; dy <= REACH; dy++) {
        float[] row = kernel[Math.abs(dy)];
        int start = place + dy * stride - row.length / 2;
        for (int k = 0; k < row.length; k++) {
          field[start + k] += weight * row[k];
        }
      }
    }
    float[] m = mask.data();
    for (int i = 0; i < m.length; i++) {
      if (m[i] == 0) {
        data[plane + i] = field[place(i)];
      }
    }
  }

  /** The known pixels next to missing ones, and which of them are in reach of each other. */
  private static final class Rim {
    private final int[] pixels;
    private final int[] ends; // of each pixel's share of the pairs
    private final int[] others;
    private final short[] squares;

    private Rim(int[] pixels, int width, int[] ends) {
      this.pixels = pixels;
      this.ends = ends;
      int pairs = pixels.length == 0 ? 0 : ends[pixels.length - 1];
      others = new int[pairs];
      squares = new short[pairs];
      int n = 0;
      for (int i = 0; i < pixels.length; i++) {
        for (int j = i + 1; n < ends[i]; j++) {
          int square = square(pixels[i], pixels[j], width);
          if (square <= REACH * REACH) {
            others[n] = j;
            squares[n++] = (short) square;
          }
        }
      }
    }

    /** Where the rim is so long that it has too many pairs, it is every k-th of its pixels. */
    static Rim of(float[] mask, int width) {
      int[] all = pixels(mask, width);
      for (int k = 1; ; k++) {
        int every = k;
        int[] some =
            IntStream.range(0, all.length).filter(i -> i % every == 0).map(i -> all[i]).toArray();
        int[] ends = ends(some, width);
        if (ends != null) {
          return new Rim(some, width, ends);
        }
      }
    }

    private static int[] pixels(float[] mask, int width) {
      int height = mask.length / width;
      boolean[] near = new boolean[mask.length];
      for (int i = 0; i < mask.length; i++) {
        if (mask[i] == 0) {
          int x = i % width;
          int y = i / width;
          for (int v = Math.max(0, y - RIM); v <= Math.min(height - 1, y + RIM); v++) {
            int from = v * width + Math.max(0, x - RIM);
            Arrays.fill(near, from, v * width + Math.min(width - 1, x + RIM) + 1, true);
          }
        }
      }
      return IntStream.range(0, mask.length).filter(i -> near[i] && mask[i] == 1).toArray();
    }

    /** Counts each pixel's pairs with later ones; null if there are too many. */
    private static int[] ends(int[] pixels, int width) {
      int[] ends = new int[pixels.length];
      int n = 0;
      for (int i = 0; i < pixels.length; i++) {
        int last = (pixels[i] / width + REACH + 1) * width;
        for (int j = i + 1; j < pixels.length && pixels[j] < last; j++) {
          n += square(pixels[i], pixels[j], width) <= REACH * REACH ? 1 : 0;
        }
        if (n > MOST_PAIRS) {
          return null;
        }
        ends[i] = n;
      }
      return ends;
    }

    private static int square(int a, int b, int width) {
      int dx = a % width - b % width;
      int dy = a / width - b / width;
      return dx * dx + dy * dy;
    }

    int size() {
      return pixels.length;
    }

    int pixel(int i) {
      return pixels[i];
    }

    /** out = C v, C with a diagonal and the covariance of the pairs. */
    void multiply(double[] ofSquare, double diagonal, double[] v, double[] out) {
      for (int i = 0; i < out.length; i++) {
        out[i] = diagonal * v[i];
      }
      int n = 0;
      for (int i = 0; i < out.length; i++) {
        double sum = 0;
        double own = v[i];
        for (; n < ends[i]; n++) {
          double c = ofSquare[squares[n]];
          int j = others[n];
          sum += c * v[j];
          out[j] += c * own;
        }
        out[i] += sum;
      }
    }
  }
}
