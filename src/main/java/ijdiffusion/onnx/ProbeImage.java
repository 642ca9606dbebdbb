package ijdiffusion.onnx;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A clean image to try a network on: quarters of different grey with a smooth texture, and noise
 * for it. The same at every run.
 */
final class ProbeImage {
  /** Coarse enough to be told from noise, strong enough to be missed where it is lost. */
  private static final double TEXTURE = 0.4;

  private final Shape shape;
  private final Tensor clean;
  private final Tensor noise;
  private final int quarters;

  /**
   * @param shape (1, C, H, W)
   * @param greys mean values of the four quarters
   */
  ProbeImage(Shape shape, double[] greys) {
    this.shape = shape;
    this.quarters = greys.length;
    this.clean = new Tensor(shape);
    this.noise = new Tensor(shape);
    Random random = new Random(1);
    for (int i = 0; i < shape.size(); i++) {
      int y = i % shape.planeSize() / shape.w();
      int x = i % shape.w();
      double wave = Math.sin(0.5 * x + 0.2 * y) * Math.cos(0.35 * y);
      clean.data()[i] = (float) (greys[quarter(i)] + TEXTURE * wave);
      noise.data()[i] = (float) random.nextGaussian();
    }
    for (int q = 0; q < quarters; q++) {
      straighten(q);
    }
  }

  /** Gives a quarter's noise mean 0, variance 1 and no correlation with the image: no luck. */
  private void straighten(int q) {
    int[] at = IntStream.range(0, shape.size()).filter(i -> quarter(i) == q).toArray();
    double imageMean = Arrays.stream(at).mapToDouble(i -> clean.data()[i]).average().orElse(0);
    double mean = Arrays.stream(at).mapToDouble(i -> noise.data()[i]).average().orElse(0);
    double product = 0;
    double square = 0;
    for (int i : at) {
      double v = clean.data()[i] - imageMean;
      product += v * (noise.data()[i] - mean);
      square += v * v;
    }
    double slope = square == 0 ? 0 : product / square;
    double power = 0;
    for (int i : at) {
      noise.data()[i] -= (float) (mean + slope * (clean.data()[i] - imageMean));
      power += (double) noise.data()[i] * noise.data()[i];
    }
    double scale = power == 0 ? 0 : Math.sqrt(at.length / power);
    for (int i : at) {
      noise.data()[i] *= (float) scale;
    }
  }

  private int quarter(int i) {
    int y = i % shape.planeSize() / shape.w();
    int x = i % shape.w();
    return (2 * y < shape.h() ? 0 : 2) + (2 * x < shape.w() ? 0 : 1);
  }

  /** eps. */
  Tensor noise() {
    return noise;
  }

  /** alpha x_0 + sigma eps. */
  Tensor noisy(NoiseLevel level) {
    Tensor x = new Tensor(shape);
    x.setSum(level.alpha(), clean, level.sigma(), noise);
    return x;
  }

  /** Mean square of a prediction's error over that of x_t / alpha, in each quarter. */
  double[] noiseLeft(Tensor x0, NoiseLevel level) {
    double[] error = new double[quarters];
    double[] before = new double[quarters];
    for (int i = 0; i < shape.size(); i++) {
      double e = x0.data()[i] - clean.data()[i];
      double n = level.noiseToSignal() * noise.data()[i];
      error[quarter(i)] += e * e;
      before[quarter(i)] += n * n;
    }
    for (int q = 0; q < quarters; q++) {
      error[q] /= before[q];
    }
    return error;
  }
}
