package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * UniPC, the unified predictor-corrector (Zhao, Bai, Rao, Zhou and Lu 2023, arXiv:2302.04867, UniP
 * and UniC in data-prediction form, B(h) = e^h - 1, "bh2"). With m = x_0, lambda = ln(alpha /
 * sigma), h = lambda_s - lambda_t, H = -h, and m_1, m_2 of one and two steps before:
 *
 * <pre>
 * r_k = (lambda_k - lambda_t) / h,   D_k = (m_k - m) / r_k,   B = e^H - 1
 * q_1 = B / H - 1,   q_(i+1) = q_i / H - 1 / (i+1)!,   b_i = i! q_i / B
 * predictor: x_s = (sigma_s / sigma_t) x_t - alpha_s B (m + sum of rho_k D_k),
 *            rho: sum over k of r_k^(i-1) rho_k = b_i for i below the order; 1/2 for order 2
 * corrector: as the predictor, with m_s as one more point at r = 1, and i up to the order; 1/2 for
 *            order 1
 * </pre>
 *
 * <p>The corrector runs when the next step has its prediction m_s at the predicted state, which is
 * not predicted anew, so N steps take N predictions and the last state is not corrected. It is
 * applied as a difference, alpha_s B times (what the predictor assumed - what the corrector knows):
 * the same number on a state nobody touched, and a constraint's changes to the state are not
 * undone.
 *
 * <p>The first steps, and those after a jump, are of order 1, 2, ...; the step to the clean level
 * is of order 1, its limit. A corrector has the order of the predictor it corrects, as in
 * diffusers.
 *
 * @param order 1, 2 or 3; 2 is the authors' advice for guided sampling, 3 without guidance
 * @param lowerOrderFinal whether runs end with order 2, at most, and 1, as in diffusers
 */
public record UniPc(int order, boolean lowerOrderFinal) implements Sampler {
  public UniPc {
    DiffusionException.inRange("order", order, 1, 3);
  }

  /** The usual one, order 2, with lower order at the end. */
  public UniPc() {
    this(2, true);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new Steps(order, FinalOrders.NONE, predictor, shape);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape, Trajectory path) {
    FinalOrders orders = lowerOrderFinal ? FinalOrders.of(path) : FinalOrders.NONE;
    return new Steps(order, orders, predictor, shape);
  }

  @Override
  public boolean isStochastic() {
    return false;
  }

  private static final class Steps implements Solver {
    private final int maxOrder;
    private final FinalOrders orders;
    private final NoisePredictor predictor;
    private final Prediction prediction;
    private final History earlier;
    private final double[] r = new double[3];
    private final double[] b = new double[3];
    private final double[] rho = new double[3];

    /** Weights of m_s, and of m, m_1, m_2 of the step before, in the next correction. */
    private double onArrival;

    private final double[] correction = new double[3];
    private int corrected;

    Steps(int order, FinalOrders orders, NoisePredictor predictor, Shape shape) {
      this.maxOrder = order;
      this.orders = orders;
      this.predictor = predictor;
      this.prediction = new Prediction(shape, predictor.predictsVariance());
      this.earlier = new History(order, shape);
    }

    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      predictor.predict(x, t, prediction);
      correct(x);
      double lambda = -Math.log(t.noiseToSignal());
      double h = -Math.log(s.noiseToSignal()) - lambda;
      int order = orders.limit(Math.min(maxOrder, earlier.size() + 1), s);
      for (int k = 1; k < order; k++) {
        r[k - 1] = (earlier.place(k - 1) - lambda) / h;
      }
      double gain = -s.alpha() * Math.expm1(-h);
      rightSide(h);
      predict(x, s.sigma() / t.sigma(), gain, order);
      earlier.push(lambda, prediction.x0());
      prepareCorrection(gain, Double.isInfinite(h) ? 0 : order);
    }

    /** b_1 to b_3. */
    private void rightSide(double h) {
      double base = Math.expm1(-h);
      double q = base / -h - 1;
      double factorial = 1;
      for (int i = 1; i <= 3; i++) {
        b[i - 1] = factorial * q / base;
        factorial *= i + 1;
        q = q / -h - 1 / factorial;
      }
    }

    private void predict(Tensor x, double carry, double gain, int order) {
      if (order == 2) {
        rho[0] = 0.5;
      } else {
        solve(order - 1);
      }
      double own = gain;
      for (int k = 0; k < order - 1; k++) {
        own -= gain * rho[k] / r[k];
      }
      x.setSum(carry, x, own, prediction.x0());
      for (int k = 0; k < order - 1; k++) {
        x.setSum(1, x, gain * rho[k] / r[k], earlier.value(k));
      }
    }

    /** Sets what the corrector of this step adds to what its predictor did. */
    private void prepareCorrection(double gain, int order) {
      corrected = order;
      if (order == 0) {
        return;
      }
      for (int k = 0; k < order - 1; k++) {
        correction[k + 1] = -rho[k];
      }
      r[order - 1] = 1;
      if (order == 1) {
        rho[0] = 0.5;
      } else {
        solve(order);
      }
      onArrival = gain * rho[order - 1];
      correction[0] = -onArrival;
      for (int k = 0; k < order - 1; k++) {
        correction[k + 1] = gain * (correction[k + 1] + rho[k]) / r[k];
        correction[0] -= correction[k + 1];
      }
    }

    private void correct(Tensor x) {
      if (corrected == 0) {
        return;
      }
      x.setSum(1, x, onArrival, prediction.x0());
      for (int k = 0; k < corrected; k++) {
        x.setSum(1, x, correction[k], earlier.value(k));
      }
    }

    /**
     * rho of the first {@code size} equations, sum over k of r_k^(i-1) rho_k = b_i; size 0 to 3.
     */
    private void solve(int size) {
      switch (size) {
        case 0 -> {}
        case 1 -> rho[0] = b[0];
        case 2 -> {
          rho[0] = (b[1] - r[1] * b[0]) / (r[0] - r[1]);
          rho[1] = b[0] - rho[0];
        }
        default -> {
          for (int i = 0; i < 3; i++) {
            double u = r[(i + 1) % 3];
            double v = r[(i + 2) % 3];
            rho[i] = (b[2] - (u + v) * b[1] + u * v * b[0]) / ((r[i] - u) * (r[i] - v));
          }
        }
      }
    }

    @Override
    public Tensor x0() {
      return prediction.x0();
    }

    @Override
    public void forget() {
      earlier.clear();
      corrected = 0;
    }
  }
}
