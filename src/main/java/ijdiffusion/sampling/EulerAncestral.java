package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.tensor.Shape;

/**
 * Ancestral sampling with Euler steps (K. Crowson, k-diffusion, {@code sample_euler_ancestral}; no
 * paper). With n = sigma / alpha and the state x / alpha:
 *
 * <pre>
 * up   = eta sqrt(n_s^2 (n_t^2 - n_s^2) / n_t^2)
 * down = sqrt(n_s^2 - up^2)
 * x_s / alpha_s = x_t / alpha_t + (down - n_t) eps + up z
 * </pre>
 *
 * <p>With x_t = alpha_t x_0 + sigma_t eps this is alpha_s x_0 + alpha_s down eps + alpha_s up z,
 * and alpha_s up is the standard deviation of {@link Ddim}: the two are one algorithm in two
 * notations, so the steps are Ddim's. eta = 0 is Euler's method for the probability-flow ODE in n.
 * k-diffusion limits up to n_s, which it never exceeds for eta up to 1.
 *
 * @param eta share of the ancestral noise, in [0, 1]; 1 in k-diffusion's default and in diffusers
 */
public record EulerAncestral(double eta) implements Sampler {
  public EulerAncestral {
    DiffusionException.inRange("eta", eta, 0, 1);
  }

  /** The usual one, eta = 1. */
  public EulerAncestral() {
    this(1);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new Ddim(eta).begin(predictor, shape);
  }

  @Override
  public boolean isStochastic() {
    return eta > 0;
  }
}
