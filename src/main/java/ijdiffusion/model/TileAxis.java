package ijdiffusion.model;

/**
 * Tiles along one axis of a state: where each begins, and how much each of its pixels counts. A
 * weight is the product of those of the two axes, so no array of the state's size is needed.
 *
 * <p>A tile's raw weight is a function of the distance d of a pixel's centre from the tile's end: 0
 * up to the guard, 1 from overlap - guard on, a straight line between. Ends at the state's own edge
 * have no ramp. Weights are then divided by their sum over all tiles.
 */
final class TileAxis {
  private final int size;
  private final int[] starts;
  private final double[][] weights;
  private final double[][] before;

  /**
   * @param length pixels of the state
   * @param tile pixels of a tile; one tile of the state's length where that is shorter
   * @param overlap pixels that neighbours share, below {@code tile}; the last two share more
   * @param guard pixels at a tile's inner ends that do not count, at most half of {@code overlap}
   */
  TileAxis(int length, int tile, int overlap, int guard) {
    size = Math.min(length, tile);
    starts = new int[count(length, tile, overlap)];
    weights = new double[starts.length][size];
    before = new double[starts.length][size];
    double[] sum = new double[length];
    for (int k = 0; k < starts.length; k++) {
      starts[k] = Math.min(k * (tile - overlap), length - size);
      for (int i = 0; i < size; i++) {
        double left = starts[k] == 0 ? 1 : ramp(i + 0.5, overlap, guard);
        double right = starts[k] + size == length ? 1 : ramp(size - i - 0.5, overlap, guard);
        weights[k][i] = Math.min(left, right);
        sum[starts[k] + i] += weights[k][i];
      }
    }
    double[] running = new double[length];
    for (int k = 0; k < starts.length; k++) {
      for (int i = 0; i < size; i++) {
        int at = starts[k] + i;
        weights[k][i] /= sum[at];
        before[k][i] = running[at];
        running[at] += weights[k][i];
      }
    }
  }

  /** Tiles needed to cover a length. */
  static int count(int length, int tile, int overlap) {
    int stride = tile - overlap;
    return length <= tile ? 1 : (length - tile + stride - 1) / stride + 1;
  }

  private static double ramp(double d, int overlap, int guard) {
    if (d < guard) {
      return 0;
    }
    int run = overlap - 2 * guard;
    return run == 0 ? 1 : Math.min(1, (d - guard) / run);
  }

  /** Number of tiles. */
  int count() {
    return starts.length;
  }

  /** Pixels of a tile. */
  int size() {
    return size;
  }

  /** First pixel of a tile. */
  int start(int tile) {
    return starts[tile];
  }

  /** Weight of a tile at its {@code i}-th pixel; over all tiles 1. */
  double weight(int tile, int i) {
    return weights[tile][i];
  }

  /** Sum of the weights at that pixel of the tiles before this one. */
  double before(int tile, int i) {
    return before[tile][i];
  }
}
