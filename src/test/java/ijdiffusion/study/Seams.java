package ijdiffusion.study;

import ijdiffusion.model.Tiling;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Mean absolute difference of neighbouring pixels across the ends of tiles, compared with that a
 * few pixels beside them, where the picture is much the same.
 *
 * <p>Ends are where a tile begins or stops to count: {@code guard} pixels inside its own ends. Each
 * is compared with pairs of neighbours {@link #NEAR} to {@link #FAR} pixels on either side.
 */
public final class Seams {
  private static final int NEAR = 2;
  private static final int FAR = 5;

  private Seams() {}

  /** Mean difference across the ends of tiles divided by the mean difference beside them. */
  public static double ratio(Tensor x, Tiling tiling) {
    double[] sums = new double[2];
    add(x, tiling, sums);
    return sums[0] / sums[1];
  }

  /**
   * Adds one image's.
   *
   * @param sums mean difference across the ends, and beside them
   */
  static void add(Tensor x, Tiling tiling, double[] sums) {
    SortedSet<Integer> columns = new TreeSet<>();
    SortedSet<Integer> rows = new TreeSet<>();
    for (int k = 0; k < tiling.tiles(); k++) {
      Window w = tiling.window(k);
      addEnds(columns, w.x(), w.width(), tiling.width(), tiling.guard());
      addEnds(rows, w.y(), w.height(), tiling.height(), tiling.guard());
    }
    float[] data = x.data();
    int width = tiling.width();
    for (int column : columns) {
      for (int side = -FAR; side <= FAR; side++) {
        count(data, column + side, 1, width, tiling.height(), width, side, sums);
      }
    }
    for (int row : rows) {
      for (int side = -FAR; side <= FAR; side++) {
        count(data, row + side, width, tiling.height(), width, 1, side, sums);
      }
    }
  }

  private static void addEnds(SortedSet<Integer> ends, int start, int size, int length, int guard) {
    if (start > 0) {
      ends.add(start + guard);
    }
    if (start + size < length) {
      ends.add(start + size - guard);
    }
  }

  /** The line of pairs (at - 1, at). */
  private static void count(
      float[] data, int at, int across, int size, int along, int step, int side, double[] sums) {
    boolean end = side == 0;
    if (at < 1 || at >= size || (!end && Math.abs(side) < NEAR)) {
      return;
    }
    double sum = 0;
    for (int i = 0; i < along; i++) {
      int k = at * across + i * step;
      sum += Math.abs(data[k] - data[k - across]);
    }
    sums[end ? 0 : 1] += end ? sum : sum / (2 * (FAR - NEAR + 1));
  }
}
