package ijdiffusion.command;

import ij.ImagePlus;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.FilledPlane;
import ijdiffusion.image.MadePlane;
import ijdiffusion.image.PlaneScope;
import ijdiffusion.image.Provenance;
import ijdiffusion.image.ResultStack;
import ijdiffusion.image.SampleStatistics;
import ijdiffusion.model.Tiling;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A method on planes of an image, plane by plane and sample by sample, so that memory does not grow
 * with their number. Each plane is what a run on it alone makes: noise depends on seed, sample and
 * pixel, and limits of grey values on the image.
 *
 * @param label the command
 * @param options its settings as macro options, for the record
 * @param image the user's image
 * @param card the model
 * @param method what is done
 * @param settings where, how often and with what
 */
record PlaneRun(
    String label,
    String options,
    ImagePlus image,
    ModelCard card,
    PlaneMethod method,
    PlaneSettings settings) {
  /** The planes. */
  PlaneScope scope() {
    return PlaneScope.of(image, settings.planes(), method.view(card).channels(), card.name());
  }

  /** What a run would cost. */
  String estimate() {
    PlaneScope scope = scope();
    Tiling tiling = tiling(method.fill(image));
    int images = settings.samples() * imagesPerSample();
    int units = scope.units().size();
    double pixels = (double) method.networkCalls() * images * units * tiling.pixels();
    return Speed.calls(method.networkCalls())
        + (images == 1 ? "" : " x " + images + " (samples x channels)")
        + (units == 1 ? "" : " x " + units + " planes")
        + (tiling.tiles() == 1 ? "" : " x " + tiling.tiles() + " tiles")
        + " on "
        + Math.min(tiling.tile(), tiling.width())
        + " x "
        + Math.min(tiling.tileHeight(), tiling.height())
        + " pixels"
        + (tiling.tiles() == 1 ? "" : ", overlap " + tiling.overlap())
        + "; about "
        + Speed.words(Speed.secondsPerPixel(card) * pixels)
        + ", "
        + NetworkMemory.words(card, tiling)
        + " for the network"
        + Warnings.of(image, scope, card).note();
  }

  /** How a plane's state is cut up. */
  Tiling tiling(FillMask fill) {
    Window w = window(fill);
    return settings.tiling(
        w.width() * method.factor(), w.height() * method.factor(), card, method.tileMultiple(card));
  }

  private Window window(FillMask fill) {
    return fill == null
        ? Context.whole(image.getWidth(), image.getHeight(), method.view(card))
        : Context.window(
            image.getWidth() + 2 * method.border(),
            image.getHeight() + 2 * method.border(),
            fill,
            method.view(card),
            method.margin());
  }

  private int imagesPerSample() {
    boolean rgb = image.getType() == ImagePlus.COLOR_RGB;
    return rgb && method.view(card).channels() == 1 ? 3 : 1;
  }

  /**
   * Runs.
   *
   * @param progress told after every step; may cancel
   * @return statistics if there are several samples, then the result
   */
  List<ImagePlus> run(Progress progress) {
    PlaneWork work = new PlaneWork(this, progress);
    String title = Titles.withSuffix(image, method.suffix());
    int samples = settings.samples();
    int parts = work.scope().units().get(0).size() == 1 && work.madeChannels() == 3 ? 3 : 1;
    ResultStack.Shape shape = new ResultStack.Shape(method.factor(), method.border());
    ResultStack out = new ResultStack(image, work.scope(), 1, samples, shape, settings.folder());
    ResultStack statistics =
        samples == 1
            ? null
            : new ResultStack(image, work.scope(), parts, 2, shape, Optional.empty());
    boolean done = false;
    try {
      work.each(
          (unit, sample, made) -> put(out, unit, sample, made),
          (unit, all) -> put(statistics, unit, all, parts));
      done = true;
    } finally {
      if (!done) {
        out.discard();
      }
    }
    title += work.early().suffix();
    List<ImagePlus> images = new ArrayList<>();
    if (samples > 1) {
      images.add(statistics.derived(title + "-statistics"));
    }
    ImagePlus result = out.image(title);
    images.add(result);
    if (settings.marks()) {
      work.marks().drawOn(result, 0);
    }
    Map<String, String> fields = work.record();
    ProvenanceFields.addResult(fields, result);
    images.forEach(new Provenance(fields)::addTo);
    return images;
  }

  private void put(ResultStack out, List<Integer> unit, int sample, MadePlane made) {
    String note =
        settings.samples() == 1
            ? null
            : "sample " + (sample + 1) + " (seed " + settings.seed() + ")";
    List<ImageProcessor> processors = made.processors();
    for (int k = 0; k < unit.size(); k++) {
      out.put(unit.get(k), 0, sample, processors.get(k), note);
    }
  }

  private void put(ResultStack out, List<Integer> unit, SampleStatistics all, int parts) {
    String[] colours = {" red", " green", " blue"};
    for (int c = 0; c < all.channels(); c++) {
      int slice = parts == 1 ? unit.get(c) : unit.get(0);
      int part = parts == 1 ? 0 : c;
      String of = " of " + settings.samples() + " samples" + (parts == 1 ? "" : colours[c]);
      out.put(slice, part, 0, all.mean(c), "mean" + of);
      out.put(slice, part, 1, all.standardDeviation(c), "standard deviation" + of);
    }
  }

  /**
   * Runs one sample of one plane.
   *
   * @param progress told after every step; may cancel
   * @return what was made, and its record
   */
  InPlace runOnce(Progress progress) {
    if (settings.samples() > 1) {
      throw new DiffusionException(
          "in_place needs samples=1, but samples is "
              + settings.samples()
              + "; choose one of the two.");
    }
    int slices = scope().slices().size();
    if (slices > 1) {
      throw new DiffusionException(
          "in_place changes one plane, but planes="
              + settings.planes()
              + " are "
              + slices
              + (method.view(card).channels() > 1
                  ? "; leave in_place out."
                  : "; use planes=current or leave in_place out."));
    }
    if (settings.folder().isPresent()) {
      throw new DiffusionException(
          "in_place writes into the image, but folder is \""
              + settings.folder().get()
              + "\"; choose one of the two.");
    }
    PlaneWork work = new PlaneWork(this, progress);
    List<MadePlane> made = new ArrayList<>();
    work.each((unit, sample, plane) -> made.add(plane), (unit, all) -> {});
    return new InPlace(
        (FilledPlane) made.get(0), work.scope().slices().get(0), work.record(), work.marks());
  }

  /** See {@link #runOnce}; the record lacks the result's hash. */
  record InPlace(FilledPlane made, int slice, Map<String, String> record, InventedMarks marks) {}
}
