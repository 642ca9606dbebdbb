package ijdiffusion.onnx;

import ijdiffusion.card.Condition;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;

/** What a condition must be like to go with a state. */
final class Conditions {
  private Conditions() {}

  /**
   * Refuses a condition that does not fit.
   *
   * @param condition what the card says of it
   * @param given (N, K, h, w) or (1, K, h, w)
   * @param where the window of it that goes with the state
   * @param state (N, C, H, W)
   */
  static void check(Condition condition, Tensor given, Window where, Shape state) {
    Shape shape = given.shape();
    int reduction = condition.reduction();
    boolean fits =
        (shape.n() == 1 || shape.n() == state.n())
            && shape.c() == condition.inputChannels()
            && where.height() * reduction == state.h()
            && where.width() * reduction == state.w();
    if (!fits) {
      throw new IllegalArgumentException(
          "Condition "
              + shape
              + ", window of "
              + where
              + ", for states "
              + state
              + ": it must have "
              + condition.inputChannels()
              + " channels, one image or as many as the state, and sides "
              + reduction
              + " times smaller");
    }
  }

  /** The window of a condition that goes with a window of the state. */
  static Window reduced(Window where, int reduction, Tensor condition) {
    if (where.x() % reduction != 0
        || where.y() % reduction != 0
        || where.width() % reduction != 0
        || where.height() % reduction != 0) {
      throw new IllegalArgumentException(
          "Window of " + where + ": all must be multiples of " + reduction);
    }
    Window small =
        new Window(
            where.x() / reduction,
            where.y() / reduction,
            where.width() / reduction,
            where.height() / reduction);
    if (small.x() < 0
        || small.y() < 0
        || small.x() + small.width() > condition.shape().w()
        || small.y() + small.height() > condition.shape().h()) {
      throw new IllegalArgumentException("Window of " + small + " is not inside " + condition);
    }
    return small;
  }

  /**
   * The window of a condition that goes with a part of a state whose own window of it is known.
   *
   * @param where of the condition, for the whole state
   * @param part of the state, at multiples of {@code reduction}
   */
  static Window within(Window where, Window part, int reduction) {
    return new Window(
        where.x() + part.x() / reduction,
        where.y() + part.y() / reduction,
        part.width() / reduction,
        part.height() / reduction);
  }
}
