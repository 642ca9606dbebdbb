package ijdiffusion.edit;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The latent of an image by DDIM inversion (Song, Meng and Ermon 2021, arXiv:2010.02502, section
 * 4.3 and equation 14): {@link Ddim} without noise, run up the levels, is Euler's method for the
 * same ODE backwards. {@link #decode} runs it down again; the image comes back the better, the more
 * levels the path has.
 *
 * @param variant where on a move up the network is asked
 */
public record DdimInversion(Variant variant) {
  /**
   * Published ways up. They take as many predictions as the path has levels with noise, the first
   * one less.
   */
  public enum Variant {
    /**
     * The paper's: the network sees the state at the level where it is,
     *
     * <pre>x_(k+1) = alpha_(k+1) x_0(x_k, t_k) + sigma_(k+1) eps(x_k, t_k)</pre>
     *
     * <p>from the path's first level with noise, where the image counts as the state, to its start,
     * where decoding begins. The only one of the three with which images come back the better the
     * more levels there are, already with few.
     */
    PAPER,
    /**
     * Dhariwal and Nichol 2021 (arXiv:2105.05233), {@code ddim_reverse_sample} of guided-diffusion,
     * as used by DDIB (arXiv:2203.08382): as the paper's, with one move more from the path's start
     * to pure noise, alpha = 0, so the latent is eps itself; decoding takes it for a state at the
     * path's start. On levels that explode, where pure noise has no end, it is sigma_start eps.
     *
     * <p>The latent lacks alpha x_0 of the start, which is little beside the noise of a pixel but
     * not beside that of the mean of a dark image: such images come back too bright, however many
     * levels there are.
     */
    GUIDED,
    /**
     * {@code DDIMInverseScheduler} of diffusers: the network is told the time of the level it goes
     * to, and its output is read as that of the state, with x_0 and e = eps(x_k, t_(k+1)) at
     * alpha_k and sigma_k
     *
     * <pre>x_(k+1) = alpha_(k+1) x_0 + sigma_(k+1) e</pre>
     *
     * <p>The image is at the path's end, clean as a rule, and the latent at its start. For networks
     * that are told the time as an index and predict eps or v; one that predicts x_0 says nothing
     * about the noise of a clean image. diffusers limits x_0 to [-1, 1] unless told otherwise, see
     * {@link NoisePredictor#clippedKeepingNoise}.
     */
    DIFFUSERS
  }

  public DdimInversion {
    if (variant == null) {
      throw new IllegalArgumentException("variant is missing: PAPER, GUIDED or DIFFUSERS");
    }
  }

  /** The paper's variant. */
  public DdimInversion() {
    this(Variant.PAPER);
  }

  /**
   * From image to latent.
   *
   * @param predictor the network, better unclipped: clipping cannot be inverted
   * @param path the path down that will decode the latent, without jumps, usually ending clean
   * @param image (N, C, H, W) in the network's range
   * @param monitor told after each move up, with the latest x_0
   * @return the latent, (N, C, H, W), about N(0, 1) per pixel on variance-preserving levels
   */
  public Tensor encode(NoisePredictor predictor, Trajectory path, Tensor image, Monitor monitor) {
    List<NoiseLevel> up = ascending(path);
    Tensor x = image.copy();
    Prediction prediction = new Prediction(x.shape(), predictor.predictsVariance());
    switch (variant) {
      case PAPER -> encodeFromHere(predictor, up, x, prediction, monitor, false);
      case GUIDED -> encodeFromHere(predictor, up, x, prediction, monitor, true);
      case DIFFUSERS -> encodeDiffusers(predictor, up, x, prediction, monitor);
    }
    return x;
  }

  /**
   * From latent to image: DDIM without noise, down the same path.
   *
   * @param predictor the network; may be clipped, and may be another one than the encoder's
   * @param path the path down
   * @param latent (N, C, H, W); left as it is
   * @param monitor told after each step
   * @return the image, (N, C, H, W)
   */
  public Tensor decode(NoisePredictor predictor, Trajectory path, Tensor latent, Monitor monitor) {
    Tensor x = latent.copy();
    new ReverseProcess(predictor, new Ddim(0), Constraint.NONE, path)
        .run(x, KeyedNoise.of(0), monitor);
    return x;
  }

  private static void encodeFromHere(
      NoisePredictor predictor,
      List<NoiseLevel> up,
      Tensor x,
      Prediction prediction,
      Monitor monitor,
      boolean toPureNoise) {
    int first = up.get(0).sigma() == 0 ? 1 : 0;
    int last = up.size() - 1;
    int moves = last - first + (toPureNoise ? 1 : 0);
    for (int k = first; k < first + moves; k++) {
      predictor.predict(x, up.get(k), prediction);
      if (k < last) {
        NoiseLevel to = up.get(k + 1);
        x.setSum(to.alpha(), prediction.x0(), to.sigma(), prediction.eps());
      } else {
        // variance-preserving noise ends at 1; exploding noise starts a run as large as its level
        x.setSum(0, prediction.x0(), Math.max(1, up.get(k).sigma()), prediction.eps());
      }
      monitor.onStep(k - first + 1, moves, prediction.x0());
    }
  }

  private static void encodeDiffusers(
      NoisePredictor predictor,
      List<NoiseLevel> up,
      Tensor x,
      Prediction prediction,
      Monitor monitor) {
    int moves = up.size() - 1;
    for (int k = 0; k < moves; k++) {
      NoiseLevel at = up.get(k);
      NoiseLevel to = up.get(k + 1);
      predictor.predict(x, new NoiseLevel(to.t(), at.alpha(), at.sigma()), prediction);
      x.setSum(to.alpha(), prediction.x0(), to.sigma(), prediction.eps());
      monitor.onStep(k + 1, moves, prediction.x0());
    }
  }

  private static List<NoiseLevel> ascending(Trajectory path) {
    if (path.stepsDown() != path.transitions()) {
      throw new IllegalArgumentException("Inversion needs a path without jumps");
    }
    List<NoiseLevel> up = new ArrayList<>(path.levels());
    Collections.reverse(up);
    return up;
  }
}
