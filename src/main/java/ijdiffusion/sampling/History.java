package ijdiffusion.sampling;

import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * What a multistep solver remembers of its earlier steps, the latest first. Allocates nothing
 * later.
 */
final class History {
  private final Tensor[] values;
  private final double[] places;
  private int size;

  /**
   * @param capacity steps to remember, at least 0
   * @param shape (N, C, H, W) of what is remembered
   */
  History(int capacity, Shape shape) {
    values = new Tensor[capacity];
    places = new double[capacity];
    for (int k = 0; k < capacity; k++) {
      values[k] = new Tensor(shape);
    }
  }

  /**
   * Remembers a copy, in place of the oldest one where it is full. A level without signal lies at
   * infinity, where no difference quotient reaches; it is not remembered.
   */
  void push(double place, Tensor value) {
    if (values.length == 0 || Double.isInfinite(place)) {
      return;
    }
    Tensor oldest = values[values.length - 1];
    System.arraycopy(values, 0, values, 1, values.length - 1);
    System.arraycopy(places, 0, places, 1, places.length - 1);
    oldest.set(value);
    values[0] = oldest;
    places[0] = place;
    size = Math.min(size + 1, values.length);
  }

  /** How much is remembered. */
  int size() {
    return size;
  }

  /** The value of {@code k} steps ago, 0 = the latest. */
  Tensor value(int k) {
    return values[k];
  }

  /** Where on the path that value belongs. */
  double place(int k) {
    return places[k];
  }

  void clear() {
    size = 0;
  }
}
