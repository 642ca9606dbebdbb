package ijdiffusion.quality;

import ijdiffusion.card.ModelCard;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * One experiment with one model.
 *
 * @param settings what is measured
 * @param model its name in the catalogue
 * @param network the model
 * @param pictures held-out images
 * @param start {@link System#nanoTime} at the beginning
 */
record Job(
    Settings settings, String model, OnnxPredictor network, List<Picture> pictures, long start) {

  ModelCard card() {
    return network.card();
  }

  /** The network with its clean image limited where its card says so, as all commands have it. */
  NoisePredictor limited(NoisePredictor predictor) {
    return card().clip()
        ? predictor.clipped(card().valueRange().min(), card().valueRange().max())
        : predictor;
  }

  File file(String experiment, String what) {
    return settings.out().resolve(experiment + "-" + model + "-" + what + ".png").toFile();
  }

  /** Keeps what there is, and tells the time, as runs take hours. */
  void progress(Results results, String experiment, int done, int all) throws IOException {
    results.writeLines(settings.out(), experiment + "-" + model);
    System.out.printf(
        Locale.ROOT, "%s %s: %d of %d, %.0f s%n", experiment, model, done, all, seconds());
  }

  double seconds() {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** A sentence on the run. */
  String provenance() {
    return String.format(
        Locale.ROOT,
        "%d images that the model was not trained on; seed %d; %s, %.0f s.",
        pictures.size(),
        Settings.SEED,
        network.provider(),
        seconds());
  }

  /** Limits of each channel by the card's percentiles, as training had them. */
  IntensityRange[] ranges(Tensor grey, double minimumSpan) {
    IntensityRange[] out = new IntensityRange[grey.shape().c()];
    int n = grey.shape().planeSize();
    for (int c = 0; c < out.length; c++) {
      float[] values = new float[n];
      System.arraycopy(grey.data(), c * n, values, 0, n);
      out[c] =
          IntensityRange.ofPercentiles(
              values,
              card().normalization().lowPercentile(),
              card().normalization().highPercentile(),
              minimumSpan,
              card().valueRange().min(),
              card().valueRange().max());
    }
    return out;
  }

  /**
   * Grey values to the network's range.
   *
   * @param beyond whether values beyond the limits are shown as they are
   */
  static Tensor toModel(Tensor grey, IntensityRange[] ranges, boolean beyond) {
    Tensor out = new Tensor(grey.shape());
    int n = grey.shape().planeSize();
    for (int i = 0; i < out.data().length; i++) {
      IntensityRange range = ranges[i / n % ranges.length];
      float v = grey.data()[i];
      out.data()[i] = beyond ? range.toModelUnlimited(v) : range.toModel(v);
    }
    return out;
  }

  /** Back to grey values, not rounded. */
  static Tensor toGrey(Tensor made, IntensityRange[] ranges) {
    Tensor out = new Tensor(made.shape());
    int n = made.shape().planeSize();
    for (int i = 0; i < out.data().length; i++) {
      out.data()[i] = ranges[i / n % ranges.length].toGrey(made.data()[i]);
    }
    return out;
  }

  /** Mean of the images of a batch. */
  static Tensor mean(Tensor samples) {
    Tensor mean = new Tensor(samples.shape().withBatch(1));
    for (int n = 0; n < samples.shape().n(); n++) {
      mean.setSum(1, mean, 1.0 / samples.shape().n(), samples.image(n));
    }
    return mean;
  }
}
