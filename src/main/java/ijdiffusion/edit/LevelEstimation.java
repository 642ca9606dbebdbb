package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoiseLevelNetwork;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.Solver;
import ijdiffusion.schedule.BetaFamily;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;
import java.util.Set;

/**
 * DDPM sampling in few steps whose schedule is put right on the way by a network that sees how
 * noisy the state is (San-Roman, Nachmani and Wolf 2021, arXiv:2104.02600, its inference
 * procedure). After the mean of step n is computed and before its noise is added,
 *
 * <pre>
 * alpha-bar = P(mean), the n - 1 betas left are rebuilt such that prod (1 - beta) = alpha-bar
 * x_(n-1)   = mean + sigma_n z,  sigma_n^2 = beta-tilde_n of the schedule that step n was made with
 * </pre>
 *
 * <p>Where we deviate from the paper: it starts from pure noise with a schedule found by search,
 * here the first schedule is the family's for the start's own level, so that a noisy image can be
 * the start; betas are solved for exactly, see {@link BetaFamily}; alpha-bar is limited to [the
 * training schedule's smallest, 1 - 1e-6]. The paper leaves open whether sigma_n is that before or
 * after the update. As there, the network sees the mean without its noise, so the state that goes
 * on is a little noisier than its new level says.
 *
 * @param family how the betas rise
 * @param steps N, at least 1
 * @param updates the steps n after which the schedule is rebuilt, from 2 to N; counted down, step N
 *     is the first
 * @param training the noise predictor's training schedule: gives the time that belongs to a level,
 *     the smallest beta and the smallest alpha-bar
 * @param wholeTimes whether the predictor takes integer times only; as in the paper it is then told
 *     the noisier end of the bracket, sqrt(alpha-bar) in [l_t, l_(t-1)], and alpha and sigma stay
 *     exact
 */
public record LevelEstimation(
    BetaFamily family,
    int steps,
    Set<Integer> updates,
    DiscreteSchedule training,
    boolean wholeTimes) {
  private static final double LARGEST = 1 - 1e-6;

  public LevelEstimation {
    DiffusionException.inRange("steps", steps, 1, 1000);
    updates = Set.copyOf(updates);
    for (int n : updates) {
      DiffusionException.inRange("step of an update", n, 2, Math.max(2, steps));
    }
    if (steps == 1 && !updates.isEmpty()) {
      throw new DiffusionException("updates are " + updates + ", but one step leaves no betas.");
    }
  }

  /**
   * The noise of an image y = x_0 + n eps of unknown n, as the network sees it: the alpha-bar with
   * P(sqrt(alpha-bar) y) = alpha-bar, since y becomes a state only by the right scale, which is not
   * known before. About 40 calls of P.
   *
   * @param network P
   * @param image (1, C, H, W) in the network's units
   * @return n in the network's units, for {@link Denoising}; limited to alpha-bar as above
   */
  public double noise(NoiseLevelNetwork network, Tensor image) {
    requireOne(image);
    Tensor x = new Tensor(image.shape());
    double low = smallest();
    double high = LARGEST;
    while (high - low > 1e-7 * high) {
      double middle = Math.sqrt(low * high);
      x.setSum(Math.sqrt(middle), image, 0, image);
      if (network.alphaBars(x)[0] > middle) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double alphaBar = Math.sqrt(low * high);
    return Math.sqrt((1 - alphaBar) / alphaBar);
  }

  /**
   * Samples on from a state. Images of a batch would part ways, so they run one by one.
   *
   * @param predictor the noise predictor
   * @param network P
   * @param start the state, (1, C, H, W); for an image {@code y} of noise n this is y / sqrt(1 +
   *     n^2)
   * @param noise a fresh source; a draw for each step but the last
   * @param monitor told after each step
   * @return the sample, (1, C, H, W)
   */
  public Tensor run(
      NoisePredictor predictor,
      NoiseLevelNetwork network,
      Tensor start,
      NoiseSource noise,
      Monitor monitor) {
    requireOne(start);
    Tensor x = start.copy();
    Tensor z = new Tensor(x.shape());
    // the mean of a DDPM step is the step without noise
    Solver mean = new Ddpm(VarianceType.FIXED_SMALL).begin(predictor, x.shape());
    NoiseSource none = zeros -> zeros.fill(0);
    DiscreteSchedule schedule = rebuilt(network, x, steps);
    for (int n = steps; n >= 1; n--) {
      NoiseLevel t = level(schedule.alphaBar(n - 1));
      NoiseLevel s = level(schedule.alphaBar(n - 2));
      mean.step(x, t, s, none);
      if (n > 1) {
        double ratio = t.alpha() / s.alpha();
        double beta = 1 - ratio * ratio;
        double deviation = s.sigma() / t.sigma() * Math.sqrt(beta);
        if (updates.contains(n)) {
          schedule = rebuilt(network, x, n - 1);
        }
        noise.next(z);
        x.setSum(1, x, deviation, z);
      }
      monitor.onStep(steps - n + 1, steps, mean.x0());
    }
    return x;
  }

  private DiscreteSchedule rebuilt(NoiseLevelNetwork network, Tensor x, int left) {
    double seen = network.alphaBars(x)[0];
    if (Double.isNaN(seen)) {
      throw new DiffusionException("The noise level network gave NaN; it does not fit this image.");
    }
    double alphaBar = Math.min(LARGEST, Math.max(smallest(), seen));
    double first = 1 - training.alphaBar(0);
    return family.schedule(alphaBar, left, Math.min(0.999, Math.max(1e-8, first)));
  }

  /** Smallest alpha-bar: that of the training's noisiest level that holds signal. */
  private double smallest() {
    double ratio = Denoising.largest(training);
    return Math.max(1e-6, 1 / (1 + ratio * ratio));
  }

  private NoiseLevel level(double alphaBar) {
    NoiseLevel level = training.levelOf(Math.sqrt((1 - alphaBar) / alphaBar));
    if (!wholeTimes || level.sigma() == 0) {
      return level;
    }
    return new NoiseLevel(Math.ceil(level.t() - 1e-6), level.alpha(), level.sigma());
  }

  private static void requireOne(Tensor image) {
    if (image.shape().n() != 1) {
      throw new IllegalArgumentException("One image at a time, not " + image.shape());
    }
  }
}
