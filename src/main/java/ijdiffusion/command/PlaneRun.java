package ijdiffusion.command;

import ij.ImagePlus;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.FilledPlane;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.image.MadePlane;
import ijdiffusion.image.Plane;
import ijdiffusion.image.PlaneScope;
import ijdiffusion.image.Provenance;
import ijdiffusion.image.ResultStack;
import ijdiffusion.image.SampleStatistics;
import ijdiffusion.model.Tiling;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
  /** Most pixels of a batch of samples on a CUDA device, where batches are faster. */
  private static final int CUDA_PIXELS = 1 << 22;

  private PlaneScope scope() {
    return PlaneScope.of(image, settings.planes(), method.view(card).channels(), card.name());
  }

  /** What a run would cost. */
  String estimate() {
    PlaneScope scope = scope();
    Tiling tiling = tiling(method.fill(image));
    int images = settings.samples() * imagesPerSample();
    int units = scope.units().size();
    double pixels = (double) method.networkCalls() * images * units * tiling.pixels();
    return method.networkCalls()
        + " network calls"
        + (images == 1 ? "" : " x " + images + " (samples x channels)")
        + (units == 1 ? "" : " x " + units + " planes")
        + (tiling.tiles() == 1 ? "" : " x " + tiling.tiles() + " tiles")
        + " on "
        + Math.min(tiling.tile(), tiling.width())
        + " x "
        + Math.min(tiling.tile(), tiling.height())
        + " pixels"
        + (tiling.tiles() == 1 ? "" : ", overlap " + tiling.overlap())
        + "; about "
        + Speed.words(Speed.secondsPerPixel(card) * pixels);
  }

  private Tiling tiling(FillMask fill) {
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
    Work work = new Work(progress);
    String title = Titles.withSuffix(image, method.suffix());
    int samples = settings.samples();
    int parts = work.scope.units().get(0).size() == 1 && work.madeChannels() == 3 ? 3 : 1;
    ResultStack.Shape shape = new ResultStack.Shape(method.factor(), method.border());
    ResultStack out = new ResultStack(image, work.scope, 1, samples, shape, settings.folder());
    ResultStack statistics =
        samples == 1 ? null : new ResultStack(image, work.scope, parts, 2, shape, Optional.empty());
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
    List<ImagePlus> images = new ArrayList<>();
    if (samples > 1) {
      images.add(statistics.derived(title + "-statistics"));
    }
    images.add(out.image(title));
    Provenance provenance = work.provenance();
    images.forEach(provenance::addTo);
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
    Work work = new Work(progress);
    List<MadePlane> made = new ArrayList<>();
    work.each((unit, sample, plane) -> made.add(plane), (unit, all) -> {});
    return new InPlace((FilledPlane) made.get(0), work.scope.slices().get(0), work.provenance());
  }

  /** See {@link #runOnce}. */
  record InPlace(FilledPlane made, int slice, Provenance provenance) {}

  private interface SampleSink {
    void take(List<Integer> unit, int sample, MadePlane made);
  }

  private interface StatisticsSink {
    void take(List<Integer> unit, SampleStatistics all);
  }

  /** A run under way: what it needs to know, and what it finds out. */
  private final class Work {
    private final Progress progress;
    private final PlaneScope scope;
    private final FillMask fill;
    private final Optional<List<IntensityRange>> ranges;
    private final Map<String, String> notes = new LinkedHashMap<>();
    private final Map<String, String> described = new LinkedHashMap<>();
    private final Tiling tiling;
    private final CallCounter counter = new CallCounter();
    private Context last;
    private double seconds;

    Work(Progress progress) {
      this.progress = progress;
      this.scope = scope();
      this.fill = method.fill(image);
      this.tiling = tiling(fill);
      this.ranges = settings.limits().ofImage(image, card);
    }

    int madeChannels() {
      return image.getType() == ImagePlus.COLOR_RGB || method.colours() ? 3 : 1;
    }

    void each(SampleSink sink, StatisticsSink statistics) {
      progress.begin(MenuPlugIn.title(label));
      try (OnnxPredictor network =
          OnnxPredictor.open(card, settings.device(), settings.threads())) {
        int units = scope.units().size();
        for (int u = 0; u < units; u++) {
          onUnit(u, network, sink, statistics);
        }
        ProvenanceFields.addRun(described, network, counter.calls(), seconds);
        if (counter.pixels() > 0) {
          Speed.measured(card, seconds / counter.pixels());
        }
      } finally {
        progress.end();
      }
    }

    private void onUnit(int u, OnnxPredictor network, SampleSink sink, StatisticsSink statistics) {
      List<Integer> unit = scope.units().get(u);
      Plane plane = scope.plane(image, u).extended(method.border());
      Context context = context(plane, unit);
      last = context;
      int samples = settings.samples();
      int batch = batch(network, context);
      SampleStatistics all = new SampleStatistics();
      for (int first = 0; first < samples; first += batch) {
        int n = Math.min(batch, samples - first);
        Tensor made = make(network, plane, context, u, first, n);
        for (int k = 0; k < n; k++) {
          MadePlane one =
              method.keepsImage()
                  ? FilledPlane.unchanged(plane)
                  : method.made(plane, fill, context, n == 1 ? made : sample(made, k, n));
          sink.take(unit, first + k, one);
          if (samples > 1) {
            all.add(one);
          }
        }
      }
      if (samples > 1) {
        statistics.take(unit, all);
      }
    }

    private Tensor make(
        OnnxPredictor network, Plane plane, Context context, int u, int first, int n) {
      int perSample = context.image().shape().n();
      int[] ids = new int[n * perSample];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = first + i / perSample;
      }
      long start = System.nanoTime();
      // the context's image may be written to where nobody asks for it again
      boolean lastUse = first + n == settings.samples() && n == 1 && fill == null;
      Tensor made =
          method.run(
              new PlaneMethod.Job(
                  network,
                  context,
                  lastUse ? context.image() : context.image().repeat(n),
                  plane,
                  scope.units().get(u).get(0),
                  (i, k) -> KeyedNoise.forSamples(settings.seed(), ids[i] + k),
                  KeyedNoise.forSamples(settings.seed(), ids),
                  part(u * settings.samples() + first, n),
                  tiling,
                  notes,
                  counter,
                  progress::onTile));
      seconds += (System.nanoTime() - start) * 1e-9;
      return made;
    }

    /** One of several samples. */
    private Tensor sample(Tensor made, int k, int n) {
      int size = made.shape().size() / n;
      return new Tensor(
          made.shape().withBatch(made.shape().n() / n),
          Arrays.copyOfRange(made.data(), k * size, (k + 1) * size));
    }

    private int batch(OnnxPredictor network, Context context) {
      int pixels = context.image().shape().size() * method.factor() * method.factor();
      boolean cuda = network.provider().equals("CUDA");
      return cuda ? Math.max(1, CUDA_PIXELS / pixels) : 1;
    }

    private Monitor part(int done, int count) {
      int all = scope.units().size() * settings.samples();
      return (step, total, x0) -> progress.onStep(done * total + step * count, all * total, x0);
    }

    private Context context(Plane plane, List<Integer> unit) {
      Optional<List<IntensityRange>> own =
          ranges.map(
              r -> {
                if (plane.isRgb()) {
                  return r;
                }
                List<IntensityRange> out = new ArrayList<>();
                for (int slice : unit) {
                  out.add(r.get((slice - 1) % image.getNChannels()));
                }
                return out;
              });
      return fill == null
          ? Context.whole(plane, method.view(card), settings.limits(), own)
          : Context.around(plane, fill, method.view(card), method.margin(), settings.limits(), own);
    }

    Provenance provenance() {
      Map<String, String> f = ProvenanceFields.common(label, options, image.getTitle(), card);
      f.put("method", method.describe());
      f.put("seed", Long.toString(settings.seed()));
      f.put("samples", Integer.toString(settings.samples()));
      f.put("planes", scope.slices().size() + " of " + image.getStackSize());
      f.putAll(described);
      if (fill != null) {
        f.put("pixels_invented", Integer.toString(fill.filledPixels()));
        f.put("context", last.window().toString());
      }
      if (tiling.tiles() > 1) {
        f.put("tiles", tiling.describe());
      }
      f.put("limits", settings.limits().describe());
      describeRanges(f);
      if (last.image().shape().n() > 1) {
        f.put("note", "a one-channel model was used on each colour channel with the same noise");
      }
      method.record(f);
      f.putAll(notes);
      return new Provenance(f);
    }

    private void describeRanges(Map<String, String> f) {
      List<IntensityRange> used = ranges.orElse(last.ranges());
      if (ranges.isEmpty() && scope.units().size() > 1) {
        f.put("range", "each plane its own");
        return;
      }
      for (int c = 0; c < used.size(); c++) {
        boolean rgb = image.getType() == ImagePlus.COLOR_RGB;
        String which = rgb ? "_" + "rgb".charAt(c) : "_" + (c + 1);
        f.put("range" + (used.size() == 1 ? "" : which), used.get(c).describe());
      }
    }
  }
}
