package ijdiffusion.quality;

import ijdiffusion.edit.ConditionalGeneration;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Enlarging: quality against network calls, over samplers. */
final class CallsUpscale implements Experiment {
  private static final int SAMPLES = 4;
  private static final int SIDE = 128;
  private static final List<Integer> STEPS = List.of(5, 10, 20, 40, 80);

  @Override
  public String name() {
    return "calls-upscale";
  }

  @Override
  public void run(Job job) throws IOException {
    int samples = job.settings().samplesOf(SAMPLES);
    int side = Math.min(SIDE, job.settings().upscaleSide());
    CallsTable table =
        new CallsTable(
            job,
            name(),
            List.of(
                new Results.Metric("network calls", 0),
                new Results.Metric("CRPS", 4),
                new Results.Metric("PSNR of one (dB)", 2),
                new Results.Metric("PSNR of mean (dB)", 2),
                new Results.Metric("spectrum error of one", 3),
                new Results.Metric("consistency of one (dB)", 2)));
    for (int n = 0; n < job.pictures().size(); n++) {
      Picture truth = job.pictures().get(n).busiest(side, n);
      Tensor small = SuperResolution.shrink(truth.grey(), SuperResolution.factor(job));
      table.measure(
          "bicubic",
          truth.name(),
          () ->
              line(
                  Double.NaN,
                  job,
                  truth,
                  small,
                  SuperResolution.enlarge(small, SuperResolution.factor(job))));
      table.measureAll(
          truth.name(),
          STEPS,
          (sampler, steps) -> {
            ConditionalGeneration run = ConditionalGeneration.of(job.card(), sampler, 0, steps);
            return line(
                sampler.networkCalls(run.path()),
                job,
                truth,
                small,
                SuperResolution.samples(job, small, samples, run));
          });
      table.progress(n + 1);
    }
    String reference = CallsTable.longest(job, STEPS);
    table.write(
        reference,
        1,
        true,
        "Enlarging against network calls, " + job.model(),
        side
            + " x "
            + side
            + " pixels, of 16 random places in an image that with the greatest standard"
            + " deviation; mean of "
            + samples
            + " samples. Of colour images the luminance. PSNR by the whole image's span, minimum to"
            + " percentile 99.8, and so are the units of CRPS (fair estimator). Spectrum"
            + " error and consistency as in the table of enlarging. n: images; then the difference"
            + " of the mean CRPS from that of "
            + reference
            + " on the images that both have, with its standard error, and how many these are. "
            + job.provenance());
  }

  private static double[] line(double calls, Job job, Picture truth, Tensor small, Tensor made) {
    double[] one = SuperResolution.line(job, truth, small, made.image(0));
    double[] mean = SuperResolution.line(job, truth, small, Job.mean(made));
    List<Tensor> shown =
        IntStream.range(0, made.shape().n())
            .mapToObj(k -> truth.inUnits(Metrics.luminance(made.image(k))))
            .toList();
    Tensor expected = truth.inUnits(Metrics.luminance(truth.grey()));
    boolean[] everywhere = new boolean[expected.data().length];
    Arrays.fill(everywhere, true);
    double crps = HoleTask.score(calls, expected, Montage.batch(shown), everywhere)[1];
    return new double[] {calls, crps, one[0], mean[0], one[4], one[5]};
  }
}
