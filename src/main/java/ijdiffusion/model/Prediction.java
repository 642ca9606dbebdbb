package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * What a predictor says about a state x_t, in buffers that are reused from step to step: the noise
 * eps, the clean image x_0 that goes with it, x_t = alpha x_0 + sigma eps, and, for networks that
 * learned it, the variance of a step.
 */
public final class Prediction {
  private final Tensor eps;
  private final Tensor x0;
  private final Tensor variance;

  /**
   * @param shape (N, C, H, W) of the state
   * @param variance whether the network predicts variances too
   */
  public Prediction(Shape shape, boolean variance) {
    this.eps = new Tensor(shape);
    this.x0 = new Tensor(shape);
    this.variance = variance ? new Tensor(shape) : null;
  }

  /** Predicted noise, (N, C, H, W), unit variance. */
  public Tensor eps() {
    return eps;
  }

  /** Predicted clean image, (N, C, H, W), in the network's value range, usually [-1, 1]. */
  public Tensor x0() {
    return x0;
  }

  /**
   * The network's second half of channels, (N, C, H, W), as it came: a log variance or a fraction
   * in [-1, 1], see {@link VarianceType}.
   *
   * @throws IllegalStateException when the network predicts none
   */
  public Tensor variance() {
    if (variance == null) {
      throw new IllegalStateException("This predictor gives no variance");
    }
    return variance;
  }

  /** Computes x_0 = (x_t - sigma eps) / alpha from eps. */
  public void completeFromEps(Tensor x, NoiseLevel level) {
    x0.setSum(1 / level.alpha(), x, -level.sigma() / level.alpha(), eps);
  }

  /** Computes eps = (x_t - alpha x_0) / sigma from x_0. */
  public void completeFromX0(Tensor x, NoiseLevel level) {
    eps.setSum(1 / level.sigma(), x, -level.alpha() / level.sigma(), x0);
  }
}
