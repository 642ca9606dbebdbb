package ijdiffusion.quality;

import ijdiffusion.card.TimeTensor;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A window of a held-out image for runs that draw it as a whole, scored beside the truth. */
final class CallsWindow {
  static final int SAMPLES = 4;
  static final int FACTOR = 8;

  static final List<Results.Metric> METRICS =
      List.of(
          new Results.Metric("network calls", 0),
          new Results.Metric("CRPS", 4),
          new Results.Metric("PSNR of one (dB)", 2),
          new Results.Metric("PSNR of mean (dB)", 2),
          new Results.Metric("spectrum error of one", 3),
          new Results.Metric("coarse difference", 4));

  private static final boolean[] EVERYWHERE = new boolean[Holes.SIDE * Holes.SIDE];

  static {
    Arrays.fill(EVERYWHERE, true);
  }

  private final Job job;
  private final Picture truth;
  private final IntensityRange[] ranges;
  private final int samples;

  /**
   * The busiest window of an image.
   *
   * @param job the model
   * @param n which image
   */
  CallsWindow(Job job, int n) {
    Picture whole = job.pictures().get(n);
    this.job = job;
    this.truth = whole.busiest(Holes.SIDE, n);
    this.ranges = job.ranges(whole.grey(), job.card().normalization().minimumSpan());
    this.samples = job.settings().samplesOf(SAMPLES);
  }

  Picture truth() {
    return truth;
  }

  /** An image of grey values, once for each sample, in the network's range. */
  Tensor toModel(Tensor grey) {
    return Job.toModel(grey, ranges, false).repeat(samples);
  }

  NoisePredictor network() {
    return job.limited(job.network());
  }

  /** A fresh source. */
  NoiseSource noise() {
    return KeyedNoise.forSamples(Settings.SEED, IntStream.range(0, samples).toArray());
  }

  /** The levels of a whole run. */
  Trajectory path(SamplerChoice sampler, int steps) {
    return sampler.path(
        job.card().schedule(), steps, job.card().time().type() == TimeTensor.Type.INT64);
  }

  /** The score of samples in the network's range. */
  double[] score(double calls, Tensor made) {
    return scoreOfGrey(calls, Job.toGrey(made, ranges));
  }

  /**
   * The score of samples in grey values: {@link #METRICS}. Coarse: what is left by shrinking and
   * enlarging {@value #FACTOR} times; root of the mean square over pixels and samples.
   */
  double[] scoreOfGrey(double calls, Tensor grey) {
    Tensor made = truth.inUnits(grey);
    Tensor units = truth.inUnits();
    double[] hole = HoleTask.score(calls, units, made, EVERYWHERE);
    Tensor one = made.image(0);
    Shape shape = made.shape();
    LowPassFilter phi = LowPassFilter.bicubic(shape.h(), shape.w(), FACTOR);
    Tensor coarse = new Tensor(shape);
    Tensor expected = new Tensor(shape);
    phi.apply(made, coarse);
    phi.apply(units.repeat(shape.n()), expected);
    return new double[] {
      calls,
      hole[1],
      Metrics.psnr(one, units, 1),
      Metrics.psnr(Job.mean(made), units, 1),
      Spectrum.error(Spectrum.of(one), Spectrum.of(units), 0),
      Math.sqrt(Metrics.meanSquare(coarse, expected))
    };
  }

  /** What is said under both tables. */
  static String notes(Job job, String reference) {
    return " 64 x 64 pixels, of 16 random places in an image that with the greatest standard"
        + " deviation; "
        + job.settings().samplesOf(SAMPLES)
        + " samples. In units of the whole image's span, minimum to percentile 99.8. CRPS by the"
        + " fair estimator, over all pixels. Spectrum error: mean |log10| of the ratio to the"
        + " truth's power, averaged over directions, all frequencies. Coarse difference: root mean"
        + " square of result less truth, both shrunk and enlarged 8 times. n: images;"
        + " then the difference of the mean CRPS from that of "
        + reference
        + " on the images that both have, with its standard error, and how many these are. "
        + job.provenance();
  }
}
