package ijdiffusion.onnx;

import ai.onnxruntime.OrtEnvironment;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.FixedSize;
import ijdiffusion.card.ModelCard;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Locale;

/**
 * Whether a device runs a network, found out by running it: what ONNX Runtime has been compiled
 * with says nothing about the machine.
 *
 * @param device the device
 * @param works whether it ran the network
 * @param words how, or why not, in one sentence
 * @param seconds of one call, the quickest of {@value #CALLS}; NaN where it does not work
 */
public record ProviderTrial(Device device, boolean works, String words, double seconds) {
  /** Sides of the image that the network is tried on, at least, in pixels. */
  public static final int SIDE = 64;

  private static final int CALLS = 5;

  /** Name and version of the runtime, or why there is none, in one sentence. */
  public static String runtime() {
    try {
      return "ONNX Runtime " + NativeRuntime.environment().getVersion();
    } catch (DiffusionException e) {
      return e.getMessage();
    }
  }

  /** How a CUDA device is used, by Java's system properties, or what is wrong with those. */
  public static String cudaSettings() {
    try {
      return CudaSettings.read().describe();
    } catch (DiffusionException e) {
      return e.getMessage();
    }
  }

  /** A class of the runtime, which tells where it was loaded from. */
  public static Class<?> runtimeClass() {
    return OrtEnvironment.class;
  }

  /**
   * Runs a network a few times.
   *
   * @param card a model that needs no second image
   * @param device {@link Device#CPU} or {@link Device#CUDA}
   */
  public static ProviderTrial run(ModelCard card, Device device) {
    long start = System.nanoTime();
    try (OnnxPredictor network = OnnxPredictor.open(card.requireUnconditional(), device, 0)) {
      double opened = (System.nanoTime() - start) * 1e-9;
      int multiple = card.sizeMultiple();
      int side = (SIDE + multiple - 1) / multiple * multiple;
      FixedSize size = card.image().fixedSize().orElse(new FixedSize(side, side));
      Shape shape = new Shape(1, card.channels(), size.height(), size.width());
      Tensor x = new Tensor(shape);
      Prediction out = new Prediction(shape, network.predictsVariance());
      NoiseLevel level = card.schedule().level(card.schedule().size() / 2);
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < CALLS; i++) {
        long before = System.nanoTime();
        network.predict(x, level, out);
        best = Math.min(best, (System.nanoTime() - before) * 1e-9);
      }
      String words =
          String.format(
              Locale.ROOT,
              "works: model %s, %d x %d pixels, %.1f ms a network call, %d threads; opened in"
                  + " %.2f s",
              card.name(),
              size.width(),
              size.height(),
              best * 1e3,
              network.threads(),
              opened);
      return new ProviderTrial(device, true, words, best);
    } catch (DiffusionException | Cancelled e) {
      return new ProviderTrial(device, false, "does not work: " + e.getMessage(), Double.NaN);
    }
  }
}
