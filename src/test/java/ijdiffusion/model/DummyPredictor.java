package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;

/**
 * The network of the diffusers scheduler tests, y = x t / (t + 1), and their two test images, both
 * (4, 3, 8, 8).
 *
 * @param parameterization what y stands for
 * @param variance the network's second half of channels, the same value everywhere; NaN: none
 */
public record DummyPredictor(Parameterization parameterization, double variance)
    implements NoisePredictor {

  /** A network that gives no variance. */
  public static DummyPredictor of(Parameterization parameterization) {
    return new DummyPredictor(parameterization, Double.NaN);
  }

  /** dummy_sample_deter: sample[n, c, h, w] = (((c 8 + h) 8 + w) 4 + n) / 768. */
  public static Tensor sample() {
    Tensor x = new Tensor(new Shape(4, 3, 8, 8));
    for (int n = 0; n < 4; n++) {
      for (int i = 0; i < 192; i++) {
        x.data()[n * 192 + i] = (float) ((i * 4 + n) / 768.0);
      }
    }
    return x;
  }

  /** dummy_noise_deter: the same numbers in the opposite order, (767 - ...) / 768. */
  public static Tensor noise() {
    Tensor x = new Tensor(new Shape(4, 3, 8, 8));
    for (int n = 0; n < 4; n++) {
      for (int i = 0; i < 192; i++) {
        x.data()[n * 192 + i] = (float) ((767 - (i * 4 + n)) / 768.0);
      }
    }
    return x;
  }

  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    double factor = level.t() / (level.t() + 1);
    float[] px = x.data();
    float[] y = out.eps().data();
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) (px[i] * factor);
    }
    if (predictsVariance()) {
      Arrays.fill(out.variance().data(), (float) variance);
    }
    parameterization.toPrediction(x, level, out);
  }

  @Override
  public boolean predictsVariance() {
    return !Double.isNaN(variance);
  }
}
