package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;

/**
 * A network that sees a second image beside the state, its condition: a low-resolution image
 * brought to the state's size (SR3), a picture with a hole (Palette), the features of an encoder
 * (SRDiff).
 */
public interface ConditionalPredictor {
  /**
   * Predicts the noise in a state.
   *
   * @param x the state x_t, (N, C, H, W); left as it is
   * @param condition (N, K, H, W) or (1, K, H, W), which then goes with every state; left as it is
   * @param level how much noise x holds; sigma above 0
   * @param out receives eps and x_0, (N, C, H, W)
   */
  void predict(Tensor x, Tensor condition, NoiseLevel level, Prediction out);

  /** Whether {@link #predict} fills {@link Prediction#variance()}. */
  default boolean predictsVariance() {
    return false;
  }

  /**
   * This network with a condition for every call.
   *
   * @param condition (N, K, H, W) or (1, K, H, W), of the state's height and width
   */
  default NoisePredictor given(Tensor condition) {
    return new NoisePredictor() {
      @Override
      public void predict(Tensor x, NoiseLevel level, Prediction out) {
        ConditionalPredictor.this.predict(x, condition, level, out);
      }

      @Override
      public boolean predictsVariance() {
        return ConditionalPredictor.this.predictsVariance();
      }
    };
  }

  /**
   * This network on windows of a state, each with the same window of a condition.
   *
   * @param condition (N, K, H, W) or (1, K, H, W), of the whole state's height and width; windows
   *     lie inside it
   */
  default WindowPredictor windows(Tensor condition) {
    return new WindowPredictor() {
      @Override
      public void predict(Tensor x, Window where, NoiseLevel level, Prediction out) {
        Tensor part =
            new Tensor(
                new Shape(
                    condition.shape().n(), condition.shape().c(), where.height(), where.width()));
        condition.copyWindow(where, part);
        ConditionalPredictor.this.predict(x, part, level, out);
      }

      @Override
      public boolean predictsVariance() {
        return ConditionalPredictor.this.predictsVariance();
      }
    };
  }
}
