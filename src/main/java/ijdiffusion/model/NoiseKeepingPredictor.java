package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/** See {@link NoisePredictor#clippedKeepingNoise}. */
record NoiseKeepingPredictor(NoisePredictor inner, double min, double max)
    implements NoisePredictor {
  NoiseKeepingPredictor {
    if (!(min < max)) {
      throw new IllegalArgumentException("Clipping range " + min + " .. " + max + " is empty");
    }
  }

  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    inner.predict(x, level, out);
    float lo = (float) min;
    float hi = (float) max;
    float[] x0 = out.x0().data();
    for (int i = 0; i < x0.length; i++) {
      x0[i] = Math.min(hi, Math.max(lo, x0[i]));
    }
  }

  @Override
  public boolean predictsVariance() {
    return inner.predictsVariance();
  }
}
