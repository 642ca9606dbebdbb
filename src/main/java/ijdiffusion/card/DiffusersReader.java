package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.TimeInput;
import ijdiffusion.model.VarianceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Makes a model card of a folder that diffusers wrote, with its network exported to ONNX: either
 * {@code model_index.json}, {@code unet/config.json}, {@code unet/model.onnx} and {@code
 * scheduler/scheduler_config.json}, or {@code config.json}, {@code model.onnx} and {@code
 * scheduler_config.json} in one folder. Only networks that see an image and a time are read. Such a
 * folder tells nothing of licence, training images and hash, and the card says so. The mapping is
 * specified in {@code docs/model-card.md}.
 */
final class DiffusersReader {
  /** Diffusers' training scripts map pixels of 8 bits as they are. */
  private static final FixedValues PIXELS = new FixedValues(0, 255, 8);

  private static final String INDEX = "model_index.json";
  private static final String CONFIG = "config.json";
  private static final String SCHEDULER = "scheduler_config.json";
  private static final String NETWORK = "model.onnx";
  private static final String UNKNOWN = "unknown";

  /** The levels of {@code block_out_channels} where the file has none. */
  private static final int DEFAULT_LEVELS = 4;

  private final Path folder;

  private DiffusersReader(Path folder) {
    this.folder = folder;
  }

  /**
   * The diffusers folder that is meant by a path, if one is.
   *
   * @param folderOrFile a folder, or its {@code model_index.json}
   * @return empty as well where a model card lies in the folder, which then counts
   */
  static Optional<Path> folderOf(Path folderOrFile) {
    boolean index = folderOrFile.endsWith(INDEX) && Files.isRegularFile(folderOrFile);
    Path folder = index ? folderOrFile.toAbsolutePath().getParent() : folderOrFile;
    boolean diffusers =
        Files.isRegularFile(folder.resolve(INDEX))
            || Files.isRegularFile(folder.resolve(CONFIG))
                && Files.isRegularFile(folder.resolve(SCHEDULER));
    return diffusers && ModelCardReader.cardIn(folder).isEmpty()
        ? Optional.of(folder)
        : Optional.empty();
  }

  /** Reads a folder. Of the network only the header is read, which has its inputs and outputs. */
  static ModelCard read(Path folder) {
    try {
      return new DiffusersReader(folder).card();
    } catch (DiffusionException e) {
      throw new DiffusionException(
          "Diffusers folder " + Weights.show(folder) + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new DiffusionException(
          "Diffusers folder " + Weights.show(folder) + " cannot be read: " + e.getMessage() + ".",
          e);
    }
  }

  private ModelCard card() throws IOException {
    String pipeline = "no pipeline";
    if (Files.isRegularFile(folder.resolve(INDEX))) {
      Fields index = json(INDEX);
      checkComponents(index);
      pipeline = index.text("_class_name");
    }
    String at = Files.isRegularFile(folder.resolve(CONFIG)) ? "" : "unet/";
    Fields config = json(at + CONFIG);
    checkKind(config);
    String schedulerFile =
        Files.isRegularFile(folder.resolve(SCHEDULER)) ? SCHEDULER : "scheduler/" + SCHEDULER;
    Fields schedulerConfig = json(schedulerFile);
    DiffusersScheduler scheduler = DiffusersScheduler.of(schedulerConfig);
    checkTime(config, schedulerConfig, scheduler);
    int channels = config.has("in_channels") ? config.integer("in_channels", 1, 1024) : 3;
    int outputs = config.has("out_channels") ? config.integer("out_channels", 1, 2048) : 3;
    checkChannels(config, channels, outputs, scheduler.variance(), schedulerFile);
    Path network = present(at + NETWORK);
    DiffusersNetwork graph =
        DiffusersNetwork.of(OnnxHeader.read(network), at + NETWORK, scheduler.time().isInteger());
    boolean unit =
        scheduler.unitRange()
            || config.has("center_input_sample") && config.bool("center_input_sample");
    return new ModelCard(
        folder.resolve(at + CONFIG),
        about(pipeline, schedulerConfig.text("_class_name")),
        Weights.unstated(network),
        new ImageTensor(
            DiffusersNetwork.IMAGE,
            channels,
            multiple(config, graph.fixedSize()),
            graph.fixedSize(),
            unit ? new ValueRange(0, 1) : new ValueRange(-1, 1),
            new Normalization(0, 100, 0, Optional.of(PIXELS))),
        new TimeTensor(
            DiffusersNetwork.TIME, scheduler.time(), graph.timeType(), graph.timeLayout()),
        new OutputTensor(
            DiffusersNetwork.OUTPUT,
            scheduler.meaning(),
            outputs,
            scheduler.variance().orElse(VarianceType.FIXED_SMALL),
            scheduler.clip()),
        Optional.empty(),
        scheduler.schedule(),
        Optional.empty(),
        Optional.empty(),
        defaults(scheduler),
        Optional.empty(),
        Optional.empty());
  }

  private Path present(String name) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new DiffusionException(
          "it holds no "
              + name
              + (name.endsWith(NETWORK)
                  ? "; export its UNet2DModel to ONNX and put the file there."
                  : "; get a whole copy of the model."));
    }
    return file;
  }

  private Fields json(String name) throws IOException {
    Path file = present(name);
    try {
      return Fields.ofJson(name, CardYaml.loadJson(file));
    } catch (DiffusionException e) {
      throw new DiffusionException(name + ": " + e.getMessage(), e);
    }
  }

  /** A pipeline of more than a network and a scheduler works on something else than images. */
  private static void checkComponents(Fields index) {
    for (String key : index.keys()) {
      boolean component = !key.startsWith("_") && !key.equals("unet") && !key.equals("scheduler");
      if (component && index.isList(key)) {
        List<String> kind = index.texts(key);
        if (kind.stream().anyMatch(part -> !part.equals("null"))) {
          throw index.unusable(
              key,
              "so this is a pipeline with texts, classes, latents or a network of another kind;"
                  + " only a unet and a scheduler that work on the images themselves can be used");
        }
      }
    }
  }

  private static void checkKind(Fields config) {
    if (!config.text("_class_name").equals("UNet2DModel")) {
      throw config.refused(
          "_class_name",
          "UNet2DModel, a network that sees an image and a time; those that see texts, classes or"
              + " latents cannot be used");
    }
    for (String key : List.of("class_embed_type", "num_class_embeds")) {
      if (config.has(key)) {
        throw config.unusable(
            key, "so the network must be told a class, which this version cannot do");
      }
    }
    for (String key :
        List.of(
            "cross_attention_dim",
            "encoder_hid_dim",
            "encoder_hid_dim_type",
            "addition_embed_type")) {
      if (config.has(key)) {
        throw config.unusable(
            key, "so the network must be told a text, which this version cannot do");
      }
    }
  }

  /** Fourier features are those of ln(sigma), and such a network divides by sigma itself. */
  private static void checkTime(
      Fields config, Fields schedulerConfig, DiffusersScheduler scheduler) {
    boolean fourier =
        config.has("time_embedding_type") && config.text("time_embedding_type").equals("fourier");
    if (fourier && scheduler.time() != TimeInput.SIGMA) {
      throw config.unusable(
          "time_embedding_type",
          "a network that is told sigma, which contradicts "
              + schedulerConfig.text("_class_name")
              + "; write a model card (rdf.yaml) beside it");
    }
  }

  private static void checkChannels(
      Fields config,
      int channels,
      int outputs,
      Optional<VarianceType> variance,
      String schedulerFile) {
    boolean learned = variance.isPresent() && variance.get().isLearned();
    if (outputs == (learned ? 2 : 1) * channels) {
      return;
    }
    if (outputs == 2 * channels) {
      throw config.unusable(
          "out_channels",
          "twice in_channels, but "
              + schedulerFile
              + " does not say what the second half is: write \"variance_type\": \"learned_range\""
              + " there where it is a variance in Nichol and Dhariwal's way, or else a model card"
              + " (rdf.yaml) beside it");
    }
    if (learned && outputs == channels) {
      throw config.unusable(
          "out_channels",
          "as in_channels, which contradicts variance_type learned_range in "
              + schedulerFile
              + ": that takes twice as many");
    }
    throw config.unusable(
        "out_channels",
        "but in_channels is "
            + channels
            + ": the network sees more than a noisy image; write a model card (rdf.yaml) with a"
            + " condition beside it");
  }

  /** Every level of the U-Net but the last halves the sides. */
  private static int multiple(Fields config, Optional<FixedSize> fixed) {
    int levels =
        config.has("block_out_channels")
            ? config.texts("block_out_channels").size()
            : DEFAULT_LEVELS;
    if (levels < 1 || levels > 16) {
      throw config.refused("block_out_channels", "a list of 1 to 16 numbers");
    }
    int multiple = 1 << (levels - 1);
    boolean fits =
        fixed.map(s -> s.width() % multiple == 0 && s.height() % multiple == 0).orElse(true);
    return fits ? multiple : 1;
  }

  private About about(String pipeline, String scheduler) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return new About(
        name == null ? UNKNOWN : name.toString(),
        UNKNOWN,
        "A folder that diffusers wrote: " + pipeline + ", " + scheduler + ".",
        UNKNOWN,
        UNKNOWN,
        UNKNOWN,
        List.of(UNKNOWN),
        List.of(UNKNOWN));
  }

  /** RePaint's own (Lugmayr et al. 2022, arXiv:2201.09865, section 5.1), as far as levels go. */
  private static Defaults defaults(DiffusersScheduler scheduler) {
    int steps = Math.min(250, scheduler.schedule().size());
    return new Defaults(steps, Math.min(10, steps - 1), 10, scheduler.eta());
  }
}
