package ijdiffusion.quality;

import ijdiffusion.card.Condition;
import ijdiffusion.edit.ConditionalGeneration;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Resampler;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Enlarging as the command does it, beside bicubic interpolation. The small image is the truth
 * shrunk with the antialiased bicubic kernel, not rounded to 8 bits; from then on the truth is not
 * looked at.
 */
final class SuperResolution implements Experiment {
  private static final int SAMPLES = 8;
  private static final int SHOWN = 8;

  @Override
  public String name() {
    return "sr";
  }

  @Override
  public void run(Job job) throws IOException {
    Results results =
        new Results(
            "result",
            List.of(
                new Results.Metric("PSNR, span (dB)", 2),
                new Results.Metric("SSIM, span", 4),
                new Results.Metric("PSNR, 255 (dB)", 2),
                new Results.Metric("SSIM, 255", 4),
                new Results.Metric("spectrum error", 3),
                new Results.Metric("consistency PSNR, span (dB)", 2)));
    int samples = job.settings().samplesOf(SAMPLES);
    ConditionalGeneration run =
        ConditionalGeneration.of(
            job.card(), job.settings().upscaleSampler(), 0, job.settings().upscaleSteps());
    SpectrumPlot plot = new SpectrumPlot(List.of("truth", "bicubic", "one sample", "mean"));
    Montage page = new Montage(4);
    int done = 0;
    for (Picture whole : job.pictures()) {
      Picture truth = whole.middle(job.settings().upscaleSide(), side(job));
      Tensor small = shrink(truth.grey(), factor(job));
      Tensor bicubic = enlarge(small, factor(job));
      Tensor all = samples(job, small, samples, run);
      Tensor one = all.image(0);
      Tensor mean = Job.mean(all);
      add(results, "bicubic", job, truth, small, bicubic);
      add(results, "one sample", job, truth, small, one);
      add(results, "mean of " + samples, job, truth, small, mean);
      plot.add(truth.inUnits(), truth.inUnits(bicubic), truth.inUnits(one), truth.inUnits(mean));
      if (done < SHOWN) {
        for (Tensor shown : List.of(truth.grey(), bicubic, one, mean)) {
          page.add(truth.inUnits(shown), 256);
        }
      }
      job.progress(results, name(), ++done, job.pictures().size());
    }
    String title = "Enlarging x" + factor(job) + ", " + job.model();
    results.write(
        job.settings().out(),
        name() + "-" + job.model(),
        title,
        "Of colour images the luminance is compared. Sampler "
            + job.settings().upscaleSampler().key()
            + ", "
            + job.settings().upscaleSteps()
            + " steps. Span: PSNR and SSIM for the image's own span, minimum to percentile 99.8 (at"
            + " least 8 grey values), as dim images leave most of 255 grey values unused. Spectrum"
            + " error: mean |log10| of the ratio to the truth's power, averaged over directions,"
            + " above the small image's Nyquist frequency; of the whole image's middle square with a"
            + " Hann window. Consistency: the result shrunk again, against the small image. Of images"
            + " with more than "
            + job.settings().upscaleSide()
            + " pixels a side, the middle. "
            + job.provenance());
    plot.write(title + ": power averaged over directions", job.file(name(), "spectrum"));
    page.write(job.file(name(), "examples"));
  }

  static int factor(Job job) {
    return condition(job).upscaling().orElseThrow().factor();
  }

  private static Condition condition(Job job) {
    return job.card().requireTask(Condition.Task.UPSCALE);
  }

  /** Sides of the truth that need no padding, large or small. */
  private static int side(Job job) {
    return job.card().sizeMultiple() * factor(job);
  }

  static Tensor shrink(Tensor large, int factor) {
    Shape s = large.shape();
    return Resampler.bicubic(s.h(), s.w(), s.h() / factor, s.w() / factor).apply(large);
  }

  static Tensor enlarge(Tensor small, int factor) {
    Shape s = small.shape();
    return Resampler.bicubic(s.h(), s.w(), s.h() * factor, s.w() * factor).apply(small);
  }

  /** What the command makes of a small image, in grey values. */
  static Tensor samples(Job job, Tensor small, int count, ConditionalGeneration generation) {
    Condition condition = condition(job);
    IntensityRange[] ranges = job.ranges(small, job.card().normalization().minimumSpan());
    Tensor enlarged = enlarge(Job.toModel(small, ranges, !job.card().clip()), factor(job));
    NoisePredictor predictor = job.limited(job.network().given(enlarged));
    List<Tensor> out = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      KeyedNoise noise = KeyedNoise.forSamples(Settings.SEED, k);
      Tensor x = generation.start(condition.start(), enlarged, enlarged.shape(), noise);
      generation.run(predictor, x, Constraint.NONE, noise, Monitor.NONE);
      condition.residual().ifPresent(r -> ConditionalGeneration.addResidual(r, x, enlarged));
      out.add(Job.toGrey(x, ranges));
    }
    return Montage.batch(out);
  }

  private static void add(
      Results results, String method, Job job, Picture truth, Tensor small, Tensor made) {
    results.add(method, truth.name(), line(job, truth, small, made));
  }

  /** A value for each metric of the table. */
  static double[] line(Job job, Picture truth, Tensor small, Tensor made) {
    double span = truth.unit().high() - truth.unit().low();
    Tensor expected = Metrics.luminance(truth.grey());
    Tensor got = Metrics.luminance(made);
    return new double[] {
      Metrics.psnr(got, expected, span),
      Ssim.of(got, expected, span),
      Metrics.psnr(got, expected, 255),
      Ssim.of(got, expected, 255),
      Spectrum.error(Spectrum.of(got), Spectrum.of(expected), 0.5 / factor(job)),
      Metrics.psnr(shrink(made, factor(job)), small, span)
    };
  }
}
