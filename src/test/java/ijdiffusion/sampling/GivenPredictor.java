package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/**
 * Says what it was told to say, whatever the state: makes the coefficients of a single step
 * visible.
 *
 * @param variance the network's second half of channels, or null
 */
record GivenPredictor(Tensor x0, Tensor eps, Tensor variance) implements NoisePredictor {
  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    out.x0().set(x0);
    out.eps().set(eps);
    if (variance != null) {
      out.variance().set(variance);
    }
  }

  @Override
  public boolean predictsVariance() {
    return variance != null;
  }
}
