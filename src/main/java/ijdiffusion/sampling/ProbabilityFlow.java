package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;
import java.util.function.DoubleFunction;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.nonstiff.DormandPrince54Integrator;

/**
 * The probability-flow ODE, solved by the Dormand-Prince pair of order 5(4) with adaptive steps
 * (Song, Sohl-Dickstein, Kingma, Kumar, Ermon and Poole 2021, arXiv:2011.13456, equation 13 and
 * appendix D.1). Runs both ways: down to sample, up to encode.
 *
 * <p>Any schedule is the same circle: with theta = atan(sigma / alpha) and y = x / sqrt(alpha^2 +
 * sigma^2) the flow is
 *
 * <pre>
 * y = cos(theta) x_0 + sin(theta) eps
 * dy / dtheta = cos(theta) eps - sin(theta) x_0                                  (v, at constant x_0)
 * </pre>
 *
 * <p>(Salimans and Ho 2022, arXiv:2202.00512, appendix D). y has the size of an image or of unit
 * noise at every level, and the right side is as bounded as x_0 and eps are, so one absolute
 * tolerance fits variance-preserving and exploding levels. Deviations: the paper integrates x over
 * its SDE's time; the curve is the same, the places of the steps are not, nor is the number of
 * predictions. State and error control are float64, predictions float32: tolerances below 1e-6 buy
 * nothing.
 *
 * <p>This is no {@link Sampler}: its steps are where the error wants them, not at the levels of a
 * path, and they fail and are tried again, so there is neither a trajectory to follow nor a state
 * on which a constraint could act between two steps.
 *
 * @param relative tolerance of a step relative to y, above 0; 1e-5 in the paper
 * @param absolute tolerance of a step added to it, above 0; 1e-5 in the paper
 * @param maxCalls predictions after which a run gives up, at least 1
 */
public record ProbabilityFlow(double relative, double absolute, int maxCalls) {
  /** Parts into which progress is reported. */
  private static final int PARTS = 100;

  /** Below this angle float32 predictions do not change any more. */
  private static final double SHORTEST_STEP = 1e-9;

  public ProbabilityFlow {
    DiffusionException.inRange("relative tolerance", relative, Double.MIN_VALUE, 1);
    DiffusionException.inRange("absolute tolerance", absolute, Double.MIN_VALUE, 1);
    DiffusionException.inRange("largest number of network calls", maxCalls, 1, Integer.MAX_VALUE);
  }

  /** The paper's tolerances, and at most 10,000 network calls. */
  public ProbabilityFlow() {
    this(1e-5, 1e-5, 10_000);
  }

  /**
   * Carries a state along the flow, down (sampling) or up (encoding). Down to the smallest level
   * the network knows, its noise is left in; a last step of {@link Ddim} to the clean level takes
   * it out.
   *
   * @param predictor the network; unclipped, if the way back shall lead to the same state
   * @param levels the level that holds n = sigma / alpha, for all n between those of the two ends
   * @param from level of the state; alpha and sigma above 0
   * @param to level to carry it to; alpha and sigma above 0
   * @param x on entry the state at {@code from}, (N, C, H, W), on return at {@code to}; the steps
   *     are common to the batch
   * @param monitor told after each step the way done, of 100 parts, and x_0; cancels by throwing
   * @return network calls made
   * @throws DiffusionException when the tolerances cannot be met
   */
  public int carry(
      NoisePredictor predictor,
      DoubleFunction<NoiseLevel> levels,
      NoiseLevel from,
      NoiseLevel to,
      Tensor x,
      Monitor monitor) {
    double start = angle(from);
    double end = angle(to);
    if (start == end) {
      x.setSum(size(to) / size(from), x, 0, x);
      return 0;
    }
    Flow flow = new Flow(predictor, from, to, levels, x);
    DormandPrince54Integrator integrator =
        new DormandPrince54Integrator(SHORTEST_STEP, Math.abs(end - start), absolute, relative);
    integrator.addStepHandler(
        step -> {
          double way = (step.getCurrentState().getTime() - start) / (end - start);
          monitor.onStep((int) Math.ceil(way * PARTS), PARTS, flow.prediction.x0());
        });
    double[] y = scaled(x, 1 / size(from));
    try {
      ODEStateAndDerivative done = integrator.integrate(flow, new ODEState(start, y), end);
      unscaled(done.getPrimaryState(), size(to), x);
    } catch (MathIllegalArgumentException shortestStepFailed) {
      throw failure(shortestStepFailed);
    }
    return flow.calls;
  }

  private DiffusionException failure(Throwable cause) {
    return new DiffusionException(
        "The flow could not be followed with tolerances "
            + relative
            + " and "
            + absolute
            + " within "
            + maxCalls
            + " network calls; choose larger ones.",
        cause);
  }

  private static double angle(NoiseLevel level) {
    if (!(level.alpha() > 0 && level.sigma() > 0)) {
      throw new IllegalArgumentException(
          "The flow ends at " + level + ", but alpha and sigma must be above 0");
    }
    return Math.atan2(level.sigma(), level.alpha());
  }

  private static double size(NoiseLevel level) {
    return Math.hypot(level.alpha(), level.sigma());
  }

  private static double[] scaled(Tensor x, double factor) {
    double[] y = new double[x.data().length];
    for (int i = 0; i < y.length; i++) {
      y[i] = factor * x.data()[i];
    }
    return y;
  }

  private static void unscaled(double[] y, double factor, Tensor x) {
    for (int i = 0; i < y.length; i++) {
      x.data()[i] = (float) (factor * y[i]);
    }
  }

  /** The right side; counts the network's calls. */
  private final class Flow implements OrdinaryDifferentialEquation {
    private final NoisePredictor predictor;
    private final NoiseLevel from;
    private final NoiseLevel to;
    private final DoubleFunction<NoiseLevel> levels;
    private final Tensor state;
    private final Prediction prediction;
    private int calls;

    Flow(
        NoisePredictor predictor,
        NoiseLevel from,
        NoiseLevel to,
        DoubleFunction<NoiseLevel> levels,
        Tensor x) {
      this.predictor = predictor;
      this.from = from;
      this.to = to;
      this.levels = levels;
      this.state = new Tensor(x.shape());
      this.prediction = new Prediction(x.shape(), predictor.predictsVariance());
    }

    @Override
    public int getDimension() {
      return state.data().length;
    }

    @Override
    public double[] computeDerivatives(double theta, double[] y) {
      // the integrator's own limit leaves out the call that finds the first step's length
      if (calls == maxCalls) {
        throw failure(null);
      }
      NoiseLevel level = level(theta);
      unscaled(y, size(level), state);
      predictor.predict(state, level, prediction);
      calls++;
      float[] eps = prediction.eps().data();
      float[] x0 = prediction.x0().data();
      double cos = Math.cos(theta);
      double sin = Math.sin(theta);
      double[] slope = new double[y.length];
      for (int i = 0; i < slope.length; i++) {
        slope[i] = cos * eps[i] - sin * x0[i];
      }
      return slope;
    }

    /** At the ends the caller's own levels: tan(atan(n)) may miss them by a rounding error. */
    private NoiseLevel level(double theta) {
      if (theta == angle(from)) {
        return from;
      }
      return theta == angle(to) ? to : levels.apply(Math.tan(theta));
    }
  }
}
