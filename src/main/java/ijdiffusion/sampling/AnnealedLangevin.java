package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.SigmaLadder;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Annealed Langevin dynamics (Song and Ermon 2019, arXiv:1907.05600, algorithm 1, and 2020,
 * arXiv:2006.09011): at every level of a ladder of sigmas
 *
 * <pre>
 * a = stepSize (sigma / sigma_L)^2,   sigma_L the smallest
 * movesPerLevel times:  x = x + a score + sqrt(2 a) z,   score = -eps / sigma
 * </pre>
 *
 * <p>and nothing between levels; the state only moves on. At the end, where asked, x = x +
 * sigma_L^2 score, the network's clean image. The authors start from uniform noise in [0, 1], the
 * range of their images.
 *
 * <p>The papers write x + alpha/2 score + sqrt(alpha) z, so their eps is 2 stepSize; the authors'
 * code uses the number of the first paper, 2e-5, without halving. {@link #ncsnPaper} and {@link
 * #ncsnCode} are the two. Network calls: movesPerLevel for every level, and one for the final
 * denoising.
 *
 * @param stepSize a at the smallest sigma, in units of x_0 squared, above 0
 * @param movesPerLevel T in the papers, at least 1
 * @param smallest sigma_L, above 0
 * @param denoise whether to end with the clean image of the network instead of the last state
 */
public record AnnealedLangevin(double stepSize, int movesPerLevel, double smallest, boolean denoise)
    implements Sampler {
  public AnnealedLangevin {
    if (!(stepSize > 0)) {
      throw new DiffusionException("stepSize is " + stepSize + ", but must be above 0.");
    }
    DiffusionException.inRange("movesPerLevel", movesPerLevel, 1, 100_000);
    if (!(smallest > 0)) {
      throw new DiffusionException("smallest is " + smallest + ", but must be above 0.");
    }
  }

  /** NCSN as printed: 100 moves, eps = 2e-5, so a = 1e-5 at the end; no denoising. */
  public static AnnealedLangevin ncsnPaper(SigmaLadder ladder) {
    return new AnnealedLangevin(1e-5, 100, ladder.smallest(), false);
  }

  /** NCSN as its code runs: 100 moves, a = 2e-5 at the end; no denoising. */
  public static AnnealedLangevin ncsnCode(SigmaLadder ladder) {
    return new AnnealedLangevin(2e-5, 100, ladder.smallest(), false);
  }

  /**
   * NCSNv2: 5 moves, denoising.
   *
   * @param ladder the levels
   * @param stepSize 6.2e-6 for CIFAR-10, 3.3e-6 for CelebA
   */
  public static AnnealedLangevin ncsn2(SigmaLadder ladder, double stepSize) {
    return new AnnealedLangevin(stepSize, 5, ladder.smallest(), true);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new Moves(this, new LangevinMove(predictor, shape));
  }

  @Override
  public boolean isStochastic() {
    return true;
  }

  private record Moves(AnnealedLangevin sampler, LangevinMove move) implements Solver {
    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      double scale = t.sigma() / sampler.smallest;
      for (int i = 0; i < sampler.movesPerLevel; i++) {
        move.predict(x, t);
        move.draw(noise);
        move.apply(x, t, sampler.stepSize * scale * scale);
      }
      if (sampler.denoise && s.sigma() == 0) {
        move.predict(x, t);
        x.set(x0());
      }
    }

    @Override
    public Tensor x0() {
      return move.prediction().x0();
    }
  }
}
