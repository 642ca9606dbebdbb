package ijdiffusion.study;

import ij.plugin.filter.GaussianBlur;
import ij.plugin.filter.RankFilters;
import ij.process.FloatProcessor;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.edit.Denoising;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseEstimate;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import javax.imageio.ImageIO;

/**
 * How well the bundled model takes noise out of images of nuclei that it was not trained on, beside
 * ImageJ's blur and median. Takes the middle 128 x 128 pixels of every so many-th image of a
 * folder, stretches them to [-1, 1] as the model's card says, called 255 grey values here, adds
 * Gaussian noise, not clipped, and prints the mean over the images of the PSNR for a peak of 255;
 * {@code estimate} is the mean of the estimated noise in grey values. Blur and median have their
 * best sigma and radius for each noise, which nobody knows who has no clean image; the network is
 * told the estimate, and in the column "told" the noise itself:
 *
 * <pre>
 * mvn -q -P study test-compile exec:exec -Dstudy=DenoiseStudy "-Dstudy.args=FOLDER NUMBER STEPS"
 * </pre>
 */
public final class DenoiseStudy {
  private static final int SIZE = 128;
  private static final int PATHS = 8;
  private static final double[] NOISES = {10, 25, 50};
  private static final double[] BLURS = {0.5, 0.7, 0.85, 1, 1.2, 1.5, 1.75, 2, 2.5, 3, 4};
  private static final double[] MEDIANS = {0.5, 1, 1.5, 2, 2.5, 3, 4, 5};

  private DenoiseStudy() {}

  /**
   * Runs the study.
   *
   * @param args a folder of 8-bit grey PNG images, how many to use, steps of a path
   */
  public static void main(String[] args) throws IOException {
    ModelCard card = ModelCatalogue.standard(List.of()).find("nuclei");
    List<Tensor> images = images(new File(args[0]), Integer.parseInt(args[1]), card);
    int steps = Integer.parseInt(args[2]);
    System.out.println(
        "| noise | estimate | noisy | mean, told | mean | "
            + PATHS
            + " paths | one path | best blur | best median |\n|---|---|---|---|---|---|---|---|---|");
    try (OnnxPredictor network = OnnxPredictor.open(card, Device.CPU, 0)) {
      for (double noise : NOISES) {
        row(network, card, images, noise, steps);
      }
    }
  }

  private static void row(
      NoisePredictor network, ModelCard card, List<Tensor> clean, double noise, int steps) {
    List<Tensor> noisy = new ArrayList<>();
    double[] estimates = new double[clean.size()];
    for (int n = 0; n < clean.size(); n++) {
      Tensor y = new Tensor(clean.get(n).shape());
      KeyedNoise.forSamples(1, n).next(y);
      y.setSum(1, clean.get(n), noise / 127.5, y);
      noisy.add(y);
      estimates[n] = NoiseEstimate.of(y.data(), SIZE, SIZE).sigma();
    }
    double told = 0;
    double mean = 0;
    double paths = 0;
    double one = 0;
    for (int n = 0; n < clean.size(); n++) {
      Tensor y = noisy.get(n);
      Tensor exact = new Denoising(card.schedule(), true, noise / 127.5).posteriorMean(network, y);
      Denoising denoising = new Denoising(card.schedule(), true, estimates[n]);
      told += psnr(exact, clean.get(n)) / clean.size();
      mean += psnr(denoising.posteriorMean(network, y), clean.get(n)) / clean.size();
      Tensor samples = samples(network, denoising, y, steps);
      one += psnr(samples.image(0), clean.get(n)) / clean.size();
      paths += psnr(mean(samples), clean.get(n)) / clean.size();
    }
    System.out.printf(
        Locale.ROOT,
        "| %.0f | %.1f | %.2f | %.2f | %.2f | %.2f | %.2f | %s | %s |%n",
        noise,
        Arrays.stream(estimates).average().orElseThrow() * 127.5,
        score(noisy, clean, Function.identity()),
        told,
        mean,
        paths,
        one,
        best(noisy, clean, BLURS, DenoiseStudy::blurred),
        best(noisy, clean, MEDIANS, DenoiseStudy::median));
  }

  private static Tensor samples(NoisePredictor network, Denoising denoising, Tensor y, int steps) {
    if (denoising.isBelowSchedule()) {
      return y.repeat(PATHS);
    }
    Sampler sampler = new Ddim(1);
    Trajectory path = denoising.path(SamplerChoice.DDPM, steps);
    return Denoising.sample(
        network.clipped(-1, 1), sampler, path, y.repeat(PATHS), KeyedNoise.of(2), Monitor.NONE);
  }

  private static Tensor mean(Tensor samples) {
    Tensor mean = new Tensor(samples.shape().withBatch(1));
    for (int n = 0; n < samples.shape().n(); n++) {
      mean.setSum(1, mean, 1.0 / samples.shape().n(), samples.image(n));
    }
    return mean;
  }

  private interface Filter {
    Tensor apply(Tensor y, double size);
  }

  private static String best(
      List<Tensor> noisy, List<Tensor> clean, double[] sizes, Filter filter) {
    double best = 0;
    double at = Double.NaN;
    for (double size : sizes) {
      double score = score(noisy, clean, y -> filter.apply(y, size));
      if (score > best) {
        best = score;
        at = size;
      }
    }
    return String.format(Locale.ROOT, "%.2f (%.2f)", best, at);
  }

  private static Tensor blurred(Tensor y, double sigma) {
    FloatProcessor ip = new FloatProcessor(SIZE, SIZE, y.data().clone());
    new GaussianBlur().blurGaussian(ip, sigma, sigma, 0.002);
    return new Tensor(y.shape(), (float[]) ip.getPixels());
  }

  private static Tensor median(Tensor y, double radius) {
    FloatProcessor ip = new FloatProcessor(SIZE, SIZE, y.data().clone());
    new RankFilters().rank(ip, radius, RankFilters.MEDIAN);
    return new Tensor(y.shape(), (float[]) ip.getPixels());
  }

  private static double score(
      List<Tensor> noisy, List<Tensor> clean, Function<Tensor, Tensor> method) {
    double sum = 0;
    for (int n = 0; n < clean.size(); n++) {
      sum += psnr(method.apply(noisy.get(n)), clean.get(n)) / clean.size();
    }
    return sum;
  }

  /** Decibels, for a peak of 2, the width of [-1, 1]. */
  private static double psnr(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.data().length; i++) {
      double d = (double) a.data()[i] - b.data()[i];
      sum += d * d;
    }
    return 10 * Math.log10(4 * a.data().length / sum);
  }

  private static List<Tensor> images(File folder, int number, ModelCard card) throws IOException {
    File[] files = folder.listFiles((dir, name) -> name.endsWith(".png"));
    if (files == null || files.length < number) {
      throw new IOException(folder + " is no folder of " + number + " PNG images");
    }
    Arrays.sort(files);
    List<Tensor> images = new ArrayList<>();
    for (int n = 0; n < number; n++) {
      BufferedImage image = ImageIO.read(files[n * files.length / number]);
      int w = image.getWidth();
      int h = image.getHeight();
      float[] grey = new float[w * h];
      image.getRaster().getSamples(0, 0, w, h, 0, grey);
      IntensityRange range =
          IntensityRange.ofPercentiles(
              grey.clone(),
              card.normalization().lowPercentile(),
              card.normalization().highPercentile(),
              card.normalization().minimumSpan(),
              card.valueRange().min(),
              card.valueRange().max());
      Tensor x = new Tensor(new Shape(1, 1, SIZE, SIZE));
      for (int i = 0; i < SIZE * SIZE; i++) {
        int from = (i / SIZE + (h - SIZE) / 2) * w + i % SIZE + (w - SIZE) / 2;
        x.data()[i] = range.toModel(grey[from]);
      }
      images.add(x);
    }
    return images;
  }
}
