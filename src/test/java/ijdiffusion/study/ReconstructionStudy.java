package ijdiffusion.study;

import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.card.Normalization;
import ijdiffusion.edit.DdimInversion;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * How well DDIM inversion brings real images back, the table of the DDIM paper (Song, Meng and
 * Ermon 2021, arXiv:2010.02502, section 5.4) for the bundled model. Takes the middle 64 x 64 pixels
 * of every so many-th image of a folder, encodes and decodes them unclipped, and prints the mean
 * squared error per pixel of images in [0, 1]:
 *
 * <pre>
 * mvn -q -P study test-compile exec:exec -Dstudy=ReconstructionStudy \
 *     "-Dstudy.args=FOLDER NUMBER MAX_STEPS paper|guided|diffusers"
 * </pre>
 */
public final class ReconstructionStudy {
  private static final int SIZE = 64;
  private static final int[] STEPS = {10, 20, 50, 100, 200, 500, 1000};

  private ReconstructionStudy() {}

  /**
   * Runs the study.
   *
   * @param args a folder of 8-bit grey PNG images the model was not trained on, how many to use,
   *     the largest S, and variants of the inversion
   */
  public static void main(String[] args) throws IOException {
    ModelCard card = ModelCatalogue.standard(List.of()).find("nuclei");
    Tensor images = images(new File(args[0]), Integer.parseInt(args[1]), card);
    try (OnnxPredictor network = OnnxPredictor.open(card, Device.CPU, 0)) {
      for (String key : Arrays.copyOfRange(args, 3, args.length)) {
        DdimInversion inversion =
            new DdimInversion(DdimInversion.Variant.valueOf(key.toUpperCase(Locale.ROOT)));
        System.out.println(
            "| S | MSE, "
                + key
                + " | of each image | mean | sd of the latents |\n|---|---|---|---|---|");
        for (int steps : STEPS) {
          if (steps > Integer.parseInt(args[2])) {
            break;
          }
          Trajectory path =
              Trajectory.down(card.schedule(), TimeGrid.respaced(card.schedule().size(), steps));
          Tensor latent = inversion.encode(network, path, images, Monitor.NONE);
          Tensor back = inversion.decode(network, path, latent, Monitor.NONE);
          System.out.printf(
              Locale.ROOT,
              "| %d | %.3g | %s | %.3f | %.3f |%n",
              steps,
              error(images, back) / 4, // [-1, 1] is twice as long as [0, 1]
              ofEach(images, back),
              mean(latent),
              Math.sqrt(error(latent, new Tensor(latent.shape())) - square(mean(latent))));
        }
      }
    }
  }

  private static Tensor images(File folder, int number, ModelCard card) throws IOException {
    File[] files = folder.listFiles((dir, name) -> name.endsWith(".png"));
    if (files == null || files.length < number) {
      throw new IOException(folder + " is no folder of " + number + " PNG images");
    }
    Arrays.sort(files);
    Tensor images = new Tensor(new Shape(number, 1, SIZE, SIZE));
    for (int n = 0; n < number; n++) {
      BufferedImage image = ImageIO.read(files[n * files.length / number]);
      int w = image.getWidth();
      int h = image.getHeight();
      float[] grey = new float[w * h];
      image.getRaster().getSamples(0, 0, w, h, 0, grey);
      Normalization rule = card.normalization();
      IntensityRange range =
          IntensityRange.ofPercentiles(
              grey.clone(),
              rule.lowPercentile(),
              rule.highPercentile(),
              rule.minimumSpan(),
              card.valueRange().min(),
              card.valueRange().max());
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          float v = grey[(y + (h - SIZE) / 2) * w + x + (w - SIZE) / 2];
          images.data()[(n * SIZE + y) * SIZE + x] = range.toModel(v);
        }
      }
    }
    return images;
  }

  private static String ofEach(Tensor images, Tensor back) {
    StringBuilder text = new StringBuilder();
    for (int n = 0; n < images.shape().n(); n++) {
      text.append(String.format(Locale.ROOT, "%.3g ", error(images.image(n), back.image(n)) / 4));
    }
    return text.toString().strip();
  }

  private static double error(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.data().length; i++) {
      sum += square((double) a.data()[i] - b.data()[i]);
    }
    return sum / a.data().length;
  }

  private static double mean(Tensor a) {
    double sum = 0;
    for (float v : a.data()) {
      sum += v;
    }
    return sum / a.data().length;
  }

  private static double square(double v) {
    return v * v;
  }
}
