package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.image.Limits;
import ijdiffusion.onnx.Device;
import java.util.List;
import org.scijava.ItemIO;
import org.scijava.plugin.Parameter;

/** What commands that make a new image from planes of the open one share. */
abstract class ImageCommand extends NetworkCommand {
  @Parameter(description = "Image, of any type and size.")
  ImagePlus image;

  @Parameter(label = "Model", description = "Name of a model, or path to a model's folder.")
  String model = "nuclei";

  @Parameter(label = "Planes", description = "current, all, or a range of the stack like 2-10.")
  String planes = "current";

  @Parameter(
      label = "Limits",
      choices = {"stack", "plane", "context", "display"},
      description =
          "Where the grey values that become the network's black and white are looked for: in all"
              + " planes of the channel, in each plane, round the selection, or in the display"
              + " range.")
  String limits = "stack";

  @Parameter(
      label = "Percentiles",
      description = "Which percentiles these are, like 1-99.8; model = those of the model's card.")
  String percentiles = "model";

  @Parameter(label = "Seed", description = "Same seed, same pixels.")
  long seed = 1;

  @Parameter(
      label = "Samples",
      min = "1",
      max = "1000",
      description = "Number of different results; several come with mean and standard deviation.")
  int samples = 1;

  @Parameter(
      label = "Overlay",
      description = "Marks the invented pixels on the result, without changing any.")
  boolean overlay = false;

  @Parameter(
      label = "Tile (pixels)",
      min = "0",
      max = "65536",
      description = "Side of the tiles of a large image; 0 = automatic.")
  int tile = 0;

  @Parameter(
      label = "Overlap (pixels)",
      min = "0",
      max = "65536",
      description = "Pixels that neighbouring tiles share; 0 = automatic.")
  int overlap = 0;

  @Parameter(
      label = "Folder",
      description =
          "Empty or new folder for the planes of the result, which is then a virtual stack; none ="
              + " in memory.")
  String folder = "";

  @Parameter(
      label = "Device",
      choices = {"auto", "cpu", "cuda"},
      description = "auto tries CUDA and falls back to the CPU.")
  String device = "auto";

  @Parameter(
      label = "Threads",
      min = "0",
      max = "1024",
      description = "Threads on the CPU; 0 = physical cores.")
  int threads = 0;

  @Parameter(type = ItemIO.OUTPUT, description = "Mean and standard deviation of the samples.")
  ImagePlus statistics;

  @Parameter(type = ItemIO.OUTPUT, description = "The result.")
  ImagePlus result;

  /** The command's label in the menu. */
  abstract String label();

  /**
   * What is done to a plane.
   *
   * @param card the model
   */
  abstract PlaneMethod method(ModelCard card);

  /** How many results there are of each plane. */
  int resultsPerPlane() {
    return samples;
  }

  @Override
  public void run() {
    take(planeRun().run(progress()));
  }

  final void take(List<ImagePlus> images) {
    result = images.get(images.size() - 1);
    statistics = images.size() > 1 ? images.get(0) : null;
  }

  final PlaneRun planeRun() {
    if (model.isBlank()) {
      throw new DiffusionException(
          label()
              + " needs a model, but model is empty; give the name of one that models list shows, or"
              + " the path of a model's folder.");
    }
    ModelCard card = Models.find(model);
    PlaneSettings settings =
        new PlaneSettings(
            planes,
            Limits.of(limits, percentiles, card),
            seed,
            resultsPerPlane(),
            overlay,
            tile,
            overlap,
            PlaneSettings.folder(folder),
            Device.parse(device),
            threads);
    PlaneMethod method = method(card);
    return new PlaneRun(label(), Parameters.toOptions(this), image, card, method, settings);
  }

  @Override
  public String estimate() {
    return planeRun().estimate();
  }

  @Override
  public boolean showsEstimates() {
    return true;
  }

  @Override
  public List<ImagePlus> results() {
    return statistics == null ? List.of(result) : List.of(statistics, result);
  }

  @Override
  public void setImage(ImagePlus image) {
    this.image = image;
  }
}
