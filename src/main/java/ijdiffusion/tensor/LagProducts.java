package ijdiffusion.tensor;

import java.util.Arrays;

/**
 * How alike the values of a field are at a distance: the mean product of two known pixels, along
 * rows, columns and both diagonals. Distances up to 8 are all measured, of longer ones a few, for
 * covariances change slowly there. Of a large image some rows do, evenly spaced, so that the time
 * does not depend on its size.
 */
final class LagProducts {
  private static final int ALL = 8;
  private static final double RATIO = 1.25; // of distances beyond

  private static final int ENOUGH_PIXELS = 8192;
  private static final int ENOUGH_ROWS = 16;

  private final float[] mask;
  private final int width;
  private final int height;
  private final int reach;
  private final int stride;
  private final int every; // row that is looked at
  private final int[] distances; // ascending, from 0
  private final double[] pairs; // by distance

  /**
   * @param mask 1 = known, 0 = missing, row-major
   * @param width of the image
   * @param reach longest distance
   */
  LagProducts(float[] mask, int width, int reach) {
    this.mask = mask;
    this.width = width;
    this.reach = reach;
    height = mask.length / width;
    stride = width + 2 * reach;
    every = Math.max(1, Math.min(height / ENOUGH_ROWS, mask.length / ENOUGH_PIXELS));
    distances = distances(reach);
    float[] ones = new float[mask.length];
    Arrays.fill(ones, 1);
    pairs = new double[reach + 1];
    add(ones, 0, memory(), pairs);
  }

  private static int[] distances(int reach) {
    int[] out = new int[reach + 1];
    int n = 0;
    for (double d = 0; d < reach; d = d < ALL ? d + 1 : d * RATIO) {
      out[n++] = (int) Math.round(d);
    }
    out[n++] = reach;
    return Arrays.copyOf(out, n);
  }

  /** How many pairs there are at each distance from 0 to the reach; 0 where none is measured. */
  double[] pairs() {
    return pairs;
  }

  /** What one thread needs: the known pixels, with a margin of zeros, and sums of columns. */
  float[] memory() {
    return new float[stride * (height + 2 * reach) + width];
  }

  /**
   * Mean products.
   *
   * @param data planes
   * @param start of the first plane
   * @param planes over which the mean is taken
   * @param memory from {@link #memory}
   * @return by distance from 0 to the reach; 0 where none is measured
   */
  double[] mean(float[] data, int start, int planes, float[] memory) {
    double[] out = new double[reach + 1];
    for (int p = 0; p < planes; p++) {
      add(data, start + p * mask.length, memory, out);
    }
    for (int d = 0; d <= reach; d++) {
      out[d] = pairs[d] == 0 ? 0 : out[d] / pairs[d];
    }
    return out;
  }

  private void add(float[] data, int plane, float[] memory, double[] sums) {
    for (int y = 0; y < height; y++) {
      int row = y * width;
      int to = (y + reach) * stride + reach;
      for (int x = 0; x < width; x++) {
        memory[to + x] = mask[row + x] == 1 ? data[plane + row + x] : 0;
      }
    }
    sums[0] += product(memory, 0);
    for (int k = 1; k < distances.length; k++) {
      int d = distances[k];
      sums[d] += product(memory, d) + product(memory, d * stride);
      double diagonal = d * Math.sqrt(2);
      if (diagonal < reach) {
        double sum = product(memory, d * (stride + 1)) + product(memory, d * (stride - 1));
        share(diagonal, sum, sums);
      }
    }
  }

  /** To the two distances that are nearest. */
  private void share(double distance, double sum, double[] sums) {
    int k = 0;
    while (distances[k + 1] < distance) {
      k++;
    }
    int below = distances[k];
    int above = distances[k + 1];
    double part = (distance - below) / (above - below);
    sums[below] += (1 - part) * sum;
    sums[above] += part * sum;
  }

  /** Sum of the products of pixels with those an offset away. */
  private double product(float[] memory, int offset) {
    int columns = memory.length - width; // column by column: no sum that waits for itself
    Arrays.fill(memory, columns, memory.length, 0);
    for (int y = every / 2; y < height; y += every) {
      int row = (y + reach) * stride + reach;
      for (int x = 0; x < width; x++) {
        memory[columns + x] += memory[row + x] * memory[row + x + offset];
      }
    }
    double sum = 0;
    for (int i = columns; i < memory.length; i++) {
      sum += memory[i];
    }
    return sum;
  }
}
