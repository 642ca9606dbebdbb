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
    // sums will do: the number of images cancels
    return t.sigma() * sumOfNorms(z) / sumOfNorms(prediction.eps());
  }

  private static double sumOfNorms(Tensor tensor) {
    int size = tensor.shape().imageSize();
    float[] data = tensor.data();
    double total = 0;
    for (int start = 0; start < data.length; start += size) {
      double squares = 0;
      for (int i = start; i < start + size; i++) {
        squares += (double) data[i] * data[i];
      }
      total += Math.sqrt(squares);
    }
    return total;
  }
}
