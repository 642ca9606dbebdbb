package ijdiffusion.command;

import ij.ImagePlus;
import ij.Undo;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.RePaint;
import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.FilledPlanes;
import ijdiffusion.image.Plane;
import ijdiffusion.image.Provenance;
import ijdiffusion.image.ResultImage;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Inpainting of the selection on the current plane of an image.
 *
 * @param image the user's image, with a selection
 * @param card the model
 * @param method RePaint with its settings
 * @param seed seed of the noise
 * @param samples number of samples, at least 1
 * @param grow pixels by which the selection is enlarged
 * @param feather pixels over which the fill fades into the image
 * @param device where the network runs
 * @param threads threads of the network on a CPU, 0 = physical cores
 */
record Inpainting(
    ImagePlus image,
    ModelCard card,
    RePaint method,
    long seed,
    int samples,
    int grow,
    int feather,
    Device device,
    int threads) {

  /** What a run would cost. */
  String estimate() {
    Window w = Context.window(new Plane(image), fill(), card, RePaint.MARGIN);
    int images = samples * Context.imagesPerSample(new Plane(image), card);
    String each = images == 1 ? "" : " x " + images + " (samples x channels)";
    return method.networkCalls()
        + " network calls"
        + each
        + " on "
        + w.width()
        + " x "
        + w.height()
        + " pixels";
  }

  private FillMask fill() {
    return FillMask.ofSelection(image, grow, feather);
  }

  /**
   * Runs.
   *
   * @param progress told after every step; may cancel
   * @param inPlace whether the image itself gets the fill, undoably; needs one sample
   * @param options the settings as macro options, for the record
   * @return statistics if there are several samples, then the result
   */
  List<ImagePlus> run(Progress progress, boolean inPlace, String options) {
    if (inPlace && samples > 1) {
      throw new DiffusionException(
          "in_place needs samples=1, but samples is " + samples + "; choose one of the two.");
    }
    ImagePlus still = ResultImage.still(image);
    Plane plane = new Plane(still);
    FillMask fill = fill();
    int slice = image.getCurrentSlice();
    Context context = Context.around(plane, fill, card, RePaint.MARGIN);
    progress.begin(MenuPlugIn.title(InpaintCommand.LABEL));
    try (OnnxPredictor network = OnnxPredictor.open(card, device, threads)) {
      long start = System.nanoTime();
      Tensor made = sample(network, context, progress);
      double seconds = (System.nanoTime() - start) * 1e-9;
      FilledPlanes filled = new FilledPlanes(plane, fill, context, made);
      Provenance provenance = provenance(context, fill, network, seconds, options);
      return inPlace ? writeBack(filled, slice, provenance) : newImages(still, filled, provenance);
    } finally {
      progress.end();
    }
  }

  private Tensor sample(OnnxPredictor network, Context context, Progress progress) {
    Tensor one = context.image();
    int perSample = one.shape().n();
    int[] ids = new int[samples * perSample];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i / perSample;
    }
    return method.run(
        Models.clipped(network),
        card.schedule(),
        card.variance(),
        one.repeat(samples),
        context.mask(),
        KeyedNoise.forSamples(seed, ids),
        progress);
  }

  private List<ImagePlus> writeBack(FilledPlanes filled, int slice, Provenance provenance) {
    if (!image.lock()) {
      throw new DiffusionException(
          "\"" + image.getTitle() + "\" is in use by another command; run again when it is done.");
    }
    try {
      image.setSlice(slice); // the plane worked on; Undo knows the one that is shown
      ImageProcessor ip = image.getProcessor();
      ip.snapshot();
      Undo.setup(Undo.FILTER, image);
      filled.write(0, ip);
      provenance.addTo(image);
      image.changes = true;
      image.updateAndDraw();
      return List.of(image);
    } finally {
      image.unlock();
    }
  }

  private List<ImagePlus> newImages(ImagePlus still, FilledPlanes filled, Provenance provenance) {
    List<ImagePlus> images = new ArrayList<>();
    String title = Titles.withSuffix(image, "-inpainted");
    if (samples > 1) {
      images.add(statistics(still, filled, title + "-statistics"));
    }
    List<ImageProcessor> planes = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (int k = 0; k < samples; k++) {
      planes.add(filled.plane(k));
      labels.add(samples == 1 ? null : "sample " + (k + 1) + " (seed " + seed + ")");
    }
    images.add(ResultImage.like(still, title, planes, labels));
    images.forEach(provenance::addTo);
    return images;
  }

  private ImagePlus statistics(ImagePlus still, FilledPlanes filled, String title) {
    int channels = new Plane(still).channels();
    String[] names = channels == 1 ? new String[] {""} : new String[] {" red", " green", " blue"};
    List<ImageProcessor> planes = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      planes.add(filled.mean(c));
      labels.add("mean of " + samples + " samples" + names[c]);
    }
    for (int c = 0; c < channels; c++) {
      planes.add(filled.standardDeviation(c));
      labels.add("standard deviation of " + samples + " samples" + names[c]);
    }
    return ResultImage.derived(still, title, planes, labels);
  }

  private Provenance provenance(
      Context context, FillMask fill, OnnxPredictor network, double seconds, String options) {
    Map<String, String> f =
        ProvenanceFields.common(InpaintCommand.LABEL, options, image.getTitle(), card);
    f.put("method", "RePaint (Lugmayr et al. 2022, arXiv:2201.09865)");
    f.put("seed", Long.toString(seed));
    f.put("samples", Integer.toString(samples));
    long calls = (long) method.networkCalls() * samples * context.image().shape().n();
    ProvenanceFields.addRun(f, network, calls, seconds);
    f.put("pixels_invented", Integer.toString(fill.filledPixels()));
    f.put("context", context.window().toString());
    for (int c = 0; c < context.ranges().size(); c++) {
      String key = "range" + (context.ranges().size() == 1 ? "" : "_" + "rgb".charAt(c));
      f.put(key, context.ranges().get(c).describe());
    }
    if (context.ranges().size() > 1 && card.channels() == 1) {
      f.put("note", "a one-channel model was used on each colour channel with the same noise");
    }
    return new Provenance(Collections.unmodifiableMap(f));
  }
}
