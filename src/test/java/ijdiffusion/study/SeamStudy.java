package ijdiffusion.study;

import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.demo.NucleiField;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.model.Tiling;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether tiles show. Edits flat and textured images, and generates from noise, with the bundled
 * model in tiles of several sizes and whole, all from the same noise, and prints for each tiling
 *
 * <ul>
 *   <li>seams: mean absolute difference of neighbours across the ends of tiles, by that a few
 *       pixels away; the same places of the run without tiles tell how much of it is content
 *   <li>rms: of the difference to the run without tiles, grey values of [-1, 1]
 *   <li>seconds for each network call on the whole image
 * </ul>
 *
 * <pre>
 * mvn -q -P study test-compile exec:exec -Dstudy=SeamStudy "-Dstudy.args=SIZE STEPS IMAGES"
 * </pre>
 */
public final class SeamStudy {
  /** Tile, overlap, guard. */
  private static final int[][] TILINGS = {
    {64, 0, 0},
    {64, 16, 4},
    {64, 32, 8},
    {128, 0, 0},
    {128, 16, 4},
    {128, 32, 0},
    {128, 32, 8},
    {128, 64, 16},
    {256, 0, 0},
    {256, 16, 4},
    {256, 32, 0},
    {256, 32, 8},
    {256, 48, 12},
    {256, 64, 16},
  };

  private final OnnxPredictor network;
  private final ModelCard card;
  private final int size;
  private final int steps;

  private SeamStudy(OnnxPredictor network, int size, int steps) {
    this.network = network;
    this.card = network.card();
    this.size = size;
    this.steps = steps;
  }

  /**
   * Runs the study.
   *
   * @param args side of the images, a multiple of 16; network calls of a whole path; images of each
   *     kind
   */
  public static void main(String[] args) {
    ModelCard card = ModelCatalogue.standard(List.of()).find("nuclei");
    try (OnnxPredictor network = OnnxPredictor.open(card, Device.CPU, 0)) {
      SeamStudy study =
          new SeamStudy(network, Integer.parseInt(args[0]), Integer.parseInt(args[1]));
      int images = Integer.parseInt(args[2]);
      study.table("flat, strength 0.5", 0.5, images, study::flat);
      study.table("textured, strength 0.5", 0.5, images, study::textured);
      study.table("generation", 1, images, study::flat);
    }
  }

  private interface Source {
    Tensor image(int seed);
  }

  private Tensor flat(int seed) {
    Tensor image = new Tensor(new Shape(1, 1, size, size));
    image.fill(-0.8f);
    return image;
  }

  private Tensor textured(int seed) {
    NucleiField field = NucleiField.render(size, size, seed);
    float[] grey = new float[size * size];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = field.noisy8()[i] & 0xff;
    }
    IntensityRange range = IntensityRange.ofPercentiles(grey.clone(), 1, 99.8, 8, -1, 1);
    for (int i = 0; i < grey.length; i++) {
      grey[i] = range.toModel(grey[i]);
    }
    return new Tensor(new Shape(1, 1, size, size), grey);
  }

  private void table(String title, double strength, int images, Source source) {
    List<Tensor> whole = new ArrayList<>();
    for (int seed = 0; seed < images; seed++) {
      whole.add(run(network.clipped(-1, 1), source.image(seed), strength, seed));
    }
    System.out.printf("%n%s, %d x %d, %d steps%n%n", title, size, size, steps);
    System.out.println("| tile | overlap | guard | work | seams | without tiles | rms | s |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (int[] t : TILINGS) {
      Tiling tiling = new Tiling(size, size, t[0], t[1], t[2], card.sizeMultiple());
      double[] tiled = new double[2];
      double[] untiled = new double[2];
      double rms = 0;
      long start = System.nanoTime();
      for (int seed = 0; seed < images; seed++) {
        NoisePredictor predictor =
            new TiledPredictor(WindowPredictor.of(network), tiling).clipped(-1, 1);
        Tensor x = run(predictor, source.image(seed), strength, seed);
        Seams.add(x, tiling, tiled);
        Seams.add(whole.get(seed), tiling, untiled);
        rms += rms(x, whole.get(seed)) / images;
      }
      double seconds = (System.nanoTime() - start) / 1e9 / images / Math.rint(strength * steps);
      System.out.printf(
          Locale.ROOT,
          "| %d | %d | %d | %.2f | %.4f | %.4f | %.3f | %.2f |%n",
          t[0],
          t[1],
          t[2],
          (double) tiling.tiles() * t[0] * t[0] / (size * size),
          tiled[0] / tiled[1],
          untiled[0] / untiled[1],
          rms,
          seconds);
    }
  }

  private Tensor run(NoisePredictor predictor, Tensor image, double strength, long seed) {
    int[] grid = TimeGrid.respaced(card.schedule().size(), steps);
    List<NoiseLevel> levels = card.schedule().levels(grid);
    Trajectory path = Trajectory.partial(levels, strength);
    KeyedNoise noise = KeyedNoise.of(seed);
    Tensor x = new Tensor(image.shape());
    noise.next(x);
    x.setSum(path.start().alpha(), image, path.start().sigma(), x);
    new ReverseProcess(predictor, new Ddim(0), Constraint.NONE, path).run(x, noise, Monitor.NONE);
    return x;
  }

  private static double rms(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.data().length; i++) {
      double d = a.data()[i] - b.data()[i];
      sum += d * d;
    }
    return Math.sqrt(sum / a.data().length);
  }
}
