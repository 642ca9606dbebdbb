package ijdiffusion.sampling;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import java.util.List;

/**
 * The order a multistep solver may use near the end of a run: 1 on the way to the last level, at
 * most 2 to the one before it. A step to the clean level is always of order 1, which is exact
 * there.
 *
 * @param last the last level, or null where orders are not lowered
 * @param beforeLast the level before it, or null
 */
record FinalOrders(NoiseLevel last, NoiseLevel beforeLast) {
  /** No lowering but at the clean level. */
  static final FinalOrders NONE = new FinalOrders(null, null);

  /** Lowering at the end of a path. */
  static FinalOrders of(Trajectory path) {
    List<NoiseLevel> levels = path.levels();
    return new FinalOrders(levels.get(levels.size() - 1), levels.get(levels.size() - 2));
  }

  /** {@code order}, or less where a step to level s asks for it. */
  int limit(int order, NoiseLevel s) {
    if (s.sigma() == 0 || s.equals(last)) {
      return 1;
    }
    return s.equals(beforeLast) ? Math.min(2, order) : order;
  }
}
