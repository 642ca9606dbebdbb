package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Predictor-corrector sampling (Song et al. 2021, arXiv:2011.13456, algorithm 1): at every level
 * some moves of a corrector, then the predictor's step to the next level. In the paper "predictor"
 * means a numerical method, here a {@link Sampler}; any will do.
 *
 * <p>As in the authors' code, not in the paper's listing, the corrector comes first and both work
 * at the same level, and the run ends with the predictor's mean, without its noise; that part is
 * the sampler's own, see {@link ReverseDiffusion}. Draws: one for each move, then the predictor's.
 * Network calls: (corrections + the predictor's) for every step.
 *
 * @param predictor steps to the next level
 * @param corrector moves at the level
 * @param corrections moves at every level, 0 to 10000; 0 is the predictor alone
 */
public record PredictorCorrector(Sampler predictor, Corrector corrector, int corrections)
    implements Sampler {
  public PredictorCorrector {
    DiffusionException.inRange("corrections", corrections, 0, 10_000);
  }

  @Override
  public Solver begin(NoisePredictor network, Shape shape) {
    return new Steps(predictor.begin(network, shape), corrector.begin(network, shape), corrections);
  }

  @Override
  public Solver begin(NoisePredictor network, Shape shape, Trajectory path) {
    return new Steps(
        predictor.begin(network, shape, path), corrector.begin(network, shape), corrections);
  }

  @Override
  public boolean isStochastic() {
    return corrections > 0 || predictor.isStochastic();
  }

  private record Steps(Solver predictor, Corrector.Correction corrector, int corrections)
      implements Solver {
    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      for (int i = 0; i < corrections; i++) {
        corrector.correct(x, t, s, noise);
      }
      predictor.step(x, t, s, noise);
    }

    @Override
    public Tensor x0() {
      return predictor.x0();
    }

    @Override
    public void forget() {
      predictor.forget();
    }
  }
}
