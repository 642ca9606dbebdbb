package ijdiffusion.command;

import ij.IJ;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.card.ValueRange;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The models of this ImageJ: bundled ones and those in its folder {@code models/diffusion}. */
final class Models {
  private Models() {}

  /** Looks anew at every call, so that a model copied into the folder is there at once. */
  static ModelCatalogue catalogue() {
    return ModelCatalogue.standard(folder().stream().toList());
  }

  /**
   * The folder of models of this ImageJ, there or not; empty where no ImageJ is installed, for then
   * ImageJ calls the current folder its own.
   */
  static Optional<Path> folder() {
    String home = IJ.getDirectory("imagej");
    if (home == null) {
      return Optional.empty();
    }
    Path folder = Path.of(home, "models", "diffusion");
    boolean installed = Files.isDirectory(folder) || Files.isDirectory(Path.of(home, "plugins"));
    return installed ? Optional.of(folder) : Optional.empty();
  }

  /**
   * The model of a name, if it works without a second image.
   *
   * @param model name of a model, or path to its folder or ONNX file
   */
  static ModelCard unconditional(String model) {
    return find(model).requireUnconditional();
  }

  /**
   * The model of a name.
   *
   * @param model name of a model, or path to its folder or ONNX file
   * @throws DiffusionException when there is none, or an ONNX file has no card: says what it would
   *     be
   */
  static ModelCard find(String model) {
    BareNetworks.refuse(model);
    return catalogue().find(model);
  }

  /**
   * Refuses a model that makes images of other channels than it is shown.
   *
   * @param card the model
   * @param condition what it is shown
   */
  static void requireSameChannels(ModelCard card, Condition condition) {
    if (condition.channels() != card.channels()) {
      throw new DiffusionException(
          "Model "
              + card.name()
              + " makes images with "
              + card.channels()
              + (card.channels() == 1 ? " channel" : " channels")
              + " of images with "
              + condition.channels()
              + "; choose one that keeps their number, or that colours grey images.");
    }
  }

  /**
   * The first model that fits an image's colour: of three channels for an RGB image, else of one.
   *
   * @param names of models, not empty
   * @param usual the one to take where it fits as well as others, or none fits better
   * @param rgb whether the image is an RGB image
   */
  static String fitting(List<String> names, String usual, boolean rgb) {
    List<String> best = names.stream().filter(name -> isMadeFor(name, rgb)).toList();
    List<String> choices = best.isEmpty() ? names : best;
    return choices.contains(usual) ? usual : choices.get(0);
  }

  private static boolean isMadeFor(String name, boolean rgb) {
    try {
      ModelCard card = catalogue().find(name);
      int seen = card.condition().map(Condition::channels).orElse(card.channels());
      return seen == (rgb ? 3 : 1);
    } catch (DiffusionException e) {
      return false;
    }
  }

  /**
   * Names of the models that fit. One whose card cannot be read is left out; asked for by name, it
   * says why.
   */
  static List<String> names(Predicate<ModelCard> fits) {
    ModelCatalogue catalogue = catalogue();
    return catalogue.names().stream()
        .filter(
            name -> {
              try {
                return fits.test(catalogue.find(name));
              } catch (DiffusionException e) {
                return false;
              }
            })
        .toList();
  }

  /**
   * A network for whole states of one size, its clean image limited to its range, if its card says
   * so.
   */
  static NoisePredictor clipped(
      OnnxPredictor network, Shape state, TiledPredictor.Listener listener) {
    ValueRange range = network.card().valueRange();
    NoisePredictor whole = FixedTiles.whole(network, state, listener);
    return network.card().clip() ? whole.clipped(range.min(), range.max()) : whole;
  }

  /**
   * Opens the network of a run. Where the device that was to be tried first cannot be used, or
   * fails later, the user is told: nobody should wait for a CPU in the belief that it is a graphics
   * card.
   *
   * @param threads 0 for one on each core
   */
  static OnnxPredictor open(ModelCard card, Device device, int threads, Progress progress) {
    OnnxPredictor network = OnnxPredictor.open(card, device, threads);
    network.onNote(progress::warn);
    return network;
  }

  /** The noise of a run, made while its network runs where there are processors to do it. */
  static NoiseSource noise(OnnxPredictor network, KeyedNoise noise) {
    return network.leavesProcessors() ? noise.ahead() : noise;
  }

  /** The network of a run, tile by tile, with its clean image limited as its card says. */
  static NoisePredictor predictor(PlaneMethod.Job job) {
    return limited(job, unlimited(job));
  }

  /** The same without the limits, for a single prediction: a mean may well be beyond them. */
  static NoisePredictor unlimited(PlaneMethod.Job job) {
    return tiled(job, WindowPredictor.of(job.network()));
  }

  /**
   * The conditional network of a run, tile by tile, with its clean image limited as its card says.
   *
   * @param condition what it is shown beside the state
   */
  static NoisePredictor predictor(PlaneMethod.Job job, Tensor condition) {
    return limited(job, tiled(job, job.network().windows(condition)));
  }

  private static NoisePredictor tiled(PlaneMethod.Job job, WindowPredictor network) {
    return new TiledPredictor(job.counter().counted(network), job.tiling(), job.tileListener());
  }

  /** A predictor with its clean image limited to the network's range, if the card says so. */
  private static NoisePredictor limited(PlaneMethod.Job job, NoisePredictor network) {
    ModelCard card = job.network().card();
    return card.clip()
        ? network.clipped(card.valueRange().min(), card.valueRange().max())
        : network;
  }
}
