package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/** Says which noise is in a state: eps(x_t, t). One call is one pass through the network. */
@FunctionalInterface
public interface NoisePredictor {
  /**
   * Predicts the noise in a state.
   *
   * @param x the state x_t, (N, C, H, W); left as it is
   * @param level how much noise x holds, the same for the whole batch; sigma above 0
   * @param out receives eps and x_0, and the variance where {@link #predictsVariance}
   */
  void predict(Tensor x, NoiseLevel level, Prediction out);

  /** Whether {@link #predict} fills {@link Prediction#variance()}. */
  default boolean predictsVariance() {
    return false;
  }

  /**
   * This predictor with x_0 limited to a range and eps derived anew from the limited x_0, as the
   * guided-diffusion family does at every step. Keeps a run inside the range of images; switch it off
   * where exactness matters more, for instance when inverting.
   *
   * @param min smallest value of x_0, usually -1
   * @param max largest value of x_0, usually 1
   */
  default NoisePredictor clipped(double min, double max) {
    return new ClippedPredictor(this, min, max);
  }
}
