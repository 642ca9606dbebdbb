package ijdiffusion.model;

import ijdiffusion.DiffusionException;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/**
 * The output F of a network that was trained inside the preconditioning of EDM (Karras et al. 2022,
 * arXiv:2206.00364, equation 7 and table 1). With s = sigma / alpha, y = x_t / alpha and d the
 * standard deviation of the data,
 *
 * <pre>
 * x_0 = c_skip y + c_out F(c_in y)
 * c_skip = d^2 / (s^2 + d^2),  c_out = s d / sqrt(s^2 + d^2),  c_in = 1 / sqrt(s^2 + d^2)
 * </pre>
 *
 * <p>Multiplied out, with q = sigma^2 + alpha^2 d^2, so that nothing is divided by alpha or sigma:
 *
 * <pre>
 * network's input = x_t / sqrt(q)
 * x_0 = alpha d^2 / q x_t + sigma d / sqrt(q) F
 * eps = sigma / q x_t - alpha d / sqrt(q) F
 * </pre>
 *
 * <p>On a preserving schedule and with d = 1 this is {@link Parameterization#V}, F = -v. EDM's
 * networks take {@link TimeInput#LOG_SIGMA_QUARTER}. A network that was exported with the
 * preconditioning inside has the meaning {@link Parameterization#X0} instead.
 *
 * @param sigmaData d, above 0; 0.5 in the paper, for images in [-1, 1]
 */
public record EdmPreconditioning(double sigmaData) implements OutputMeaning {
  public EdmPreconditioning {
    if (!(sigmaData > 0 && sigmaData < Double.POSITIVE_INFINITY)) {
      throw new DiffusionException("sigma_data is " + sigmaData + ", but must be above 0.");
    }
  }

  private double root(NoiseLevel level) {
    return Math.hypot(level.sigma(), level.alpha() * sigmaData);
  }

  /** 1 / sqrt(sigma^2 + alpha^2 d^2). */
  @Override
  public double inputScale(NoiseLevel level) {
    return 1 / root(level);
  }

  @Override
  public boolean knowsPureNoise() {
    return true;
  }

  @Override
  public void toPrediction(Tensor x, NoiseLevel level, Prediction out) {
    double root = root(level);
    double a = level.alpha() * sigmaData / root;
    double s = level.sigma() / root;
    Tensor f = out.eps();
    out.x0().setSum(a * sigmaData / root, x, s * sigmaData, f);
    f.setSum(s / root, x, -a, f);
  }
}
