package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.EdmPreconditioning;
import ijdiffusion.model.ExplodingState;
import ijdiffusion.model.NoiseLevelNetwork;
import ijdiffusion.model.OutputMeaning;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.TimeInput;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.BetaFamily;
import ijdiffusion.schedule.DiscreteSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From the fields of a card file to a {@link ModelCard}. */
final class CardParser {
  private static final int FORMAT = 1;
  private static final String TWO_NUMBERS = "two numbers, the smaller one first";

  private final Path file;
  private final Fields rdf;
  private final WeightsParser files;

  CardParser(Path file, Fields rdf) {
    this.file = file;
    this.rdf = rdf;
    this.files = new WeightsParser(file);
  }

  ModelCard parse() {
    if (!rdf.text("format_version").matches("0\\.[45]\\.[0-9]+")) {
      throw rdf.refused(
          "format_version", "0.5.x or 0.4.x, the BioImage.IO formats this program reads");
    }
    if (!rdf.text("type").equals("model")) {
      throw rdf.refused("type", "model");
    }
    if (!rdf.hasChild("config") || !rdf.child("config").hasChild("diffusion")) {
      throw noBlock();
    }
    Fields config = rdf.child("config");
    Fields block =
        config
            .child("diffusion")
            .only(
                "format",
                "domain",
                "attribution",
                "image",
                "time",
                "output",
                "condition",
                "schedule",
                "test_schedule",
                "noise_level",
                "trained_on",
                "defaults");
    if (block.integer("format", 1, Integer.MAX_VALUE) != FORMAT) {
      throw block.refused(
          "format", FORMAT + ", the only one this version reads; update the plugin");
    }
    ImageTensor image = image(block.child("image"));
    TensorLayout layout = TensorLayout.of(rdf, files);
    OutputTensor output = output(block.child("output"), block.child("image"));
    ModelCard card =
        new ModelCard(
            file,
            about(config, block),
            files.parseWithExternalData(rdf.child("weights").child("onnx")),
            image,
            time(block.child("time")),
            output,
            condition(block, image),
            ScheduleParser.parse(block.child("schedule")),
            testSchedule(block),
            noiseLevel(block),
            defaults(block.child("defaults")),
            new TestTensorsParser(rdf, layout).parse(output.name()),
            block.has("trained_on")
                ? Optional.of(TrainedOn.parse(block.child("trained_on")))
                : Optional.empty());
    new TensorCheck(rdf, layout).check(card);
    return card;
  }

  /** A BioImage.IO model of any kind, most of which map an image to an image. */
  private DiffusionException noBlock() {
    boolean imageToImage =
        rdf.has("inputs") && rdf.children("inputs").size() == 1 && rdf.has("outputs");
    return new DiffusionException(
        "config.diffusion is missing: "
            + (imageToImage
                ? "this BioImage.IO model has a single input, an image and no noise level, so it is"
                    + " not a noise predictor; choose a diffusion model."
                : "this BioImage.IO model says nothing about noise, so it is not known to be a"
                    + " diffusion model; if it is one, add the block config.diffusion that"
                    + " docs/model-card.md describes."));
  }

  private About about(Fields config, Fields block) {
    return new About(
        rdf.text("name"),
        rdf.text("version"),
        rdf.text("description"),
        block.text("domain"),
        config.child("bioimageio").text("out_of_scope_use"),
        rdf.text("license"),
        block.texts("attribution"),
        citations());
  }

  private List<String> citations() {
    List<String> citations = new ArrayList<>();
    for (Fields entry : rdf.children("cite")) {
      String text = entry.text("text");
      if (entry.has("doi")) {
        text += " https://doi.org/" + entry.text("doi");
      } else if (entry.has("url")) {
        text += " " + entry.text("url");
      }
      citations.add(text);
    }
    return citations;
  }

  private Optional<Condition> condition(Fields block, ImageTensor image) {
    return block.has("condition")
        ? Optional.of(new ConditionParser(block.child("condition"), files).parse(image.name()))
        : Optional.empty();
  }

  private static Optional<DiscreteSchedule> testSchedule(Fields block) {
    return block.has("test_schedule")
        ? Optional.of(ScheduleParser.parse(block.child("test_schedule")))
        : Optional.empty();
  }

  private Optional<NoiseEstimator> noiseLevel(Fields block) {
    if (!block.has("noise_level")) {
      return Optional.empty();
    }
    Fields fields =
        block.child("noise_level").only("source", "sha256", "input", "output", "meaning", "family");
    return Optional.of(
        new NoiseEstimator(
            files.parse(fields),
            fields.text("input"),
            fields.text("output"),
            fields.choice("meaning", NoiseLevelNetwork.Output.class),
            fields.choice("family", BetaFamily.class)));
  }

  private static ImageTensor image(Fields image) {
    image.only(
        "tensor",
        "channels",
        "size_multiple",
        "width",
        "height",
        "state",
        "value_range",
        "normalization");
    double[] range = image.numbers("value_range", TWO_NUMBERS);
    if (range.length != 2) {
      throw image.refused("value_range", TWO_NUMBERS);
    }
    Fields normalization =
        image
            .child("normalization")
            .only(
                "low_percentile", "high_percentile", "minimum_span", "fixed_values", "fixed_bits");
    Optional<FixedSize> fixed =
        image.has("width") || image.has("height")
            ? Optional.of(
                new FixedSize(
                    image.integer("width", 1, ImageTensor.MAX_SIDE),
                    image.integer("height", 1, ImageTensor.MAX_SIDE)))
            : Optional.empty();
    return new ImageTensor(
        image.text("tensor"),
        image.integer("channels", 1, 1024),
        image.integer("size_multiple", 1, ImageTensor.MAX_SIDE),
        fixed,
        new ValueRange(range[0], range[1]),
        new Normalization(
            normalization.number("low_percentile"),
            normalization.number("high_percentile"),
            normalization.number("minimum_span", 0),
            fixedValues(normalization)));
  }

  private static Optional<FixedValues> fixedValues(Fields normalization) {
    if (!normalization.has("fixed_values")) {
      if (normalization.has("fixed_bits")) {
        throw normalization.refused("fixed_bits", "left out where there are no fixed_values");
      }
      return Optional.empty();
    }
    double[] values = normalization.numbers("fixed_values", TWO_NUMBERS);
    if (values.length != 2) {
      throw normalization.refused("fixed_values", TWO_NUMBERS);
    }
    int bits = normalization.has("fixed_bits") ? normalization.integer("fixed_bits", 8, 32) : 8;
    return Optional.of(new FixedValues(values[0], values[1], bits));
  }

  private static TimeTensor time(Fields time) {
    time.only("tensor", "meaning", "type", "layout");
    return new TimeTensor(
        time.text("tensor"),
        time.choice("meaning", TimeInput.class),
        time.choice("type", TimeTensor.Type.class),
        time.choice("layout", TimeTensor.Layout.class));
  }

  private static OutputTensor output(Fields output, Fields image) {
    output.only("tensor", "meaning", "sigma_data", "channels", "variance", "clip");
    return new OutputTensor(
        output.text("tensor"),
        seen(image, output, meaning(output)),
        output.integer("channels", 1, 2048),
        output.choice("variance", VarianceType.class),
        output.bool("clip"));
  }

  private enum State {
    VARIANCE_PRESERVING,
    VARIANCE_EXPLODING
  }

  /** A meaning, of a network that sees the state as the card says. */
  private static OutputMeaning seen(Fields image, Fields output, OutputMeaning meaning) {
    if (!image.has("state") || image.choice("state", State.class) == State.VARIANCE_PRESERVING) {
      return meaning;
    }
    if (meaning instanceof Parameterization p && p != Parameterization.V) {
      return new ExplodingState(p);
    }
    throw new DiffusionException(
        "config.diffusion.image.state is variance_exploding, which contradicts output.meaning "
            + output.text("meaning")
            + (meaning == Parameterization.V
                ? ": v is made of signal and noise of a variance-preserving state"
                : ": that preconditioning says itself what the network sees")
            + "; leave image.state out.");
  }

  private enum MeaningKind {
    EPSILON(Parameterization.EPSILON),
    X0(Parameterization.X0),
    V(Parameterization.V),
    SCORE(Parameterization.SCORE),
    SCORE_TIMES_SIGMA(Parameterization.SCORE_TIMES_SIGMA),
    EDM(null);

    private final Parameterization fixed;

    MeaningKind(Parameterization fixed) {
      this.fixed = fixed;
    }
  }

  private static OutputMeaning meaning(Fields output) {
    MeaningKind kind = output.choice("meaning", MeaningKind.class);
    if (kind == MeaningKind.EDM) {
      double sigmaData = output.number("sigma_data");
      if (!(sigmaData > 0)) {
        throw output.refused("sigma_data", "above 0");
      }
      return new EdmPreconditioning(sigmaData);
    }
    if (output.has("sigma_data")) {
      throw new DiffusionException(
          "config.diffusion.output.sigma_data contradicts output.meaning "
              + Fields.spelling(kind)
              + ": it belongs to edm only, so leave it out.");
    }
    return kind.fixed;
  }

  private static Defaults defaults(Fields defaults) {
    defaults.only("steps", "jump", "resamplings", "eta");
    return new Defaults(
        defaults.integer("steps", 2, 100_000),
        defaults.integer("jump", 1, 100_000),
        defaults.integer("resamplings", 1, 1000),
        defaults.number("eta"));
  }
}
