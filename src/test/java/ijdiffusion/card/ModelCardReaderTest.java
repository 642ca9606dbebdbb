package ijdiffusion.card;

import static ijdiffusion.schedule.DiscreteSchedule.constant;
import static ijdiffusion.schedule.DiscreteSchedule.cosine;
import static ijdiffusion.schedule.DiscreteSchedule.linear;
import static ijdiffusion.schedule.DiscreteSchedule.ofBetas;
import static ijdiffusion.schedule.DiscreteSchedule.scaledLinear;
import static ijdiffusion.schedule.DiscreteSchedule.sigmoid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.EdmPreconditioning;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.TimeInput;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCardReaderTest {
  private static final Path NUCLEI = Path.of("models/nuclei");

  @TempDir Path temp;

  @Test
  void nucleiCardSaysWhatTheNetworkIs() {
    ModelCard card = ModelCardReader.read(NUCLEI);

    assertEquals("Fluorescence nuclei (64 px)", card.name());
    assertEquals("2.0.0", card.about().version());
    assertEquals("CC0-1.0", card.about().license());
    assertTrue(card.about().domain().startsWith("fluorescence microscopy of cell nuclei"));
    assertTrue(card.about().outOfScope().contains("never count, segment or measure it"));
    assertTrue(card.about().attribution().get(0).contains("BBBC038v1"));
    assertEquals(
        "Ho J., Jain A., Abbeel P.: Denoising diffusion probabilistic models. NeurIPS 2020."
            + " https://doi.org/10.48550/arXiv.2006.11239",
        card.about().citations().get(0));
    assertEquals(
        new ImageTensor(
            "x", 1, 16, Optional.empty(), new ValueRange(-1, 1), new Normalization(1, 99.8, 8)),
        card.image());
    assertEquals(
        new TimeTensor(
            "level", TimeInput.SQRT_ALPHA_BAR, TimeTensor.Type.FLOAT32, TimeTensor.Layout.COLUMN),
        card.time());
    assertEquals(
        new OutputTensor("v", Parameterization.V, 1, VarianceType.FIXED_SMALL, true),
        card.output());
    assertEquals(1000, card.schedule().size());
    assertEquals(4.0358e-5, card.schedule().alphaBar(999), 5e-10);
    assertEquals(new Defaults(50, 5, 4, 1), card.defaults());
  }

  @Test
  void nucleiWeightsAreTheOnesTheCardDescribes() throws IOException {
    ModelCard card = ModelCardReader.read(NUCLEI);
    ByteBuffer weights = card.loadWeights();
    assertTrue(weights.isDirect());
    assertEquals(Files.size(NUCLEI.resolve("model.onnx")), weights.remaining());
    assertEquals(
        "7b66b251a59e170062d591bd604ec619b3fb6d1857dae57abe127d1298cf5b5b",
        card.weights().sha256());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cond-first",
        "cond-inside",
        "cond-last",
        "cond-pairs",
        "cond-residual",
        "cond-separate",
        "gauss",
        "gauss-2c",
        "gauss-edm",
        "gauss-fixed28",
        "gauss-int64",
        "gauss-learned",
        "gauss-level",
        "gauss-reversed",
        "gauss-rgb",
        "gauss-scaled-time",
        "gauss-score",
        "gauss-v",
        "gauss-v-zero",
        "gauss-x0",
        "mixture"
      })
  void testModelsHaveCardsAndTheirWeights(String name) {
    ModelCard card = ModelCardReader.read(CardFolder.MODELS.resolve(name));
    assertEquals("Test model " + name, card.name());
    assertTrue(card.loadWeights().hasRemaining());
  }

  @Test
  void otherConventionsAreRead() {
    ModelCard learned = ModelCardReader.read(CardFolder.MODELS.resolve("gauss-2c"));
    assertEquals(VarianceType.LEARNED_RANGE, learned.variance());
    assertEquals(2, learned.output().channels());
    ModelCard integer = ModelCardReader.read(CardFolder.MODELS.resolve("gauss-int64"));
    assertEquals(TimeTensor.Type.INT64, integer.time().type());
    ModelCard fixed = ModelCardReader.read(CardFolder.MODELS.resolve("gauss-fixed28"));
    assertEquals(Optional.of(new FixedSize(28, 28)), fixed.image().fixedSize());
    assertFalse(fixed.clip());
    assertEquals(3, ModelCardReader.read(CardFolder.MODELS.resolve("gauss-rgb")).channels());
  }

  @Test
  void otherMeaningsAreRead() {
    ModelCard edm = ModelCardReader.read(CardFolder.MODELS.resolve("gauss-edm"));
    assertEquals(new EdmPreconditioning(0.5), edm.output().meaning());
    assertEquals(TimeInput.LOG_SIGMA_QUARTER, edm.time().meaning());
    ModelCard reversed = ModelCardReader.read(CardFolder.MODELS.resolve("gauss-reversed"));
    assertEquals(TimeInput.REVERSED_INDEX, reversed.time().meaning());
    assertEquals(TimeTensor.Type.INT64, reversed.time().type());
    ModelCard learned = ModelCardReader.read(CardFolder.MODELS.resolve("gauss-learned"));
    assertEquals(VarianceType.LEARNED, learned.variance());
  }

  @ParameterizedTest
  @EnumSource(Parameterization.class)
  void everyParameterizationHasItsName(Parameterization meaning) throws IOException {
    String card =
        CardFolder.text("gauss")
            .replace("meaning: epsilon", "meaning: " + Fields.spelling(meaning));
    Path file = CardFolder.write(temp, meaning.name(), card);
    assertEquals(meaning, ModelCardReader.read(file).output().meaning());
  }

  @ParameterizedTest
  @EnumSource(TimeInput.class)
  void everyTimeInputHasItsName(TimeInput meaning) throws IOException {
    String card =
        CardFolder.text("gauss").replace("meaning: index", "meaning: " + Fields.spelling(meaning));
    Path file = CardFolder.write(temp, meaning.name(), card);
    assertEquals(meaning, ModelCardReader.read(file).time().meaning());
  }

  static Stream<Arguments> schedules() {
    String ends = "beta_start: 1e-4, beta_end: 0.02";
    return Stream.of(
        Arguments.of("{kind: linear, steps: 40, " + ends + "}", linear(40, 1e-4, 0.02)),
        Arguments.of(
            "{kind: scaled_linear, steps: 40, " + ends + "}", scaledLinear(40, 1e-4, 0.02)),
        Arguments.of("{kind: sigmoid, steps: 40, " + ends + "}", sigmoid(40, 1e-4, 0.02)),
        Arguments.of("{kind: constant, steps: 40, beta: 0.02}", constant(40, 0.02)),
        Arguments.of("{kind: cosine, steps: 40}", cosine(40)),
        Arguments.of("{kind: cosine, steps: 40, zero_terminal_snr: false}", cosine(40)),
        Arguments.of(
            "{kind: cosine, steps: 40, zero_terminal_snr: true}", cosine(40).zeroTerminalSnr()),
        Arguments.of(
            "{kind: linear, steps: 40, " + ends + ", zero_terminal_snr: true}",
            linear(40, 1e-4, 0.02).zeroTerminalSnr()),
        Arguments.of(
            "{kind: betas, betas: [.1, .2, .3, .4, .5, .6, .7], zero_terminal_snr: true}",
            ofBetas(.1, .2, .3, .4, .5, .6, .7).zeroTerminalSnr()));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void schedulesByName(String schedule, DiscreteSchedule expected) throws IOException {
    String card =
        CardFolder.text("gauss-v")
            .replaceFirst(
                "(?s)schedule:.*?defaults: ", "schedule: " + schedule + "\n    defaults: ")
            .replace("steps: 20", "steps: 7");
    DiscreteSchedule read = ModelCardReader.read(CardFolder.write(temp, "named", card)).schedule();
    assertEquals(expected.size(), read.size());
    for (int t = 0; t < expected.size(); t++) {
      assertEquals(expected.level(t), read.level(t));
    }
  }

  @Test
  void explicitBetas() throws IOException {
    String card =
        CardFolder.text("gauss")
            .replaceFirst(
                "(?s)kind: linear.*?defaults: \\{steps: 20",
                "kind: betas\n      betas: [1e-2, 0.02, .5]\n    defaults: {steps: 3")
            .replace("jump: 5", "jump: 1");
    ModelCard read = ModelCardReader.read(CardFolder.write(temp, "betas", card));
    assertEquals(3, read.schedule().size());
    assertEquals(0.99 * 0.98 * 0.5, read.schedule().alphaBar(2), 1e-15);
  }

  @Test
  void columnAndScalarTimes() throws IOException {
    String gauss = CardFolder.text("gauss");
    for (var entry :
        List.of(
            List.of("scalar", "[{type: index, size: 1}]"),
            List.of("column", "[{type: batch}, {type: index, size: 1}]"))) {
      String card =
          gauss
              .replace("layout: vector", "layout: " + entry.get(0))
              .replace("axes: [{type: batch}]", "axes: " + entry.get(1));
      ModelCard read = ModelCardReader.read(CardFolder.write(temp, entry.get(0), card));
      assertEquals(entry.get(0), Fields.spelling(read.time().layout()));
    }
  }

  @Test
  void yamlWrittenDifferentlyMeansTheSame() throws IOException {
    String card =
        "\uFEFF%YAML 1.2\n---\n"
            + CardFolder.text("gauss")
                .replace("1e-4", "\"0.0001\"")
                .replace("value_range: [-1, 1]", "value_range: [-1.0, +1e0]")
                .replace("version: \"1.0\"", "version: 1.10");
    ModelCard read = ModelCardReader.read(CardFolder.write(temp, "yaml", card));
    assertEquals("1.10", read.about().version());
    assertEquals(new ValueRange(-1, 1), read.valueRange());
    assertEquals(1 - 1e-4, read.schedule().alphaBar(0), 1e-15);
  }

  @Test
  void otherFileNamesOfBioImageIo() throws IOException {
    Path folder = CardFolder.write(temp, "other", CardFolder.text("gauss")).getParent();
    Path renamed = Files.move(folder.resolve("rdf.yaml"), folder.resolve("bioimageio.yaml"));
    assertEquals(renamed, ModelCardReader.read(folder).file());
    assertEquals(renamed, ModelCardReader.read(renamed).file());
  }

  @Test
  void noCardNoModel() {
    String empty =
        assertThrows(DiffusionException.class, () -> ModelCardReader.read(temp)).getMessage();
    assertEquals(
        "Folder " + temp + " holds no model card (rdf.yaml); choose another folder.", empty);
    Path missing = temp.resolve("rdf.yaml");
    assertEquals(
        "Model card " + missing + " does not exist.",
        assertThrows(DiffusionException.class, () -> ModelCardReader.read(missing)).getMessage());
  }

  @Test
  void weightsThatChangedAreRefusedWithBothHashes() throws IOException {
    Path folder = CardFolder.write(temp, "changed", CardFolder.text("gauss")).getParent();
    Files.writeString(folder.resolve("model.onnx"), "something else");
    ModelCard card = ModelCardReader.read(folder);
    String message = assertThrows(DiffusionException.class, card::loadWeights).getMessage();
    assertTrue(message.contains(folder.resolve("model.onnx").toString()), message);
    assertTrue(message.contains("should be " + card.weights().sha256()), message);
    String found = "f41f3fa625ff120ddca7ef456bf66371ecea23c129f4e4c32367101edb516cf8";
    assertTrue(message.contains("but is " + found), message);
  }

  @Test
  void weightsThatAreMissingOrEmptyAreRefused() throws IOException {
    Path folder = CardFolder.write(temp, "missing", CardFolder.text("gauss")).getParent();
    Path weights = folder.resolve("model.onnx");
    ModelCard card = ModelCardReader.read(folder);
    String missing = assertThrows(DiffusionException.class, card::loadWeights).getMessage();
    assertTrue(missing.startsWith("Model file " + weights + " does not exist"), missing);
    Files.createFile(weights);
    String empty = assertThrows(DiffusionException.class, card::loadWeights).getMessage();
    assertTrue(empty.startsWith("Model file " + weights + " is empty"), empty);
  }
}
