package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.tensor.Shape;

/**
 * The Langevin corrector of Song et al. 2021 (arXiv:2011.13456, algorithms 4 and 5):
 *
 * <pre>
 * a = 2 c (snr |z| / |score|)^2,   score = -eps / sigma
 * x = x + a score + sqrt(2 a) z
 * </pre>
 *
 * <p>c is 1 for VE and 1 - beta for VP and sub-VP. |.| is the Euclidean norm of an image, averaged
 * over the batch as in the authors' code: an image moves by a little more or less when others are
 * beside it. The paper calls snr r. If the score vanishes everywhere the state stays as it is.
 *
 * @param snr signal-to-noise ratio of a move, in [0, 1000]: 0.16 for CIFAR-10, 0.17 for CelebA,
 *     0.15 for 256-pixel and 0.075 for 1024-pixel models
 * @param steps gives c
 */
public record LangevinCorrector(double snr, Discretization steps) implements Corrector {
  public LangevinCorrector {
    DiffusionException.inRange("snr", snr, 0, 1000);
  }

  @Override
  public Correction begin(NoisePredictor predictor, Shape shape) {
    LangevinMove move = new LangevinMove(predictor, shape);
    return (x, t, s, noise) -> {
      move.predict(x, t);
      move.draw(noise);
      double length = snr * move.noiseToScore(t);
      if (length < Double.POSITIVE_INFINITY) {
        move.apply(x, t, 2 * steps.step(t, s).langevin() * length * length);
      }
    };
  }
}
