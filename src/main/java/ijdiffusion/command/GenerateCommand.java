package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.card.FixedSize;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.Generation;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.GeneratedImage;
import ijdiffusion.image.Invented;
import ijdiffusion.image.Provenance;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Makes images from noise alone. */
@Plugin(
    type = Command.class,
    name = GenerateCommand.LABEL,
    label = "Diffusion Generate",
    headless = true,
    description =
        "Makes images from noise alone, as a diffusion model imagines them. Nothing in them was"
            + " measured.")
public final class GenerateCommand extends NetworkCommand {
  static final String LABEL = "Diffusion Generate...";

  @Parameter(label = "Model", description = "Name of a model, or path to a model's folder.")
  private String model = "nuclei";

  @Parameter(label = "Width", min = "1", max = "16384", description = "Columns, in pixels.")
  private int width = 256;

  @Parameter(label = "Height", min = "1", max = "16384", description = "Rows, in pixels.")
  private int height = 256;

  @Parameter(label = "Samples", min = "1", max = "1000", description = "Number of images.")
  private int samples = 1;

  @Parameter(
      label = "Sampler",
      description = "How to step from noise to image; see docs/samplers.md.")
  private String sampler = "dpmpp_2m";

  @Parameter(label = "Steps", min = "2", max = "1000", description = "Noise levels on the way.")
  private int steps = 30;

  @Parameter(
      label = "Eta",
      min = "0",
      max = "1",
      description = "Noise of the steps of ddim and euler_ancestral; others do not look at it.")
  private double eta = 0;

  @Parameter(label = "Seed", description = "Same seed, same pixels.")
  private long seed = 1;

  @Parameter(
      label = "Device",
      choices = {"auto", "cpu", "cuda"},
      description = "auto tries CUDA and falls back to the CPU.")
  private String device = "auto";

  @Parameter(
      label = "Threads",
      min = "0",
      max = "1024",
      description = "Threads on the CPU; 0 = physical cores.")
  private int threads = 0;

  @Parameter(
      label = "Show_progression",
      description = "A stack of the estimates of the clean image along the way.")
  private boolean show_progression = false;

  @Parameter(
      label = "Overlay",
      description = "Marks the images as invented, without changing a pixel.")
  private boolean overlay = false;

  @Parameter(type = ItemIO.OUTPUT, description = "The images.")
  private ImagePlus result;

  @Override
  public void run() {
    ModelCard card = Models.unconditional(model);
    SamplerChoice choice = SamplerChoice.parse(sampler);
    Generation generation =
        new Generation(choice.sampler(eta, card.variance()), path(card, choice));
    Shape shape = new Shape(samples, card.channels(), rows(card), columns(card));
    GeneratedImage image = new GeneratedImage(card.valueRange(), width, height);
    EarlyEnd early = new EarlyEnd();
    CallCounter counter = new CallCounter();
    progress().begin(MenuPlugIn.title(LABEL));
    try (OnnxPredictor network = Models.open(card, Device.parse(device), threads, progress())) {
      NoisePredictor predictor =
          counter.counted(Models.clipped(network, shape, progress()::onTile));
      long start = System.nanoTime();
      Monitor monitor = recording(image, early, card);
      NoiseSource noise = Models.noise(network, KeyedNoise.of(seed));
      Tensor made = early.run(() -> generation.run(predictor, shape, noise, monitor));
      double seconds = (System.nanoTime() - start) * 1e-9;
      for (int k = 0; k < samples; k++) {
        image.add(made, k, label(k) + (show_progression ? ", result" : ""));
      }
      result = image.image("generated-" + seed + early.suffix());
      Map<String, String> f = ProvenanceFields.common(LABEL, Parameters.toOptions(this), card);
      f.put("source", "none");
      f.put("method", "unconditional sampling");
      f.put("sampler", choice.key());
      ProvenanceFields.addSamples(f, seed, samples);
      long calls = counter.calls() * FixedTiles.count(card, shape.w(), shape.h());
      ProvenanceFields.addRun(f, network, calls, seconds);
      if (counter.pixels() > 0) {
        Speed.measured(card, seconds / counter.pixels());
      }
      early.describe(f);
      ProvenanceFields.addResult(f, result);
      if (overlay) {
        Invented.mark(result, null, 0, "");
      }
      new Provenance(f).addTo(result);
    } finally {
      progress().end();
    }
  }

  /** Keeps what the network sees as the clean image, after every step. */
  private Monitor recording(GeneratedImage image, EarlyEnd early, ModelCard card) {
    boolean shown = samples == 1 && progress().wantsEstimates();
    return (done, total, x0) -> {
      if (show_progression) {
        for (int k = 0; k < samples; k++) {
          image.add(x0, k, label(k) + ", step " + done + " of " + total);
        }
      }
      if (shown && done < total) {
        early.keep(done, total, x0);
        progress().onEstimate(() -> picture(card, x0));
      }
      progress().onStep(done, total, x0);
    };
  }

  private ImagePlus picture(ModelCard card, Tensor x0) {
    GeneratedImage one = new GeneratedImage(card.valueRange(), width, height);
    one.add(x0, 0, label(0));
    return one.image("generated-" + seed + " (preview)");
  }

  private String label(int k) {
    return "sample " + (k + 1) + " (seed " + seed + ")";
  }

  private Trajectory path(ModelCard card, SamplerChoice choice) {
    return Grids.path(card, choice, steps);
  }

  private int columns(ModelCard card) {
    return FixedTiles.padded(width, card, FixedSize::width);
  }

  private int rows(ModelCard card) {
    return FixedTiles.padded(height, card, FixedSize::height);
  }

  @Override
  public String estimate() {
    ModelCard card = Models.unconditional(model);
    SamplerChoice choice = SamplerChoice.parse(sampler);
    int columns = columns(card);
    int rows = rows(card);
    int tiles = FixedTiles.count(card, columns, rows);
    int calls = choice.networkCalls(path(card, choice));
    long pixels = (long) columns * rows;
    long atOnce = card.image().fixedSize().map(s -> (long) s.width() * s.height()).orElse(pixels);
    return Speed.calls(calls)
        + (samples == 1 ? "" : " x " + samples + " samples")
        + (tiles == 1 ? "" : " x " + tiles + " tiles")
        + " on "
        + columns
        + " x "
        + rows
        + " pixels; about "
        + Speed.words(Speed.secondsPerPixel(card) * calls * samples * pixels)
        + ", "
        + NetworkMemory.words(card, atOnce)
        + " for the network";
  }

  @Override
  public boolean showsEstimates() {
    return true;
  }

  @Override
  public boolean needsImage() {
    return false;
  }

  @Override
  public List<ImagePlus> results() {
    return List.of(result);
  }

  @Override
  public void setImage(ImagePlus image) {}
}
