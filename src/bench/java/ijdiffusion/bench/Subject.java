package ijdiffusion.bench;

import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.model.Tiling;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;

/** The shipped model that is measured, and calls of it. */
final class Subject {
  /** Its name. */
  static final String MODEL = "nuclei";

  private Subject() {}

  static ModelCard card() {
    return ModelCatalogue.standard(List.<Path>of()).find(MODEL);
  }

  /** On the CPU, with as many threads as {@code bench.threads} says, or the engine by itself. */
  static OnnxPredictor open() {
    return open(Integer.getInteger("bench.threads", 0));
  }

  /**
   * On the CPU.
   *
   * @param threads 0 for one on each physical core
   */
  static OnnxPredictor open(int threads) {
    return OnnxPredictor.open(card(), Device.CPU, threads);
  }

  /** How commands cut images of this size where memory is no concern. */
  static Tiling tiling(int side, ModelCard card) {
    return Tiling.automatic(side, side, card.sizeMultiple(), Long.MAX_VALUE);
  }

  /** As commands run a network on images of this size: in tiles if need be, and clipped. */
  static NoisePredictor asRun(NoisePredictor network, int side, ModelCard card) {
    return tiled(network, side, card).clipped(card.valueRange().min(), card.valueRange().max());
  }

  /** In tiles where commands would. */
  static NoisePredictor tiled(NoisePredictor network, int side, ModelCard card) {
    Tiling tiling = tiling(side, card);
    return tiling.tiles() == 1
        ? network
        : new TiledPredictor(WindowPredictor.of(network), tiling);
  }

  /** One call again and again, on noise at the middle of the schedule. */
  static final class Call {
    private final NoisePredictor predictor;
    private final Tensor x;
    private final NoiseLevel level;
    private final Prediction out;

    Call(NoisePredictor predictor, ModelCard card, int samples, int side) {
      Shape shape = new Shape(samples, card.channels(), side, side);
      this.predictor = predictor;
      this.x = new Tensor(shape);
      KeyedNoise.of(1).next(x);
      this.level = card.schedule().level(card.schedule().size() / 2);
      this.out = new Prediction(shape, predictor.predictsVariance());
    }

    /** Nanoseconds of one call. */
    double time() {
      long start = System.nanoTime();
      predictor.predict(x, level, out);
      return System.nanoTime() - start;
    }

    /** What the latest call said. */
    Prediction out() {
      return out;
    }
  }
}
