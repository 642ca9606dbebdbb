package ijdiffusion.sampling;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Multistep sampling of a consistency model (Song, Dhariwal, Chen and Sutskever 2023,
 * arXiv:2303.01469, algorithm 1): the network maps a state straight to its image, and every further
 * step diffuses that image again. With n = sigma / alpha:
 *
 * <pre>
 * x_s = alpha_s (x_0 + sqrt(n_s^2 - n_min^2) z)
 * </pre>
 *
 * <p>x_0 is the predictor's, so it holds the model's skip connection, and its clipping to [-1, 1]
 * as in the authors' code where wanted. No noise is added towards n_min or anything cleaner; a path
 * of one step is the model's one-step sample. N steps take N predictions. The paper's levels have
 * alpha = 1.
 *
 * @param minNoise n_min, the smallest sigma / alpha the model was trained with, at least 0; 0.002
 *     in the paper
 */
public record Consistency(double minNoise) implements Sampler {
  public Consistency {
    DiffusionException.inRange("minNoise", minNoise, 0, Double.MAX_VALUE);
  }

  /** The paper's, n_min = 0.002. */
  public Consistency() {
    this(0.002);
  }

  @Override
  public Solver begin(NoisePredictor predictor, Shape shape) {
    return new Steps(minNoise, predictor, shape);
  }

  @Override
  public boolean isStochastic() {
    return true;
  }

  private static final class Steps implements Solver {
    private final double minNoise;
    private final NoisePredictor predictor;
    private final Prediction prediction;

    Steps(double minNoise, NoisePredictor predictor, Shape shape) {
      this.minNoise = minNoise;
      this.predictor = predictor;
      this.prediction = new Prediction(shape, predictor.predictsVariance());
    }

    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      predictor.predict(x, t, prediction);
      double n = s.noiseToSignal();
      double std = Math.sqrt(Math.max(0, n * n - minNoise * minNoise));
      if (std == 0) {
        x.setSum(s.alpha(), prediction.x0(), 0, prediction.x0());
      } else {
        Tensor z = prediction.eps(); // not needed, the next state is made of x_0
        noise.next(z);
        x.setSum(s.alpha(), prediction.x0(), s.alpha() * std, z);
      }
    }

    @Override
    public Tensor x0() {
      return prediction.x0();
    }
  }
}
