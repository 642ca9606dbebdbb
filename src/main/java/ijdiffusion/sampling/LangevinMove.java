package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * One step of Langevin dynamics at a level: x + a score + sqrt(2 a) z, score = -eps / sigma. The
 * network is asked and the noise drawn first, because the step size a may depend on both.
 */
final class LangevinMove {
  private final NoisePredictor predictor;
  private final Prediction prediction;
  private final Tensor z;

  LangevinMove(NoisePredictor predictor, Shape shape) {
    this.predictor = predictor;
    this.prediction = new Prediction(shape, predictor.predictsVariance());
    this.z = new Tensor(shape);
  }

  void predict(Tensor x, NoiseLevel t) {
    predictor.predict(x, t, prediction);
  }

  void draw(NoiseSource noise) {
    noise.next(z);
  }

  void apply(Tensor x, NoiseLevel t, double size) {
    x.setSum(1, x, -size / t.sigma(), prediction.eps(), Math.sqrt(2 * size), z);
  }

  Prediction prediction() {
    return prediction;
  }

  /** |z| / |score|, where |.| is the Euclidean norm of an image, averaged over the batch. */
  double noiseToScore(NoiseLevel t) {
    return t.sigma() * meanNorm(z) / meanNorm(prediction.eps());
  }

  private static double meanNorm(Tensor tensor) {
    int size = tensor.shape().imageSize();
    int images = tensor.shape().n();
    float[] data = tensor.data();
    double total = 0;
    for (int n = 0; n < images; n++) {
      double squares = 0;
      for (int i = n * size; i < (n + 1) * size; i++) {
        squares += (double) data[i] * data[i];
      }
      total += Math.sqrt(squares);
    }
    return total / images;
  }
}
