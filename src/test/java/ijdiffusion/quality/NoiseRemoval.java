package ijdiffusion.quality;

import ij.plugin.filter.GaussianBlur;
import ij.plugin.filter.RankFilters;
import ij.process.FloatProcessor;
import ij.util.ThreadUtil;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.edit.Denoising;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseEstimate;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.PoissonSampler;

/**
 * Denoising as the command does it, with the noise that it estimates, beside ImageJ's blur and
 * median. The noise is that of a camera: y = g Poisson(x / g) + r z, with x from 0 to 1 over the
 * image's span, so that its variance is g x + r^2; the command takes it for white.
 */
final class NoiseRemoval implements Experiment {
  private static final int SAMPLES = 8;
  private static final int STEPS = 20;
  private static final int SIDE = 128;
  private static final int SHOWN = 4;
  private static final double[][] LEVELS = {{0.01, 0.02}, {0.03, 0.05}, {0.1, 0.1}};
  private static final double[] STRENGTHS = {
    0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.3, 0.4, 0.6, 0.8
  };
  private static final double[] SIZES = {0.5, 0.7, 0.85, 1, 1.2, 1.5, 1.75, 2, 2.5, 3, 4, 5};

  @Override
  public String name() {
    return "denoising";
  }

  @Override
  public void run(Job job) throws IOException {
    Results results =
        new Results(
            "gain, read noise | method",
            List.of(
                new Results.Metric("PSNR, span (dB)", 2),
                new Results.Metric("SSIM, span", 4),
                new Results.Metric("estimated / true noise", 3)));
    Montage page = new Montage(7);
    NonLocalMeans library = NonLocalMeans.ofLibrary();
    for (int n = 0; n < job.pictures().size(); n++) {
      Picture truth = job.pictures().get(n).busiest(SIDE, n);
      for (int level = 0; level < LEVELS.length; level++) {
        Tensor noisy = noisy(truth, LEVELS[level], n);
        one(results, job, library, truth, noisy, level, level == 1 && n < SHOWN ? page : null);
      }
      job.progress(results, name(), n + 1, job.pictures().size());
    }
    results.write(
        job.settings().out(),
        name() + "-" + job.model(),
        "Denoising, " + job.model(),
        "Noise g Poisson(x / g) + r z, with x from 0 to 1 over the image's span (minimum to"
            + " percentile 99.8); first column: g, r. The model is told the noise that the command"
            + " estimates; paths: ddpm, "
            + STEPS
            + " steps from there. Blur, median and non-local means (OpenCV's, patches of 7, search in"
            + " 21) have the best sigma, radius and strength for each image, which nobody knows who"
            + " has no clean image. 128 x 128 pixels of an image: of 16 random"
            + " places that with the greatest standard deviation. "
            + job.provenance());
    page.write(job.file(name(), "examples"));
    ThreadUtil.threadPoolExecutor.shutdown(); // the median's threads would keep the program alive
  }

  private static void one(
      Results results,
      Job job,
      NonLocalMeans library,
      Picture truth,
      Tensor noisy,
      int level,
      Montage page) {
    int samples = job.settings().samplesOf(SAMPLES);
    String prefix = String.format(Locale.ROOT, "%s, %s | ", LEVELS[level][0], LEVELS[level][1]);
    IntensityRange[] ranges = job.ranges(noisy, 0); // the noisy image is a 32-bit one
    Tensor y = Job.toModel(noisy, ranges, true);
    double[] estimated =
        planes(noisy).mapToDouble(p -> NoiseEstimate.of(p, SIDE, SIDE).sigma()).toArray();
    double ratio =
        rootMeanSquare(c -> estimated[c], estimated.length)
            / Math.sqrt(Metrics.meanSquare(noisy, truth.grey()));
    ModelCard card = job.card();
    boolean wholeTimes = card.time().type() == TimeTensor.Type.INT64;
    double sigma = rootMeanSquare(c -> estimated[c] * scale(ranges[c]), ranges.length);
    Denoising denoising = new Denoising(card.schedule(), wholeTimes, sigma);
    Tensor mean = Job.toGrey(denoising.posteriorMean(job.network(), y), ranges);
    Tensor paths = Job.toGrey(paths(job, denoising, y, samples), ranges);
    Tensor average = Job.mean(paths);
    Tensor blur = best(truth, SIZES, size -> blurred(noisy, size));
    Tensor median = best(truth, SIZES, size -> median(noisy, size));
    Tensor alike =
        best(truth, STRENGTHS, strength -> nonLocalMeans(library, truth, noisy, strength));
    add(results, prefix + "noisy", truth, noisy, Double.NaN);
    add(results, prefix + "posterior mean", truth, mean, ratio);
    add(results, prefix + "average of " + samples + " paths", truth, average, ratio);
    add(results, prefix + "one path", truth, paths.image(0), ratio);
    add(results, prefix + "Gaussian blur, best sigma", truth, blur, Double.NaN);
    add(results, prefix + "median, best radius", truth, median, Double.NaN);
    add(results, prefix + "non-local means, best strength", truth, alike, Double.NaN);
    if (page != null) {
      for (Tensor shown :
          List.of(truth.grey(), noisy, blur, alike, mean, average, paths.image(0))) {
        page.add(truth.inUnits(shown), SIDE);
      }
    }
  }

  /** As the command makes one noise of those of the channels. */
  private static double rootMeanSquare(IntToDoubleFunction value, int channels) {
    return Math.sqrt(
        IntStream.range(0, channels).mapToDouble(value).map(v -> v * v).average().orElseThrow());
  }

  private static double scale(IntensityRange range) {
    return (range.modelMax() - range.modelMin()) / (range.high() - range.low());
  }

  /** The channels, each a copy. */
  private static Stream<float[]> planes(Tensor image) {
    int n = SIDE * SIDE;
    return IntStream.range(0, image.shape().c())
        .mapToObj(c -> Arrays.copyOfRange(image.data(), c * n, (c + 1) * n));
  }

  private static Tensor paths(Job job, Denoising denoising, Tensor y, int samples) {
    if (denoising.isBelowSchedule()) {
      return y.repeat(samples);
    }
    SamplerChoice choice = SamplerChoice.DDPM;
    return Denoising.sample(
        job.limited(job.network()),
        choice.sampler(1, job.card().variance()),
        denoising.path(choice, STEPS),
        y.repeat(samples),
        KeyedNoise.forSamples(Settings.SEED, IntStream.range(0, samples).toArray()),
        Monitor.NONE);
  }

  /** The truth with noise, in grey values, not limited. */
  private static Tensor noisy(Picture truth, double[] level, int image) {
    Random random = new Random(Settings.SEED + image);
    UniformRandomProvider bits = random::nextLong;
    double gain = level[0];
    Tensor out = truth.inUnits();
    for (int i = 0; i < out.data().length; i++) {
      double photons = Math.max(0, out.data()[i]) / gain;
      int counted = photons == 0 ? 0 : PoissonSampler.of(bits, photons).sample();
      double value = gain * counted + level[1] * random.nextGaussian();
      out.data()[i] = truth.unit().toGrey((float) value);
    }
    return out;
  }

  private static Tensor best(Picture truth, double[] sizes, DoubleFunction<Tensor> filter) {
    Tensor best = null;
    for (double size : sizes) {
      Tensor one = filter.apply(size);
      if (best == null
          || Metrics.meanSquare(one, truth.grey()) < Metrics.meanSquare(best, truth.grey())) {
        best = one;
      }
    }
    return best;
  }

  private static Tensor blurred(Tensor y, double sigma) {
    return filtered(y, ip -> new GaussianBlur().blurGaussian(ip, sigma, sigma, 0.002));
  }

  private static Tensor median(Tensor y, double radius) {
    return filtered(y, ip -> new RankFilters().rank(ip, radius, RankFilters.MEDIAN));
  }

  /** Each channel on its own, as ImageJ filters RGB images. */
  private static Tensor filtered(Tensor y, Consumer<FloatProcessor> filter) {
    Tensor out = new Tensor(y.shape());
    FloatBuffer into = FloatBuffer.wrap(out.data());
    planes(y)
        .forEach(
            plane -> {
              FloatProcessor ip = new FloatProcessor(SIDE, SIDE, plane);
              filter.accept(ip);
              into.put((float[]) ip.getPixels());
            });
    return out;
  }

  private static Tensor nonLocalMeans(
      NonLocalMeans library, Picture truth, Tensor y, double strength) {
    Tensor made = library.apply(truth.inUnits(y), strength);
    for (int i = 0; i < made.data().length; i++) {
      made.data()[i] = truth.unit().toGrey(made.data()[i]);
    }
    return made;
  }

  private static void add(
      Results results, String method, Picture truth, Tensor made, double estimate) {
    double span = truth.unit().high() - truth.unit().low();
    results.add(
        method,
        truth.name(),
        Metrics.psnr(made, truth.grey(), span),
        Ssim.of(made, truth.grey(), span),
        estimate);
  }
}
