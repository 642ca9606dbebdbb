package ijdiffusion.quality;

import ij.ImagePlus;
import ij.gui.Roi;
import ij.plugin.filter.ThresholdToSelection;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.RePaint;
import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.image.Limits;
import ijdiffusion.image.Plane;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A hole in a window of a held-out image, as the command gives it to the engine. */
final class HoleTask {
  /** What {@link #score} gives. */
  static final List<Results.Metric> METRICS =
      List.of(
          new Results.Metric("network calls", 0),
          new Results.Metric("CRPS", 4),
          new Results.Metric("MAE of mean", 4),
          new Results.Metric("MAE of one", 4),
          new Results.Metric("coverage", 3));

  private final Job job;
  private final Picture truth;
  private final Context context;
  private final int samples;

  /**
   * For a window of 64 x 64 pixels.
   *
   * @param job the model
   * @param truth the window
   * @param hole true where pixels are to be filled, row-major
   * @param samples how many are drawn
   */
  HoleTask(Job job, Picture truth, boolean[] hole, int samples) {
    this.job = job;
    this.truth = truth;
    this.samples = samples;
    ImagePlus image = imageJ(truth, hole);
    this.context =
        Context.around(
            new Plane(image),
            FillMask.ofSelection(image, 0, 0),
            Context.View.of(job.card()),
            RePaint.MARGIN,
            Limits.of("context", "model", job.card()),
            Optional.empty());
  }

  ModelCard card() {
    return job.card();
  }

  NoisePredictor network() {
    return job.limited(job.network());
  }

  /**
   * The network, given a condition.
   *
   * @param shown what it sees beside the state
   */
  NoisePredictor network(Tensor shown) {
    return job.limited(job.network().given(shown));
  }

  /** The known image once for each sample, in the network's range; nothing is known in the hole. */
  Tensor image() {
    return context.image().repeat(samples);
  }

  /** (1, 1, H, W), 1 where pixels are known. */
  Tensor mask() {
    return context.mask();
  }

  /** A fresh source; sample k has the same draws however many there are. */
  NoiseSource noise() {
    int perSample = context.image().shape().n();
    return KeyedNoise.forSamples(
        Settings.SEED, IntStream.range(0, samples * perSample).map(i -> i / perSample).toArray());
  }

  /** What a run gave in units of the image's span, (samples, C, H, W). */
  Tensor inUnits(Tensor made) {
    Shape shape = truth.grey().shape().withBatch(samples);
    return truth.inUnits(
        Job.toGrey(
            new Tensor(shape, made.data()), context.ranges().toArray(new IntensityRange[0])));
  }

  /** The window as an image with the hole selected; the pixels there are 0, so nobody can peep. */
  private static ImagePlus imageJ(Picture truth, boolean[] hole) {
    int n = Holes.SIDE * Holes.SIDE;
    boolean rgb = truth.grey().shape().c() == 3;
    ImageProcessor pixels =
        rgb
            ? new ColorProcessor(Holes.SIDE, Holes.SIDE)
            : new ByteProcessor(Holes.SIDE, Holes.SIDE);
    ByteProcessor mask = new ByteProcessor(Holes.SIDE, Holes.SIDE);
    for (int i = 0; i < n; i++) {
      int value = 0;
      for (int c = 0; c < truth.grey().shape().c(); c++) {
        value = value << 8 | Math.round(truth.grey().data()[c * n + i]);
      }
      pixels.set(i, hole[i] ? 0 : value);
      mask.set(i, hole[i] ? 255 : 0);
    }
    mask.setThreshold(255, 255, ImageProcessor.NO_LUT_UPDATE);
    Roi roi = new ThresholdToSelection().convert(mask);
    ImagePlus image = new ImagePlus(truth.name(), pixels);
    image.setRoi(roi);
    return image;
  }

  /**
   * How far samples are from the truth, mean over the pixels of a hole.
   *
   * @param calls network calls of one sample; NaN where there is no network
   * @param truth (1, C, H, W)
   * @param made (M, C, H, W)
   * @param hole true where pixels count, row-major, in every channel
   * @return a value for each of {@link #METRICS}
   */
  static double[] score(double calls, Tensor truth, Tensor made, boolean[] hole) {
    int samples = made.shape().n();
    int size = made.shape().imageSize();
    double[] members = new double[samples];
    double crps = 0;
    double ofMean = 0;
    double ofOne = 0;
    double covered = 0;
    int count = 0;
    for (int i = 0; i < size; i++) {
      if (!hole[i % hole.length]) {
        continue;
      }
      double sum = 0;
      for (int s = 0; s < samples; s++) {
        members[s] = made.data()[s * size + i];
        sum += members[s];
      }
      double y = truth.data()[i];
      ofOne += Math.abs(members[0] - y);
      ofMean += Math.abs(sum / samples - y);
      crps += Metrics.crps(members, y);
      covered += samples > 1 && Metrics.covers(members, y) ? 1 : 0;
      count++;
    }
    return new double[] {
      calls,
      crps / count,
      ofMean / count,
      ofOne / count,
      samples == 1 ? Double.NaN : covered / count
    };
  }
}
