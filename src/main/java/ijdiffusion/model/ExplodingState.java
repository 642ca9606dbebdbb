package ijdiffusion.model;

import ijdiffusion.DiffusionException;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/**
 * The output of a network that sees the state of a variance-exploding process, y = x_0 + s eps with
 * s = sigma / alpha, as NCSN (Song and Ermon 2019, arXiv:1907.05600) and the VE SDE (Song et al.
 * 2021, arXiv:2011.13456, equation 9) do. This program's states are x_t = alpha y, so the network's
 * input is x_t / alpha. eps and x_0 are the same in both; a score is the gradient by y,
 *
 * <pre>
 * d log p / d x_t = (d log p / d y) / alpha
 * </pre>
 *
 * @param output what the output stands for; not {@link Parameterization#V}, which needs alpha^2 +
 *     sigma^2 = 1
 */
public record ExplodingState(Parameterization output) implements OutputMeaning {
  public ExplodingState {
    if (output == Parameterization.V) {
      throw new DiffusionException(
          "v is made of signal and noise of a variance-preserving state, so the network cannot see"
              + " a variance-exploding one.");
    }
  }

  /** 1 / alpha. */
  @Override
  public double inputScale(NoiseLevel level) {
    return 1 / level.alpha();
  }

  /** Never: without signal the state is infinite. */
  @Override
  public boolean knowsPureNoise() {
    return false;
  }

  @Override
  public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
    if (output == Parameterization.SCORE) {
      out.eps().setSum(1 / level.alpha(), out.eps(), 0, out.eps());
    }
    output.toPrediction(x, level, out);
  }
}
