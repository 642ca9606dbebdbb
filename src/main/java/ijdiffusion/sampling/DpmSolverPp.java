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
 * DPM-Solver++, multistep (Lu, Zhou, Bao, Chen, Li and Zhu 2022, arXiv:2211.01095, sections 4 and
 * 5): 2M is algorithm 2, 3M and the rule called Heun are the authors' code; the stochastic ones are
 * SDE-DPM-Solver++. Works on the clean image m = x_0 and the half log signal-to-noise ratio lambda
 * = ln(alpha / sigma). With h = lambda_s - lambda_t, and g = h for the ODE or 2 h for the SDE:
 *
 * <pre>
 * r0 = (lambda_t - lambda_1) / h,   r1 = (lambda_1 - lambda_2) / h      (1, 2: one, two steps before)
 * D10 = (m - m_1) / r0,   D11 = (m_1 - m_2) / r1
 * phi1 = 1 - e^-g,   phi2 = 1 - phi1 / g,   phi3 = phi2 / g - 1/2
 * order 1:  y = phi1 m
 * order 2:  y = phi1 m + (phi1 / 2 midpoint, phi2 Heun) D10
 * order 3:  y = phi1 m + phi2 D1 - phi3 D2
 *           D1 = D10 + r0 / (r0 + r1) (D10 - D11),   D2 = (D10 - D11) / (r0 + r1)
 * ODE:  x_s = (sigma_s / sigma_t) x_t + alpha_s y
 * SDE:  x_s = (sigma_s / sigma_t) e^-h x_t + alpha_s y + sigma_s sqrt(1 - e^-2h) z
 * </pre>
 *
 * <p>Order 1 without noise is DDIM with eta 0, with noise DDIM with eta 1. The first steps, and
 * those after a jump, have no memory and are of order 1, 2, ...; the step to the clean level is of
 * order 1, exact in the limit h to infinity. N steps take N predictions. Formulas hold for all
 * levels, those of exploding schedules included.
 *
 * <p>As in the authors' code, and all that follow it, D2 is half of h^2 times the second derivative
 * and so has half the weight that the exact integral gives it: 3M is of second order with a small
 * constant, not of third.
 *
 * <p>Deviation: SDE of order 3 is in k-diffusion ({@code sample_dpmpp_3m_sde}), not in the paper;
 * it differs from that code only in that its second step may be the midpoint rule.
 *
 * @param order 1, 2 or 3; 2 is the authors' advice for guided sampling, 3 without guidance
 * @param secondOrder which of two second-order rules to use
 * @param stochastic whether to solve the SDE instead of the ODE
 * @param lowerOrderFinal whether runs of fewer than 15 steps end with order 2, at most, and 1, as
 *     in diffusers; steadier where the path's last levels are far apart
 */
public record DpmSolverPp(
    int order, SecondOrder secondOrder, boolean stochastic, boolean lowerOrderFinal)
    implements Sampler {
  private static final int FEW_STEPS = 15;

  /** Weight of the difference quotient in a step of order 2. */
  public enum SecondOrder {
    /** (1 - e^-g) / 2. */
    MIDPOINT,
    /** 1 - (1 - e^-g) / g, the exponential integral of a straight line. */
    HEUN
  }

  public DpmSolverPp {
    DiffusionException.inRange("order", order, 1, 3);
    if (secondOrder == null) {
      throw new IllegalArgumentException("secondOrder is missing: MIDPOINT or HEUN");
    }
  }

  /**
   * The deterministic solver with the usual settings: midpoint, lower order at the end.
   *
   * @param order 1 (1S), 2 (2M) or 3 (3M)
   */
  public static DpmSolverPp ode(int order) {
    return new DpmSolverPp(order, SecondOrder.MIDPOINT, false, true);
  }

  /**
   * The stochastic solver with the usual settings: midpoint, lower order at the end.
   *
   * @param order 1, 2 (2M SDE) or 3 (3M SDE)
   */
  public static DpmSolverPp sde(int order) {
    return new DpmSolverPp(order, SecondOrder.MIDPOINT, true, true);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new Steps(this, FinalOrders.NONE, predictor, shape);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape, Trajectory path) {
    boolean lower = lowerOrderFinal && path.stepsDown() < FEW_STEPS;
    return new Steps(this, lower ? FinalOrders.of(path) : FinalOrders.NONE, predictor, shape);
  }

  @Override
  public boolean isStochastic() {
    return stochastic;
  }

  private static final class Steps implements Solver {
    private final DpmSolverPp solver;
    private final FinalOrders orders;
    private final NoisePredictor predictor;
    private final Prediction prediction;
    private final History earlier;
    private final double[] weights = new double[3];

    Steps(DpmSolverPp solver, FinalOrders orders, NoisePredictor predictor, Shape shape) {
      this.solver = solver;
      this.orders = orders;
      this.predictor = predictor;
      this.prediction = new Prediction(shape, predictor.predictsVariance());
      this.earlier = new History(solver.order - 1, shape);
    }

    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      predictor.predict(x, t, prediction);
      double lambda = -Math.log(t.noiseToSignal());
      double h = -Math.log(s.noiseToSignal()) - lambda;
      int order = orders.limit(Math.min(solver.order, earlier.size() + 1), s);
      weigh(order, lambda, h);
      double decay = solver.stochastic ? Math.exp(-h) : 1;
      x.setSum(s.sigma() / t.sigma() * decay, x, s.alpha() * weights[0], prediction.x0());
      for (int k = 1; k < order; k++) {
        x.setSum(1, x, s.alpha() * weights[k], earlier.value(k - 1));
      }
      if (solver.stochastic && s.sigma() > 0) {
        Tensor z = prediction.eps(); // not needed, steps are made of x_0
        noise.next(z);
        x.setSum(1, x, s.sigma() * Math.sqrt(-Math.expm1(-2 * h)), z);
      }
      earlier.push(lambda, prediction.x0());
    }

    /** Writes y as weights of m, m_1 and m_2. */
    private void weigh(int order, double lambda, double h) {
      double g = solver.stochastic ? 2 * h : h;
      double phi1 = -Math.expm1(-g);
      weights[0] = phi1;
      if (order == 1) {
        return;
      }
      double phi2 = 1 - phi1 / g;
      double r0 = (lambda - earlier.place(0)) / h;
      double d10 = solver.secondOrder == SecondOrder.MIDPOINT ? phi1 / 2 : phi2;
      double d11 = 0;
      if (order == 3) {
        double r1 = (earlier.place(0) - earlier.place(1)) / h;
        d11 = (phi2 / g - 0.5 - r0 * phi2) / (r0 + r1);
        d10 = phi2 - d11;
        weights[2] = -d11 / r1;
        d11 /= r1;
      }
      weights[0] += d10 / r0;
      weights[1] = d11 - d10 / r0;
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
