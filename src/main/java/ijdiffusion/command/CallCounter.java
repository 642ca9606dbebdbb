package ijdiffusion.command;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;

/** Counts what really goes through a network, for the record and for estimates of later runs. */
final class CallCounter {
  private long calls;
  private double pixels;

  /** Images of one tile that were shown to the network, once for each time. */
  long calls() {
    return calls;
  }

  /** Their pixels, all together. */
  double pixels() {
    return pixels;
  }

  /** The same network, counted. */
  WindowPredictor counted(WindowPredictor network) {
    return new WindowPredictor() {
      @Override
      public void predict(Tensor x, Window where, NoiseLevel level, Prediction out) {
        network.predict(x, where, level, out);
        calls += x.shape().n();
        pixels += (double) x.shape().n() * x.shape().planeSize();
      }

      @Override
      public boolean predictsVariance() {
        return network.predictsVariance();
      }
    };
  }

  /** A network for whole states, counted; one that works in tiles counts as one. */
  NoisePredictor counted(NoisePredictor network) {
    return new NoisePredictor() {
      @Override
      public void predict(Tensor x, NoiseLevel level, Prediction out) {
        network.predict(x, level, out);
        calls += x.shape().n();
        pixels += (double) x.shape().n() * x.shape().planeSize();
      }

      @Override
      public boolean predictsVariance() {
        return network.predictsVariance();
      }
    };
  }
}
