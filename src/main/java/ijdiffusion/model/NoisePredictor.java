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
   * guided-diffusion family does at every step. Keeps a run inside the range of images; switch it
   * off where exactness matters more, for instance when inverting.
   *
   * @param min smallest value of x_0, usually -1
   * @param max largest value of x_0, usually 1
   */
  default NoisePredictor clipped(double min, double max) {
    return new ClippedPredictor(this, min, max);
  }

  /**
   * This predictor with x_0 limited to a range and eps as the network gave it, so that x_0 and eps
   * no longer make up x_t where a value was limited. What diffusers' DDIM does unless told
   * otherwise ({@code use_clipped_model_output}); for its results only, see {@link #clipped}.
   *
   * @param min smallest value of x_0, usually -1
   * @param max largest value of x_0, usually 1
   */
  default NoisePredictor clippedKeepingNoise(double min, double max) {
    return new NoiseKeepingPredictor(this, min, max);
  }

  /**
   * This predictor with dynamic thresholding (Saharia et al. 2022, Imagen, arXiv:2205.11487,
   * section 2.3): for each image of a batch s = the quantile of |x_0|, limited to [1, max]; x_0 is
   * clipped to [-s, s] and divided by s, and eps derived anew. Keeps strongly guided runs from
   * saturating.
   *
   * @param ratio which quantile, in [0, 1], between neighbours by linear interpolation; 0.995 in
   *     the paper
   * @param max largest s, at least 1; with 1 this is plain clipping to [-1, 1], an effect of its
   *     own begins at about 1.5. The paper has no limit
   */
  default NoisePredictor thresholded(double ratio, double max) {
    return new ThresholdedPredictor(this, ratio, max);
  }
}
