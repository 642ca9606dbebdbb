package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/** What a network's output stands for. */
public enum Parameterization {
  /** The noise itself (Ho et al. 2020). */
  EPSILON {
    @Override
    public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
      out.completeFromEps(x, level);
    }
  },
  /** The clean image. */
  X0 {
    @Override
    public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
      out.x0().set(out.eps());
      out.completeFromX0(x, level);
    }
  },
  /** v = alpha eps - sigma x_0 (Salimans and Ho 2022, arXiv:2202.00512); needs alpha^2 + sigma^2 = 1. */
  V {
    @Override
    public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
      Tensor v = out.eps();
      out.x0().setSum(level.alpha(), x, -level.sigma(), v);
      v.setSum(level.sigma(), x, level.alpha(), v);
    }
  };

  /**
   * Turns the network's output into eps and x_0.
   *
   * @param x the state x_t
   * @param level its level
   * @param out on entry {@code out.eps()} holds the network's output; on return eps and x_0 are set
   */
  public abstract void toPrediction(Tensor x, NoiseLevel level, Prediction out);
}
