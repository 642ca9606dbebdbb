package ijdiffusion.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The known pixels at most {@value #DEPTH} rows and columns from a missing one, and which of them
 * are in reach of each other. Where they are many, as round hundreds of specks, the reach is
 * shorter, for each speck has known pixels next to it; where even that makes too many pairs, every
 * k-th pixel is taken.
 */
final class Rim {
  private static final int DEPTH = 2;
  private static final int MANY_PAIRS = 400_000; // 10 ms a call
  private static final int MOST_PAIRS = 1 << 22; // 24 MiB

  /** Up to so many pixels a full matrix, most of it within reach, is faster than pairs. */
  private static final int FEW = 400;

  private final int reach;
  private final int[] pixels;
  private final int[] ends; // of each pixel's share of the pairs
  private final int[] others;
  private final short[] squares;

  private Rim(int[] pixels, int width, int reach, int[] ends) {
    this.reach = reach;
    this.pixels = pixels;
    this.ends = ends;
    int pairs = pixels.length == 0 ? 0 : ends[pixels.length - 1];
    others = new int[pairs];
    squares = new short[pairs];
    for (int i = 0; i < pixels.length; i++) {
      int n = i == 0 ? 0 : ends[i - 1];
      for (int dy = 0; dy <= reach; dy++) {
        int end = end(pixels, i, dy, width, reach);
        for (int j = start(pixels, i, dy, width, reach); j < end; j++) {
          others[n] = j;
          squares[n++] = (short) square(pixels[i], pixels[j], width);
        }
      }
    }
  }

  /** The first pixel after the i-th, so many rows below it, that is in its reach. */
  private static int start(int[] pixels, int i, int dy, int width, int reach) {
    int x = pixels[i] % width;
    int row = pixels[i] - x + dy * width;
    return dy == 0 ? i + 1 : place(pixels, row + Math.max(0, x - half(dy, reach)));
  }

  /** One beyond the last such pixel. */
  private static int end(int[] pixels, int i, int dy, int width, int reach) {
    int x = pixels[i] % width;
    int row = pixels[i] - x + dy * width;
    return place(pixels, row + Math.min(width - 1, x + half(dy, reach)) + 1);
  }

  private static int half(int dy, int reach) {
    return (int) Math.sqrt(reach * reach - dy * dy);
  }

  /** Where a pixel is, or would be. */
  private static int place(int[] pixels, int pixel) {
    int found = Arrays.binarySearch(pixels, pixel);
    return found < 0 ? -found - 1 : found;
  }

  /**
   * Of a mask.
   *
   * @param mask 1 = known, 0 = missing, row-major
   * @param width of the image
   * @param reaches distances of a pair at most, to choose from, descending
   */
  static Rim of(float[] mask, int width, int... reaches) {
    int[] all = pixels(mask, width);
    int shortest = reaches[reaches.length - 1];
    for (int reach : reaches) {
      int[] ends = ends(all, width, reach, reach == shortest ? MOST_PAIRS : MANY_PAIRS);
      if (ends != null) {
        return new Rim(all, width, reach, ends);
      }
    }
    for (int k = 2; ; k++) {
      int every = k;
      int[] some =
          IntStream.range(0, all.length).filter(i -> i % every == 0).map(i -> all[i]).toArray();
      int[] ends = ends(some, width, shortest, MOST_PAIRS);
      if (ends != null) {
        return new Rim(some, width, shortest, ends);
      }
    }
  }

  /** Distance, in pixels, beyond which pixels say nothing about each other. */
  int reach() {
    return reach;
  }

  private static int[] pixels(float[] mask, int width) {
    int height = mask.length / width;
    boolean[] near = new boolean[mask.length];
    for (int i = 0; i < mask.length; i++) {
      if (mask[i] == 0) {
        int x = i % width;
        int y = i / width;
        for (int v = Math.max(0, y - DEPTH); v <= Math.min(height - 1, y + DEPTH); v++) {
          int from = v * width + Math.max(0, x - DEPTH);
          Arrays.fill(near, from, v * width + Math.min(width - 1, x + DEPTH) + 1, true);
        }
      }
    }
    return IntStream.range(0, mask.length).filter(i -> near[i] && mask[i] == 1).toArray();
  }

  /** Counts each pixel's pairs with later ones; null if there are too many. */
  private static int[] ends(int[] pixels, int width, int reach, int most) {
    int[] ends = new int[pixels.length];
    int n = 0;
    for (int i = 0; i < pixels.length; i++) {
      for (int dy = 0; dy <= reach; dy++) {
        n += end(pixels, i, dy, width, reach) - start(pixels, i, dy, width, reach);
      }
      if (n > most) {
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

  /** Place of a pixel in the image, row-major; ascending. */
  int pixel(int i) {
    return pixels[i];
  }

  /** The equations of kriging, for one thread. */
  Equations equations() {
    return pixels.length <= FEW ? new Full() : new Pairs();
  }

  /** The matrix C + nugget C(0) I of the rim's pixels. */
  interface Equations {
    /**
     * Sets it.
     *
     * @param ofSquare covariance by squared distance
     * @param nugget as a share of the variance
     */
    void take(float[] ofSquare, double nugget);

    /** out = (C + nugget C(0) I) v. */
    void multiply(double[] v, double[] out);
  }

  private final class Full implements Equations {
    private final double[] matrix = new double[pixels.length * pixels.length];

    @Override
    public void take(float[] ofSquare, double nugget) {
      int size = pixels.length;
      int n = 0;
      for (int i = 0; i < size; i++) {
        matrix[i * size + i] = (1 + nugget) * ofSquare[0];
        for (; n < ends[i]; n++) {
          float c = ofSquare[squares[n]];
          matrix[i * size + others[n]] = c;
          matrix[others[n] * size + i] = c;
        }
      }
    }

    @Override
    public void multiply(double[] v, double[] out) {
      Arrays.fill(out, 0);
      for (int i = 0; i < out.length; i++) {
        double own = v[i];
        int row = i * out.length;
        for (int j = 0; j < out.length; j++) {
          out[j] += own * matrix[row + j];
        }
      }
    }
  }

  private final class Pairs implements Equations {
    private float[] ofSquare;
    private double diagonal;

    @Override
    public void take(float[] of, double nugget) {
      ofSquare = of;
      diagonal = (1 + nugget) * of[0];
    }

    @Override
    public void multiply(double[] v, double[] out) {
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
