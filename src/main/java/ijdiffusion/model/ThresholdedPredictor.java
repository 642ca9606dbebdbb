package ijdiffusion.model;

import ijdiffusion.DiffusionException;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;

/** See {@link NoisePredictor#thresholded}. Has a workspace, so it serves one run at a time. */
final class ThresholdedPredictor implements NoisePredictor {
  private final NoisePredictor inner;
  private final double ratio;
  private final double max;
  private float[] sizes = {};

  ThresholdedPredictor(NoisePredictor inner, double ratio, double max) {
    this.inner = inner;
    this.ratio = DiffusionException.inRange("ratio", ratio, 0, 1);
    this.max = DiffusionException.inRange("largest threshold", max, 1, Double.POSITIVE_INFINITY);
  }

  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    inner.predict(x, level, out);
    float[] x0 = out.x0().data();
    int size = x.shape().imageSize();
    for (int start = 0; start < x0.length; start += size) {
      float s = (float) Math.min(max, Math.max(1, quantile(x0, start, size)));
      for (int i = start; i < start + size; i++) {
        x0[i] = Math.min(s, Math.max(-s, x0[i])) / s;
      }
    }
    out.completeFromX0(x, level);
  }

  /** The quantile of the absolute values of one image, at position ratio (size - 1). */
  private double quantile(float[] x0, int start, int size) {
    if (sizes.length != size) {
      sizes = new float[size];
    }
    for (int i = 0; i < size; i++) {
      sizes[i] = Math.abs(x0[start + i]);
    }
    Arrays.sort(sizes);
    double position = ratio * (size - 1);
    int below = (int) position;
    int above = Math.min(below + 1, size - 1);
    return sizes[below] + (position - below) * (sizes[above] - sizes[below]);
  }

  @Override
  public boolean predictsVariance() {
    return inner.predictsVariance();
  }
}
