package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.function.DoubleFunction;

/**
 * Heun's second-order method for the probability-flow ODE, deterministic or with churn (Karras,
 * Aittala, Aila and Laine 2022, arXiv:2206.00364, algorithms 1 and 2). With n = sigma / alpha and
 * the state x / alpha, on which d (x / alpha) / dn = eps:
 *
 * <pre>
 * n' = n_t (1 + gamma),  x' / alpha' = x_t / alpha_t + sqrt(n'^2 - n_t^2) S_noise z     (churn)
 * e1 = eps(x', n'),      x1 = alpha_s x_0 + sigma_s e1                                   (Euler)
 * e2 = eps(x1, n_s),     x_s = x1 + alpha_s (n_s - n') (e2 - e1) / 2                     (correction)
 * </pre>
 *
 * <p>The step to the clean level is Euler's alone, so N steps down to it take 2 N - 1 predictions.
 * Runs on any levels: the paper's are alpha = 1, and its preconditioning belongs to the predictor.
 * Deviations: the state is float32, where the authors' code keeps it in float64; from a level
 * without signal (alpha = 0) the step is Euler's, because n is infinite there.
 *
 * @param gamma relative increase of the noise before each step, in [0, sqrt(2) - 1]; 0: no churn
 * @param minNoise S_tmin: no churn where n_t is below it, at least 0
 * @param maxNoise S_tmax: no churn where n_t is above it, at least {@code minNoise}
 * @param inflation S_noise, standard deviation of the churn's noise, above 0; 1 to 1.007 in the
 *     paper
 * @param levels the level that holds n = sigma / alpha; asked only where there is churn. Where it
 *     knows none above n_t it may give a cleaner one, and the step does without churn
 */
public record Heun(
    double gamma,
    double minNoise,
    double maxNoise,
    double inflation,
    DoubleFunction<NoiseLevel> levels)
    implements Sampler {
  private static final double MOST_NOISE = 1000;
  private static final double MAX_GAMMA = Math.sqrt(2) - 1;

  public Heun {
    DiffusionException.inRange("gamma", gamma, 0, MAX_GAMMA);
    DiffusionException.inRange("minNoise", minNoise, 0, Double.MAX_VALUE);
    DiffusionException.inRange("maxNoise", maxNoise, minNoise, Double.POSITIVE_INFINITY);
    DiffusionException.inRange("inflation", inflation, Double.MIN_VALUE, Double.MAX_VALUE);
    if (gamma > 0 && levels == null) {
      throw new IllegalArgumentException("Churn needs to know the levels between the path's own");
    }
  }

  /** Without churn: algorithm 1 with the paper's sigma(t) = t. */
  public Heun() {
    this(0, 0, Double.POSITIVE_INFINITY, 1, null);
  }

  /**
   * With the paper's parameters: gamma = min(S_churn / N, sqrt(2) - 1).
   *
   * @param churn S_churn, at least 0; 40 for the paper's ImageNet-64 model
   * @param steps N, steps of the run, at least 1
   * @param minNoise S_tmin, at least 0
   * @param maxNoise S_tmax, at least {@code minNoise}
   * @param inflation S_noise, above 0
   * @param levels the level that holds a given sigma / alpha
   */
  public static Heun withChurn(
      double churn,
      int steps,
      double minNoise,
      double maxNoise,
      double inflation,
      DoubleFunction<NoiseLevel> levels) {
    DiffusionException.inRange("churn", churn, 0, Double.MAX_VALUE);
    DiffusionException.inRange("steps", steps, 1, Integer.MAX_VALUE);
    return new Heun(Math.min(churn / steps, MAX_GAMMA), minNoise, maxNoise, inflation, levels);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new Steps(this, predictor, shape);
  }

  /**
   * Whether a step from a level has its second call, unless it is the last. Not where the noise is
   * {@value #MOST_NOISE} times the signal and more, as at the end of cosine schedules and of
   * Palette's: what float rounds off eps, times so long a step, outweighs the correction.
   */
  public static boolean isCorrected(NoiseLevel from) {
    return from.noiseToSignal() < MOST_NOISE;
  }

  @Override
  public boolean isStochastic() {
    return gamma > 0;
  }

  private static final class Steps implements Solver {
    private final Heun heun;
    private final NoisePredictor predictor;
    private final Prediction first;
    private final Prediction second;
    private final Tensor z;

    Steps(Heun heun, NoisePredictor predictor, Shape shape) {
      this.heun = heun;
      this.predictor = predictor;
      this.first = new Prediction(shape, predictor.predictsVariance());
      this.second = new Prediction(shape, predictor.predictsVariance());
      this.z = heun.gamma > 0 ? new Tensor(shape) : null;
    }

    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      NoiseLevel from = churn(x, t, noise);
      predictor.predict(x, from, first);
      x.setSum(s.alpha(), first.x0(), s.sigma(), first.eps());
      if (s.sigma() == 0 || !isCorrected(from)) {
        return;
      }
      predictor.predict(x, s, second);
      double half = s.alpha() * (s.noiseToSignal() - from.noiseToSignal()) / 2;
      x.setSum(1, x, half, second.eps(), -half, first.eps());
    }

    /** Diffuses the state to a noisier level where the settings ask for it; returns its level. */
    private NoiseLevel churn(Tensor x, NoiseLevel t, NoiseSource noise) {
      double n = t.noiseToSignal();
      if (heun.gamma == 0 || n < heun.minNoise || n > heun.maxNoise) {
        return t;
      }
      NoiseLevel up = heun.levels.apply(n * (1 + heun.gamma));
      if (!t.isCleanerThan(up)) {
        return t;
      }
      // the level's own n, not the one asked for: a table may have only levels nearby
      double added = Math.sqrt(up.noiseToSignal() * up.noiseToSignal() - n * n);
      noise.next(z);
      x.setSum(up.alpha() / t.alpha(), x, up.alpha() * added * heun.inflation, z);
      return up;
    }

    @Override
    public Tensor x0() {
      return first.x0();
    }
  }
}
