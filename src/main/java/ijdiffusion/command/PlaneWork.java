package ijdiffusion.command;

import ij.ImagePlus;
import ij.gui.Roi;
import ij.process.ImageProcessor;
import ijdiffusion.card.ModelCard;
import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.FilledPlane;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.image.MadePlane;
import ijdiffusion.image.PixelHash;
import ijdiffusion.image.Plane;
import ijdiffusion.image.PlaneScope;
import ijdiffusion.image.ResultStack;
import ijdiffusion.image.SampleStatistics;
import ijdiffusion.image.StoredSelection;
import ijdiffusion.model.Tiling;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A {@link PlaneRun} under way: what it needs to know, and what it finds out. */
final class PlaneWork {
  /** Most pixels of a batch of samples on a CUDA device. */
  private static final int CUDA_PIXELS = 1 << 22;

  /** Most pixels of a plane whose estimates are shown. */
  private static final int SHOWN_PIXELS = 1 << 22;

  /** Takes each sample of each plane. */
  interface SampleSink {
    void take(List<Integer> unit, int sample, MadePlane made);
  }

  /** Takes the statistics of each plane. */
  interface StatisticsSink {
    void take(List<Integer> unit, SampleStatistics all);
  }

  private final Progress progress;
  private final String label;
  private final String options;
  private final ImagePlus image;
  private final ModelCard card;
  private final PlaneMethod method;
  private final PlaneSettings settings;
  private final PlaneScope scope;
  private final FillMask fill;
  private final Optional<List<IntensityRange>> ranges;
  private final Map<String, String> notes = new LinkedHashMap<>();
  private final Map<String, String> described = new LinkedHashMap<>();
  private final Tiling tiling;
  private final CallCounter counter = new CallCounter();
  private final Optional<Roi> selection;
  private final PixelHash sourceHash = new PixelHash();
  private final Residuals residuals;
  private final Warnings warnings;
  private final Uncertainty uncertainty = new Uncertainty();
  private final EarlyEnd early = new EarlyEnd();
  private Context last;
  private double seconds;

  /**
   * @param run what to do
   * @param progress told after every step; may cancel
   */
  PlaneWork(PlaneRun run, Progress progress) {
    this.progress = progress;
    this.label = run.label();
    this.options = run.options();
    this.image = run.image();
    this.card = run.card();
    this.method = run.method();
    this.settings = run.settings();
    this.scope = run.scope();
    this.fill = method.fill(image);
    this.tiling = run.tiling(fill);
    this.ranges = settings.limits().ofImage(image, card);
    boolean selected = fill != null && method.border() == 0;
    this.selection = selected ? Optional.of((Roi) image.getRoi().clone()) : Optional.empty();
    this.residuals = new Residuals(settings.samples());
    this.warnings = Warnings.of(image, scope, card);
  }

  PlaneScope scope() {
    return scope;
  }

  /** How the pixels that were made are shown. */
  InventedMarks marks() {
    boolean nothing = method.keepsImage();
    return new InventedMarks(
        !nothing, nothing || fill == null ? null : fill.toRoi(), uncertainty.legend());
  }

  int madeChannels() {
    return image.getType() == ImagePlus.COLOR_RGB || method.colours() ? 3 : 1;
  }

  void each(SampleSink sink, StatisticsSink statistics) {
    progress.begin(MenuPlugIn.title(label));
    warnings.tell(progress);
    try (OnnxPredictor network =
        Models.open(card, settings.device(), settings.threads(), progress)) {
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
    Plane own = scope.plane(image, u);
    own.processors().forEach(sourceHash::add);
    Plane plane = own.extended(method.border());
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
      uncertainty.add(all, fill);
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
    PlaneMethod.Job job =
        new PlaneMethod.Job(
            network,
            context,
            lastUse ? context.image() : context.image().repeat(n),
            plane,
            scope.units().get(u).get(0),
            (i, k) -> KeyedNoise.forSamples(settings.seed(), ids[i] + k),
            Models.noise(network, KeyedNoise.forSamples(settings.seed(), ids)),
            part(u * settings.samples() + first, n, plane, context),
            tiling,
            notes,
            residuals.sink(plane, context, fill, first),
            counter,
            progress::onTile);
    Tensor made = early.run(() -> method.run(job));
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
    int enlarged = method.factor() * method.factor();
    int pixels = context.image().shape().planeSize() * enlarged;
    return network.onCuda()
        ? Math.max(1, CUDA_PIXELS / (context.image().shape().size() * enlarged))
        : network.sideBySide(pixels);
  }

  private Monitor part(int done, int count, Plane plane, Context context) {
    int all = scope.units().size() * settings.samples();
    boolean shown =
        all == 1
            && progress.wantsEstimates()
            && method.showsEstimates()
            && !method.keepsImage()
            && (long) tiling.width() * tiling.height() <= SHOWN_PIXELS;
    return (step, total, x0) -> {
      if (shown && step < total && x0.shape().n() == context.image().shape().n()) {
        early.keep(step, total, x0);
        progress.onEstimate(() -> picture(plane, context, x0));
      }
      progress.onStep(done * total + step * count, all * total, x0);
    };
  }

  /** The result if the run ended with this estimate. */
  private ImagePlus picture(Plane plane, Context context, Tensor x0) {
    ResultStack.Shape shape = new ResultStack.Shape(method.factor(), method.border());
    ResultStack out = new ResultStack(image, scope, 1, 1, shape, Optional.empty());
    List<ImageProcessor> planes = method.made(plane, fill, context, x0).processors();
    for (int k = 0; k < planes.size(); k++) {
      out.put(scope.units().get(0).get(k), 0, 0, planes.get(k), null);
    }
    return out.image(Titles.withSuffix(image, method.suffix()) + " (preview)");
  }

  /** Whether the user ended the run early and kept the estimate. */
  EarlyEnd early() {
    return early;
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

  /** The record, but for the result's hash. */
  Map<String, String> record() {
    Map<String, String> f = ProvenanceFields.common(label, options, card);
    ProvenanceFields.addSource(f, image, scope.slices(), sourceHash.hex());
    selection.ifPresent(roi -> f.put("selection", StoredSelection.toText(roi)));
    f.put("method", method.describe());
    ProvenanceFields.addSamples(f, settings.seed(), settings.samples());
    f.put("planes", scope.slices().size() + " of " + image.getStackSize());
    f.putAll(described);
    early.describe(f);
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
    warnings.addTo(f);
    residuals.describe(f);
    uncertainty.describe(f);
    return f;
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
