package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Linear multistep, LMS (K. Crowson, k-diffusion, {@code sample_lms}; no paper): the
 * Adams-Bashforth method on uneven levels for d (x / alpha) / dn = eps, n = sigma / alpha. The
 * latest predictions are joined by a polynomial in n, which is integrated from n_t to n_s:
 *
 * <pre>
 * c_j = integral from n_t to n_s of product over k != j of (n - n_k) / (n_j - n_k)
 * x_s = alpha_s x_0 + sigma_s eps_0 + alpha_s sum over j > 0 of c_j (eps_j - eps_0)
 * </pre>
 *
 * <p>eps_0 is the prediction at t, eps_j that of j steps before. The first steps have less to go by
 * and are of order 1, 2, ...; N steps take N predictions. Deviation: k-diffusion and diffusers
 * integrate numerically to 1e-4, here two Gauss-Legendre points give the integral itself.
 *
 * @param order predictions used, 1 to 4; 1 is Euler's method, 4 the usual setting
 */
public record LinearMultistep(int order) implements Sampler {
  public LinearMultistep {
    DiffusionException.inRange("order", order, 1, 4);
  }

  /** The usual one, order 4. */
  public LinearMultistep() {
    this(4);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new Steps(order, predictor, shape);
  }

  @Override
  public boolean isStochastic() {
    return false;
  }

  private static final class Steps implements Solver {
    private static final double GAUSS_POINT = 1 / Math.sqrt(3);

    private final NoisePredictor predictor;
    private final Prediction prediction;
    private final History earlier;

    Steps(int order, NoisePredictor predictor, Shape shape) {
      this.predictor = predictor;
      this.prediction = new Prediction(shape, predictor.predictsVariance());
      this.earlier = new History(order - 1, shape);
    }

    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      predictor.predict(x, t, prediction);
      Tensor eps = prediction.eps();
      x.setSum(s.alpha(), prediction.x0(), s.sigma(), eps);
      for (int j = 0; j < earlier.size(); j++) {
        double c = s.alpha() * coefficient(j, t.noiseToSignal(), s.noiseToSignal());
        x.setSum(1, x, c, earlier.value(j), -c, eps);
      }
      earlier.push(t.noiseToSignal(), eps);
    }

    /** Integral of the basis polynomial of an earlier prediction; exact up to degree 3. */
    private double coefficient(int j, double from, double to) {
      double middle = (from + to) / 2;
      double half = (to - from) / 2;
      return half
          * (basis(j, middle - half * GAUSS_POINT, from)
              + basis(j, middle + half * GAUSS_POINT, from));
    }

    /** The polynomial that is 1 at the place of earlier prediction j, 0 at the others. */
    private double basis(int j, double n, double current) {
      double product = (n - current) / (earlier.place(j) - current);
      for (int k = 0; k < earlier.size(); k++) {
        if (k != j) {
          product *= (n - earlier.place(k)) / (earlier.place(j) - earlier.place(k));
        }
      }
      return product;
    }

    @Override
    public Tensor x0() {
      return prediction.x0();
    }

    @Override
    public void forget() {
      earlier.clear();
    }
  }
}
