package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.tensor.Shape;

/**
 * The annealed-Langevin corrector of the code of Song et al. 2021 (arXiv:2011.13456), whose moves
 * do not depend on the state's score but on its level only:
 *
 * <pre>
 * a = 2 c (snr sigma)^2
 * x = x + a score + sqrt(2 a) z,   score = -eps / sigma
 * </pre>
 *
 * <p>c is 1 for VE and 1 - beta for VP and sub-VP.
 *
 * @param snr signal-to-noise ratio of a move, in [0, 1000]
 * @param steps gives c
 */
public record AldCorrector(double snr, Discretization steps) implements Corrector {
  public AldCorrector {
    DiffusionException.inRange("snr", snr, 0, 1000);
  }

  @Override
  public Correction begin(NoisePredictor predictor, Shape shape) {
    LangevinMove move = new LangevinMove(predictor, shape);
    return (x, t, s, noise) -> {
      move.predict(x, t);
      move.draw(noise);
      double length = snr * t.sigma();
      move.apply(x, t, 2 * steps.step(t, s).langevin() * length * length);
    };
  }
}
