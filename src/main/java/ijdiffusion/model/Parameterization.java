package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/** What an output of a network without preconditioning stands for. */
public enum Parameterization implements OutputMeaning {
  /**
   * The noise itself (Ho et al. 2020, arXiv:2006.11239). So do the networks of the VP and sub-VP
   * SDEs of score_sde: their code divides the output by -sigma to get the score.
   */
  EPSILON {
    @Override
    public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
      out.completeFromEps(x, level);
    }
  },
  /** The clean image. */
  X0 {
    @Override
    public boolean knowsPureNoise() {
      return true;
    }

    @Override
    public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
      out.x0().set(out.eps());
      out.completeFromX0(x, level);
    }
  },
  /**
   * v = alpha eps - sigma x_0 (Salimans and Ho 2022, arXiv:2202.00512); needs alpha^2 + sigma^2 =
   * 1.
   */
  V {
    @Override
    public boolean knowsPureNoise() {
      return true;
    }

    @Override
    public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
      Tensor v = out.eps();
      out.x0().setSum(level.alpha(), x, -level.sigma(), v);
      v.setSum(level.sigma(), x, level.alpha(), v);
    }
  },
  /**
   * The score, the gradient of log p(x_t): eps = -sigma score, on every schedule. For exploding
   * schedules alpha = 1 and this is x_0 = x_t + sigma^2 score: the networks of NCSN (Song and Ermon
   * 2019, arXiv:1907.05600, and version 2) and of the VE SDE (Song et al. 2021, arXiv:2011.13456)
   * divide by sigma inside. For preserving ones sigma = sqrt(1 - alpha-bar).
   */
  SCORE {
    @Override
    public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
      out.eps().setSum(-level.sigma(), out.eps(), 0, out.eps());
      out.completeFromEps(x, level);
    }
  },
  /** sigma score = -eps: a score network whose final division by sigma was left out. */
  SCORE_TIMES_SIGMA {
    @Override
    public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
      out.eps().setSum(-1, out.eps(), 0, out.eps());
      out.completeFromEps(x, level);
    }
  };

  @Override
  public boolean knowsPureNoise() {
    return false;
  }
}
