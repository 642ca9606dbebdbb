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
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Filling of holes as the command does it, on windows of 64 x 64 pixels, beside fillings that know
 * nothing but the hole's surroundings.
 */
final class Inpainting implements Experiment {
  private static final int SAMPLES = 16;
  private static final int SHOWN = 8;

  @Override
  public String name() {
    return "inpainting";
  }

  @Override
  public void run(Job job) throws IOException {
    Results results =
        new Results(
            "hole | method",
            List.of(
                new Results.Metric("network calls", 0),
                new Results.Metric("CRPS", 4),
                new Results.Metric("MAE of mean", 4),
                new Results.Metric("MAE of one", 4),
                new Results.Metric("coverage", 3)));
    int samples = job.settings().samplesOf(SAMPLES);
    Montage page = new Montage(7);
    Map<String, boolean[]> holes = Holes.all();
    int done = 0;
    for (Map.Entry<String, boolean[]> hole : holes.entrySet()) {
      HoleFill fill = new HoleFill(hole.getValue(), Holes.SIDE);
      for (int n = 0; n < job.pictures().size(); n++) {
        Picture truth = job.pictures().get(n).busiest(Holes.SIDE, n);
        boolean shown = hole.getKey().equals("square") && n < SHOWN;
        one(results, hole.getKey(), job, truth, hole.getValue(), fill, shown ? page : null);
        job.progress(results, name(), ++done, job.pictures().size() * holes.size());
      }
    }
    int k = Metrics.rankOfInterval(samples);
    results.write(
        job.settings().out(),
        name() + "-" + job.model(),
        "Filling of holes, " + job.model(),
        String.format(
                Locale.ROOT,
                "Levels, jump, resamplings, evenly spaced (RePaint) or focused; %d samples. Holes in 64 x 64 pixels: a square of 24"
                    + " x 24, a disc of diameter 27, a stroke; of 16 random places in an image that"
                    + " with the greatest standard deviation. Errors inside the hole, in units of the"
                    + " whole image's span (minimum to percentile 99.8). CRPS by the fair estimator; for"
                    + " a single answer it is the absolute error. Coverage: how often the truth is"
                    + " between the samples of rank %d from either end, ideally %.3f. Rim mean: mean of"
                    + " the pixels that touch the hole. ",
                samples,
                k,
                Metrics.nominal(samples, k))
            + job.provenance());
    page.write(job.file(name(), "examples"));
  }

  private static void one(
      Results results,
      String shape,
      Job job,
      Picture truth,
      boolean[] hole,
      HoleFill fill,
      Montage page) {
    List<Tensor> shown = new ArrayList<>();
    shown.add(truth.inUnits());
    shown.add(blackened(truth, hole));
    Tensor units = truth.inUnits();
    Tensor rim = eachPlane(units, fill::rimMean);
    Tensor harmonic = eachPlane(units, fill::harmonic);
    Tensor biharmonic = eachPlane(units, fill::biharmonic);
    add(results, shape + " | rim mean", Double.NaN, truth, rim, hole);
    add(results, shape + " | harmonic", Double.NaN, truth, harmonic, hole);
    add(results, shape + " | biharmonic", Double.NaN, truth, biharmonic, hole);
    shown.add(harmonic);
    shown.add(biharmonic);
    for (InpaintPath method : job.settings().inpaint()) {
      Trajectory path = method.levels(job.card());
      Tensor made = truth.inUnits(filled(job, path, truth, hole));
      String name = " | " + method.title();
      add(results, shape + name, path.stepsDown(), truth, made, hole);
      if (method.equals(job.settings().inpaint().get(0))) {
        shown.add(made.image(0));
        shown.add(made.image(1));
        shown.add(Job.mean(made));
      }
    }
    if (page != null) {
      shown.forEach(image -> page.add(image, Holes.SIDE));
    }
  }

  /** What the command fills in, once for each sample, in grey values. */
  private static Tensor filled(Job job, Trajectory path, Picture truth, boolean[] hole) {
    ModelCard card = job.card();
    ImagePlus image = imageJ(truth, hole);
    Context context =
        Context.around(
            new Plane(image),
            FillMask.ofSelection(image, 0, 0),
            Context.View.of(card),
            RePaint.MARGIN,
            Limits.of("context", "model", card),
            Optional.empty());
    int samples = job.settings().samplesOf(SAMPLES);
    int perSample = context.image().shape().n();
    Tensor made =
        RePaint.run(
            job.limited(job.network()),
            path,
            1,
            card.variance(),
            context.image().repeat(samples),
            context.mask(),
            KeyedNoise.forSamples(
                Settings.SEED,
                IntStream.range(0, samples * perSample).map(i -> i / perSample).toArray()),
            Monitor.NONE);
    Shape shape = truth.grey().shape().withBatch(samples);
    return Job.toGrey(
        new Tensor(shape, made.data()), context.ranges().toArray(new IntensityRange[0]));
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

  private static Tensor blackened(Picture truth, boolean[] hole) {
    Tensor out = truth.inUnits();
    for (int i = 0; i < out.data().length; i++) {
      out.data()[i] = hole[i % hole.length] ? 0 : out.data()[i];
    }
    return out;
  }

  private interface Fill {
    double[] apply(double[] plane);
  }

  private static Tensor eachPlane(Tensor in, Fill fill) {
    Tensor out = new Tensor(in.shape());
    int n = in.shape().planeSize();
    for (int c = 0; c < in.shape().c(); c++) {
      double[] plane = new double[n];
      for (int i = 0; i < n; i++) {
        plane[i] = in.data()[c * n + i];
      }
      double[] filled = fill.apply(plane);
      for (int i = 0; i < n; i++) {
        out.data()[c * n + i] = (float) filled[i];
      }
    }
    return out;
  }

  private static void add(
      Results results, String method, double calls, Picture truth, Tensor made, boolean[] hole) {
    int samples = made.shape().n();
    int size = made.shape().imageSize();
    double[] members = new double[samples];
    Tensor expected = truth.inUnits();
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
      double y = expected.data()[i];
      ofOne += Math.abs(members[0] - y);
      ofMean += Math.abs(sum / samples - y);
      crps += Metrics.crps(members, y);
      covered += samples > 1 && Metrics.covers(members, y) ? 1 : 0;
      count++;
    }
    results.add(
        method,
        truth.name(),
        calls,
        crps / count,
        ofMean / count,
        ofOne / count,
        samples == 1 ? Double.NaN : covered / count);
  }
}
