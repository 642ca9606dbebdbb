package ijdiffusion.quality;

import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.edit.Generation;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Images from noise alone, as the command makes them unless told otherwise, and how far their
 * spectrum and their grey values are from those of held-out images of the same size.
 */
final class Unconditional implements Experiment {
  private static final int SAMPLES = 64;
  private static final int STEPS = 30;
  private static final int SIDE = 64;
  private static final int CROPS = 8;

  @Override
  public String name() {
    return "unconditional";
  }

  @Override
  public void run(Job job) throws IOException {
    Tensor samples = unit(job, samples(job, job.settings().samplesOf(SAMPLES)));
    List<Tensor> even = new ArrayList<>();
    List<Tensor> odd = new ArrayList<>();
    for (int n = 0; n < job.pictures().size(); n++) {
      (n % 2 == 0 ? even : odd).addAll(crops(job, job.pictures().get(n), n));
    }
    List<Tensor> all = new ArrayList<>(even);
    all.addAll(odd);
    Tensor truth = Montage.batch(all);
    Results results =
        new Results(
            "images",
            List.of(
                new Results.Metric("spectrum error", 3),
                new Results.Metric("grey value distance", 4)));
    add(results, "samples, against held-out images", samples, truth);
    if (!odd.isEmpty()) {
      add(
          results,
          "half of the held-out images, against the others",
          Montage.batch(even),
          Montage.batch(odd));
    }
    String title = "Images from noise, " + job.model();
    results.write(
        job.settings().out(),
        name() + "-" + job.model(),
        title,
        samples.shape().n()
            + " samples of 64 x 64 pixels, sampler dpmpp_2m, "
            + STEPS
            + " steps. Held-out images as in training: between the card's percentiles, "
            + CROPS
            + " random places in each. Spectrum error: mean |log10| of the ratio of the mean power"
            + " spectra, averaged over directions, with a Hann window, all frequencies. Grey value"
            + " distance: Wasserstein-1 distance of the distributions of pixels, in units of the"
            + " network's range. "
            + job.provenance());
    SpectrumPlot plot = new SpectrumPlot(List.of("held-out", "samples"));
    plot.add(truth, samples);
    plot.write(title + ": power averaged over directions", job.file(name(), "spectrum"));
    Montage page = new Montage(8);
    for (int n = 0; n < samples.shape().n(); n++) {
      page.add(samples.image(n), SIDE);
    }
    page.write(job.file(name(), "samples"));
  }

  private static Tensor samples(Job job, int count) {
    ModelCard card = job.card();
    SamplerChoice choice = SamplerChoice.DPMPP_2M;
    boolean wholeTimes = card.time().type() == TimeTensor.Type.INT64;
    Trajectory path = choice.path(card.schedule(), STEPS, wholeTimes);
    return new Generation(choice.sampler(0, card.variance()), path)
        .run(
            job.limited(job.network()),
            new Shape(count, card.channels(), SIDE, SIDE),
            KeyedNoise.forSamples(Settings.SEED, IntStream.range(0, count).toArray()),
            Monitor.NONE);
  }

  /** Random parts of a picture, the network's range as [0, 1]. */
  private static List<Tensor> crops(Job job, Picture picture, long seed) {
    IntensityRange[] ranges = job.ranges(picture.grey(), job.card().normalization().minimumSpan());
    Tensor shown = Job.toModel(picture.grey(), ranges, false);
    Random random = new Random(seed);
    List<Tensor> out = new ArrayList<>();
    for (int k = 0; k < CROPS; k++) {
      Tensor crop = new Tensor(new Shape(1, shown.shape().c(), SIDE, SIDE));
      int x = random.nextInt(picture.width() - SIDE + 1);
      int y = random.nextInt(picture.height() - SIDE + 1);
      shown.copyWindow(new Window(x, y, SIDE, SIDE), crop);
      out.add(unit(job, crop));
    }
    return out;
  }

  /** The network's range to [0, 1]. */
  private static Tensor unit(Job job, Tensor t) {
    double min = job.card().valueRange().min();
    double span = job.card().valueRange().max() - min;
    Tensor out = new Tensor(t.shape());
    for (int i = 0; i < out.data().length; i++) {
      out.data()[i] = (float) ((t.data()[i] - min) / span);
    }
    return out;
  }

  private static void add(Results results, String name, Tensor a, Tensor b) {
    double distance = 0;
    int channels = a.shape().c();
    for (int c = 0; c < channels; c++) {
      distance += Metrics.wasserstein(channel(a, c), channel(b, c)) / channels;
    }
    results.add(name, "all", Spectrum.error(Spectrum.of(a), Spectrum.of(b), 0), distance);
  }

  private static float[] channel(Tensor t, int c) {
    int n = t.shape().planeSize();
    float[] out = new float[t.shape().n() * n];
    for (int i = 0; i < t.shape().n(); i++) {
      int from = i * t.shape().imageSize() + c * n;
      System.arraycopy(t.data(), from, out, i * n, n);
    }
    return out;
  }
}
