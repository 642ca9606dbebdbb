package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;

/**
 * A network applied window by window to a state too large for it, as one predictor for the whole
 * state. The predictions of overlapping windows are blended at every step, on one state and one
 * noise field, so that windows agree while the image forms (Bar-Tal et al. 2023, MultiDiffusion,
 * arXiv:2302.08113, equations 3 to 5, with {@link Tiling}'s weights; Jimenez 2023,
 * arXiv:2302.02412). eps, x_0 and variance are blended alike; blending is linear, so x_t = alpha
 * x_0 + sigma eps stays true.
 *
 * <p>A window is mixed in by out += share (value - out), share = its weight over the sum of the
 * weights so far. Windows that agree on a value thus give exactly that value, without rounding.
 *
 * <p>Clip after blending, {@code tiled.clipped(-1, 1)}: a clipped blend obeys the range as well,
 * and the quantiles of {@link #thresholded} are then those of the whole image.
 *
 * <p>Needs memory for one window only. Not for several threads at once.
 */
public final class TiledPredictor implements NoisePredictor {
  private final WindowPredictor inner;
  private final Tiling tiling;
  private final Listener listener;
  private final TileAxis columns;
  private final TileAxis rows;
  private final float[] share;

  /** Where runs of shares of one kind end, see {@link #kind}; so many of them. */
  private final int[] runEnd;

  private int runs;
  private Tensor part;
  private Prediction partOut;

  /** Watches a prediction, and may stop it by throwing {@link ijdiffusion.Cancelled}. */
  @FunctionalInterface
  public interface Listener {
    /** Watches nothing. */
    Listener NONE = (done, total) -> {};

    /**
     * Called on the run's own thread after each window.
     *
     * @param done windows done in this prediction, from 1
     * @param total windows of one prediction
     */
    void onTile(int done, int total);
  }

  /**
   * @param inner the network
   * @param tiling how to cut the state
   */
  public TiledPredictor(WindowPredictor inner, Tiling tiling) {
    this(inner, tiling, Listener.NONE);
  }

  /**
   * @param inner the network
   * @param tiling how to cut the state
   * @param listener told after each window
   */
  public TiledPredictor(WindowPredictor inner, Tiling tiling, Listener listener) {
    this.inner = inner;
    this.tiling = tiling;
    this.listener = listener;
    this.columns = tiling.columns();
    this.rows = tiling.rows();
    this.share = new float[columns.size()];
    this.runEnd = new int[columns.size()];
  }

  /** How the state is cut. */
  public Tiling tiling() {
    return tiling;
  }

  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    Shape shape = x.shape();
    if (shape.w() != tiling.width() || shape.h() != tiling.height()) {
      throw new IllegalArgumentException("State " + shape + " for " + tiling);
    }
    if (tiling.tiles() == 1) {
      inner.predict(x, tiling.window(0), level, out);
      listener.onTile(1, 1);
      return;
    }
    prepare(shape);
    for (int tile = 0; tile < tiling.tiles(); tile++) {
      Window where = tiling.window(tile);
      x.copyWindow(where, part);
      inner.predict(part, where, level, partOut);
      mixIn(tile, where, out);
      listener.onTile(tile + 1, tiling.tiles());
    }
  }

  private void prepare(Shape state) {
    Shape shape = new Shape(state.n(), state.c(), rows.size(), columns.size());
    if (part == null || !part.shape().equals(shape)) {
      part = new Tensor(shape);
      partOut = new Prediction(shape, predictsVariance());
    }
  }

  private void mixIn(int tile, Window where, Prediction out) {
    int column = tile % columns.count();
    int row = tile / columns.count();
    double above = Double.NaN;
    double weight = Double.NaN;
    for (int y = 0; y < where.height(); y++) {
      if (rows.weight(row, y) == 0) {
        continue;
      }
      // most rows are as the one before
      if (rows.before(row, y) != above || rows.weight(row, y) != weight) {
        above = rows.before(row, y);
        weight = rows.weight(row, y);
        computeShares(column, above, weight);
      }
      mixRow(partOut.eps(), where, y, out.eps());
      mixRow(partOut.x0(), where, y, out.x0());
      if (predictsVariance()) {
        mixRow(partOut.variance(), where, y, out.variance());
      }
    }
  }

  /**
   * Shares of a row's pixels. Windows come row by row, so those before are all of the rows above
   * and the ones to the left in this row.
   */
  private void computeShares(int column, double above, double weight) {
    for (int x = 0; x < share.length; x++) {
      double own = columns.weight(column, x);
      double soFar = above + weight * (columns.before(column, x) + own);
      share[x] = own == 0 ? 0 : (float) (weight * own / soFar);
    }
    runs = 0;
    for (int x = 1; x <= share.length; x++) {
      if (x == share.length || kind(share[x]) != kind(share[x - 1])) {
        runEnd[runs++] = x;
      }
    }
  }

  private void mixRow(Tensor from, Window where, int y, Tensor to) {
    float[] source = from.data();
    float[] target = to.data();
    int planes = from.shape().n() * from.shape().c();
    for (int plane = 0; plane < planes; plane++) {
      int i = (plane * where.height() + y) * where.width();
      int k = (plane * tiling.height() + where.y() + y) * tiling.width() + where.x();
      int x = 0;
      for (int run = 0; run < runs; run++) {
        int end = runEnd[run];
        if (share[x] == 1) {
          System.arraycopy(
              source, i + x, target, k + x, end - x); // the target may hold nothing yet
        } else if (share[x] > 0) {
          for (int j = x; j < end; j++) {
            target[k + j] += share[j] * (source[i + j] - target[k + j]);
          }
        }
        x = end;
      }
    }
  }

  /** Of a share: none, a part, all. */
  private static int kind(float share) {
    return share == 1 ? 2 : share > 0 ? 1 : 0;
  }

  @Override
  public boolean predictsVariance() {
    return inner.predictsVariance();
  }
}
