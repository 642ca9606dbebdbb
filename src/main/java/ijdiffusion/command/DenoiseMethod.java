package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.edit.Denoising;
import ijdiffusion.edit.LevelEstimation;
import ijdiffusion.edit.RePaint;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.image.Plane;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxNoiseLevel;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseEstimate;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Denoising of a plane, each image that the network sees with its own noise level.
 *
 * @param card the model
 * @param choice the sampler
 * @param steps noise levels on the way; 0 for the posterior mean by one call
 * @param averaged samples that are averaged to one result, at least 1
 * @param noise standard deviation of the noise in grey values; 0 to estimate it
 * @param device where a network that estimates noise runs
 * @param threads threads of it
 */
record DenoiseMethod(
    ModelCard card,
    SamplerChoice choice,
    int steps,
    int averaged,
    double noise,
    Device device,
    int threads)
    implements PlaneMethod {

  /** The estimated noise of each channel of a plane, in grey values. */
  static double[] estimates(Plane plane) {
    double[] out = new double[plane.channels()];
    float[] values = new float[plane.width() * plane.height()];
    for (int c = 0; c < out.length; c++) {
      for (int i = 0; i < values.length; i++) {
        values[i] = plane.value(c, i);
      }
      out[c] = NoiseEstimate.of(values, plane.width(), plane.height()).sigma();
    }
    return out;
  }

  @Override
  public String suffix() {
    return "-denoised";
  }

  @Override
  public String describe() {
    return steps == 0
        ? "posterior mean (Tweedie's formula) at the image's noise level"
        : "posterior samples from the image's noise level"
            + (averaged == 1 ? "" : ", mean of " + averaged);
  }

  @Override
  public FillMask fill(ImagePlus image) {
    return FillMask.ofLimitingSelection(image);
  }

  @Override
  public int margin() {
    return RePaint.MARGIN;
  }

  @Override
  public Context.View view(ModelCard model) {
    // noise reaches beyond the limits, and cutting it off there would make it something else
    return new Context.View(model, model.channels(), model.sizeMultiple(), 1, true, false);
  }

  @Override
  public boolean showsEstimates() {
    return steps > 0 && averaged == 1;
  }

  @Override
  public int networkCalls() {
    return steps == 0 ? 1 : averaged * (choice == SamplerChoice.HEUN ? 2 * steps - 1 : steps);
  }

  @Override
  public Tensor run(Job job) {
    Context context = job.context();
    int images = job.image().shape().n();
    int perSample = context.image().shape().n();
    int channels = context.image().shape().c();
    double[] sigmas = modelNoise(job);
    int size = job.image().shape().imageSize();
    for (int n = 0; n < images; n++) {
      Tensor y = job.image().image(n);
      double sigma = rootMeanSquare(sigmas, n % perSample * channels, channels);
      Tensor clean = clean(job, y, sigma, n);
      System.arraycopy(clean.data(), 0, job.image().data(), n * size, size);
    }
    return job.image();
  }

  private Tensor clean(Job job, Tensor y, double sigma, int n) {
    int images = job.image().shape().n();
    double largest = Denoising.largest(card.schedule());
    if (sigma > largest) {
      throw new DiffusionException(
          String.format(
              Locale.ROOT,
              "noise is %.3g times the span of the intensity limits, but model %s goes to %.3g"
                  + " only; give a smaller noise.",
              sigma / 2,
              card.name(),
              largest / 2));
    }
    Denoising denoising = new Denoising(card.schedule(), wholeTimes(), sigma);
    if (denoising.isBelowSchedule()) {
      job.notes().put("noise_note", "less than the model's first level: left as it is");
      job.monitor().onStep(n + 1, images, y);
      return y;
    }
    if (steps == 0) {
      Tensor mean = denoising.posteriorMean(Models.unlimited(job), y);
      job.monitor().onStep(n + 1, images, mean);
      return mean;
    }
    Tensor sum = new Tensor(y.shape());
    for (int k = 0; k < averaged; k++) {
      int before = n * averaged + k;
      int all = images * averaged;
      Monitor monitor =
          (done, total, x0) -> job.monitor().onStep(before * total + done, all * total, x0);
      Tensor one = sample(job, denoising, y, job.noiseOf().of(n, k), monitor);
      sum.setSum(1, sum, 1.0 / averaged, one);
    }
    return sum;
  }

  private Tensor sample(
      Job job, Denoising denoising, Tensor y, NoiseSource noiseSource, Monitor monitor) {
    NoisePredictor predictor = Models.predictor(job);
    if (card.noiseLevel().isPresent() && steps > 1) {
      try (OnnxNoiseLevel network = OnnxNoiseLevel.open(card, device, threads)) {
        Tensor start = new Tensor(y.shape());
        double scale = denoising.start().alpha();
        start.setSum(scale, y, 0, y);
        Tensor made = estimation().run(predictor, network, start, noiseSource, monitor);
        ProvenanceFields.addNote(job.notes(), "noise_level", network.note());
        return made;
      }
    }
    Trajectory path = denoising.path(choice, steps);
    return Denoising.sample(
        predictor, choice.sampler(1, card.variance()), path, y, noiseSource, monitor);
  }

  private boolean wholeTimes() {
    return card.time().type() == TimeTensor.Type.INT64;
  }

  /** The schedule is put right after every step that leaves one to put right. */
  private LevelEstimation estimation() {
    int levels = Math.max(1, steps);
    Set<Integer> updates =
        IntStream.rangeClosed(2, levels).boxed().collect(Collectors.toUnmodifiableSet());
    return new LevelEstimation(
        card.noiseLevel().orElseThrow().family(), levels, updates, card.schedule(), wholeTimes());
  }

  /** Noise of each channel in the network's units; says in the record what it is. */
  private double[] modelNoise(Job job) {
    Context context = job.context();
    int channels = context.ranges().size();
    double[] grey = new double[channels];
    double[] out = new double[channels];
    boolean byNetwork = noise == 0 && card.noiseLevel().isPresent();
    double[] estimated = noise > 0 || byNetwork ? null : estimates(job.plane());
    double[] seen = byNetwork ? seenByNetwork(job) : null;
    for (int c = 0; c < channels; c++) {
      IntensityRange r = context.ranges().get(c);
      double scale = (r.modelMax() - r.modelMin()) / (r.high() - r.low());
      grey[c] = noise > 0 ? noise : byNetwork ? seen[c] / scale : estimated[c];
      out[c] = grey[c] * scale;
    }
    job.notes()
        .put(
            noise > 0 ? "noise" : "noise_plane_" + job.slice(),
            Arrays.stream(grey)
                    .mapToObj(v -> String.format(Locale.ROOT, "%.4g", v))
                    .collect(Collectors.joining(", "))
                + " grey values, "
                + (noise > 0 ? "given" : byNetwork ? "estimated by a network" : "estimated"));
    return out;
  }

  private double[] seenByNetwork(Job job) {
    Context context = job.context();
    double[] out = new double[context.ranges().size()];
    int perImage = context.image().shape().c();
    try (OnnxNoiseLevel network = OnnxNoiseLevel.open(card, device, threads)) {
      for (int n = 0; n < context.image().shape().n(); n++) {
        double sigma = estimation().noise(network, context.image().image(n));
        Arrays.fill(out, n * perImage, (n + 1) * perImage, sigma);
      }
      ProvenanceFields.addNote(job.notes(), "noise_level", network.note());
    }
    return out;
  }

  private static double rootMeanSquare(double[] values, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += values[i] * values[i];
    }
    return Math.sqrt(sum / count);
  }

  @Override
  public void record(Map<String, String> fields) {
    fields.put("sampler", steps == 0 ? "one network call" : choice.key());
  }
}
