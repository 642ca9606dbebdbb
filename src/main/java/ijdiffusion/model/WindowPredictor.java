package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;

/** Says which noise is in a part of a state, and knows where in the state that part lies. */
@FunctionalInterface
public interface WindowPredictor {
  /**
   * Predicts the noise in one window of a larger state.
   *
   * @param x the part of the state, (N, C, h, w)
   * @param where its place in the whole state; w and h are its width and height
   * @param level how much noise the state holds; sigma above 0
   * @param out receives the prediction for the window, (N, C, h, w)
   */
  void predict(Tensor x, Window where, NoiseLevel level, Prediction out);

  /** Whether {@link #predict} fills {@link Prediction#variance()}. */
  default boolean predictsVariance() {
    return false;
  }

  /** A predictor that does not care where a window lies. */
  static WindowPredictor of(NoisePredictor predictor) {
    return new WindowPredictor() {
      @Override
      public void predict(Tensor x, Window where, NoiseLevel level, Prediction out) {
        predictor.predict(x, level, out);
      }

      @Override
      public boolean predictsVariance() {
        return predictor.predictsVariance();
      }
    };
  }
}
