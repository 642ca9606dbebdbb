package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Model descriptions of others: both formats of BioImage.IO, with processing or without. */
class BioImageCardTest {
  private static final String SCALE_5 =
      "- {id: scale_range, kwargs: {min_percentile: 1, max_percentile: 99, axes: [batch, y, x]}}";
  private static final String LINEAR_5 = "- {id: scale_linear, kwargs: {gain: 2, offset: -1}}";
  private static final String SCALE_4 =
      "- {name: scale_range, kwargs: {mode: per_sample, min_percentile: 1, max_percentile: 99,"
          + " axes: yx}}";
  private static final String LINEAR_4 = "- {name: scale_linear, kwargs: {gain: 2, offset: -1}}";

  @TempDir Path temp;

  private static String four() throws IOException {
    return Files.readString(CardFolder.CARDS.resolve("gauss-0.4.yaml"));
  }

  @Test
  void format4SaysTheSameAsFormat5() throws IOException {
    ModelCard four = read(four());
    String gauss =
        CardFolder.text("gauss")
            .replace("size: {min: 1, step: 1}", "size: {min: 8, step: 8}")
            .replace("size_multiple: 1", "size_multiple: 8");
    ModelCard five = read(gauss);
    assertEquals(five.weights(), four.weights());
    assertEquals(five.image(), four.image());
    assertEquals(five.time(), four.time());
    assertEquals(five.output(), four.output());
    assertEquals(five.defaults(), four.defaults());
    TestTensors tests = four.tests().orElseThrow();
    assertEquals(Set.of("x", "t"), tests.inputs().keySet());
    assertEquals("test_t.npy", tests.inputs().get("t").file().getFileName().toString());
    assertEquals("test_eps.npy", tests.output().file().getFileName().toString());
    assertTrue(tests.output().sha256().isEmpty());
    assertEquals(new TestTensors.Tolerance(1e-3, 1e-3, 100), tests.tolerance());
    assertTrue(five.tests().isEmpty());
  }

  /** What is changed in the card of format 0.4, and what must be said. */
  static Stream<Arguments> spoilt4() {
    return Stream.of(
        Arguments.of(
            "step: [0, 0, 8, 8]",
            "step: [0, 0, 4, 8]",
            "inputs[0].shape.step is [0, 0, 4, 8], but must be such that along axis y: a multiple"
                + " of 8"),
        Arguments.of(
            "min: [1, 1, 8, 8]",
            "min: [1, 1, 8, 9]",
            "shape.min is [1, 1, 8, 9], but must be such"),
        Arguments.of("step: [0, 0, 8, 8]", "step: [0, 0, 0, 8]", "along axis y: {min, step}"),
        Arguments.of(
            "min: [1, 1, 8, 8]", "min: [1, 3, 8, 8]", "along axis c: 1 channels, since config."),
        Arguments.of("min: [1, 1, 8, 8]", "min: [1, 1, 8]", "a list of 4 numbers, one for each"),
        Arguments.of("min: [1, 1, 8, 8]", "min: [1, 1, 8, 8.5]", "whole numbers of pixels"),
        Arguments.of(
            "  - name: x\n    axes: bcyx", "  - name: x\n    axes: bxyc", "axes is \"bxyc\", but"),
        Arguments.of(
            "  - name: x\n    axes: bcyx", "  - name: x\n    axes: bccx", "each once at most"),
        Arguments.of("axes: b\n", "axes: i\n", "inputs[1].axes is \"i\", but must be batch, since"),
        Arguments.of(
            "axes: b\n    data_type: float32",
            "axes: b\n    data_type: int64",
            "tensor \"t\" has data_type int64, but must have float32"),
        Arguments.of(
            "scale: [1, 1, 1, 1], offset: [0, 0, 0, 0]",
            "scale: [1, 2, 1, 1], offset: [0, 0, 0, 0]",
            "outputs[0].shape is a mapping, but must be such that along axis c: 1 channels"),
        Arguments.of(
            "scale: [1, 1, 1, 1], offset: [0, 0, 0, 0]",
            "scale: [1, null, 1, 1], offset: [0, 1, 0, 0]",
            "outputs[0].shape is a mapping, but must be such that along axis c: 1 channels"),
        Arguments.of(
            "scale: [1, 1, 1, 1]", "scale: [1, one, 1, 1]", "scale is [1, one, 1, 1], but must"),
        Arguments.of("reference_tensor: x", "reference_tensor: y", "must be the name of an input."),
        Arguments.of(
            "test_inputs: [test_x.npy,", "test_inputs: [../x.npy,", "test_inputs is [../x.npy"),
        Arguments.of("format_version: 0.4.10", "format_version: 0.6.0", "must be 0.5.x or 0.4.x"));
  }

  @ParameterizedTest
  @MethodSource("spoilt4")
  void format4IsCheckedAsFormat5Is(String from, String to, String message) throws IOException {
    String said = said(CardFolder.replaceOnce(four(), from, to));
    assertTrue(said.contains(message), said);
  }

  /** A new axis of length 2 * 0.5, and a layout that has no name in 0.5. */
  @Test
  void format4WorksOutLengths() throws IOException {
    read(
        four()
            .replace(
                "scale: [1, 1, 1, 1], offset: [0, 0, 0, 0]",
                "scale: [1, ~, 1, 1], offset: [0, 0.5, 0, 0]"));
    read(
        four()
            .replace("{min: [1, 1, 8, 8], step: [0, 0, 8, 8]}", "[1, 1, 16, 24]")
            .replace("size_multiple: 8", "size_multiple: 8\n      width: 24\n      height: 16"));
    read(
        four()
            .replace("axes: b\n", "axes: bi\n")
            .replace("shape: [1]", "shape: [1, 1]")
            .replace("layout: vector", "layout: column"));
    read(four().replace("axes: b\n", "axes: i\n").replace("layout: vector", "layout: scalar"));
  }

  @Test
  void modelsThatSayNothingAboutNoise() throws IOException {
    String two = CardFolder.text("gauss").replaceFirst("(?s)  diffusion:.*", "");
    String said = said(two);
    assertTrue(
        said.endsWith(
            "config.diffusion is missing: this BioImage.IO model says nothing about noise, so it is"
                + " not known to be a diffusion model; if it is one, add the block config.diffusion"
                + " that docs/model-card.md describes."),
        said);
    String one = four().replaceFirst("(?s)  - name: t.*?outputs:", "outputs:");
    String image = said(one.replaceFirst("(?s)config:.*", ""));
    assertTrue(
        image.endsWith(
            "config.diffusion is missing: this BioImage.IO model has a single input, an image and"
                + " no noise level, so it is not a noise predictor; choose a diffusion model."),
        image);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SCALE_5 + "\n" + LINEAR_5,
        "- {id: ensure_dtype, kwargs: {dtype: float32}}\n" + SCALE_5 + "\n" + LINEAR_5,
        "- {id: scale_range, kwargs: {min_percentile: 1, max_percentile: 99}}\n" + LINEAR_5,
      })
  void preprocessingThatSaysWhatOursDoes(String steps) throws IOException {
    read(five(steps));
  }

  @Test
  void limitsThatSayWhatOursDo() throws IOException {
    String before = SCALE_5 + "\n- {id: clip, kwargs: {min: 0, max: 1}}\n" + LINEAR_5;
    String after = SCALE_5 + "\n" + LINEAR_5 + "\n- {id: clip, kwargs: {min: -1, max: 1}}";
    for (String steps : new String[] {before, after}) {
      read(five(steps).replace("clip: false", "clip: true"));
      String said = said(five(steps));
      assertTrue(said.contains("output.clip is false, so that nothing is limited"), said);
    }
  }

  @Test
  void preprocessingOfFormat4() throws IOException {
    ModelCard card = read(four(SCALE_4 + "\n" + LINEAR_4));
    assertTrue(card.tests().orElseThrow().processed());
    String dataset = said(four(SCALE_4.replace("per_sample", "per_dataset") + "\n" + LINEAR_4));
    assertTrue(
        dataset.contains(
            "inputs[0].preprocessing[0].kwargs.mode is \"per_dataset\", but must be per_sample."),
        dataset);
    String fixed =
        said(four("- {name: zero_mean_unit_variance, kwargs: {mean: 1, std: 2, axes: yx}}"));
    assertTrue(fixed.contains("is fixed_zero_mean_unit_variance, which is not supp"), fixed);
  }

  /** Steps of the image input, and what must be said. */
  static Stream<Arguments> refusedSteps() {
    String field = "inputs[0].preprocessing[";
    return Stream.of(
        Arguments.of(
            SCALE_5,
            field
                + "0] and what follows bring the percentiles to [0.0, 1.0], but"
                + " config.diffusion.image.value_range is [-1.0, 1.0]; they must agree."),
        Arguments.of(
            SCALE_5.replace("99", "99.5") + "\n" + LINEAR_5,
            field
                + "0].kwargs.max_percentile is 99.5, but"
                + " config.diffusion.image.normalization.high_percentile is 99.0; they must agree."),
        Arguments.of(
            "- {id: scale_range, kwargs: {max_percentile: 99}}",
            "min_percentile is 0.0, but config.diffusion.image.normalization.low_percentile is 1."),
        Arguments.of(LINEAR_5, field + "0] is scale_linear, which is not supported: this program"),
        Arguments.of(SCALE_5 + "\n" + SCALE_5, field + "1] is scale_range, which is not supported"),
        Arguments.of(SCALE_5.replace("[batch, y, x]", "[batch]"), "percentiles must be over y"),
        Arguments.of(SCALE_5.replace("min_p", "eps: 0.1, min_p"), "kwargs.eps is \"0.1\", but"),
        Arguments.of(
            SCALE_5.replace("min_p", "reference_tensor: t, min_p"), "reference_tensor is \"t\""),
        Arguments.of(
            SCALE_5 + "\n- {id: clip, kwargs: {min: 0, max: 0.9}}", field + "1] is clip, which"),
        Arguments.of("- {id: clip, kwargs: {min: 0, max: 1}}", field + "0] is clip, which is not"),
        Arguments.of(
            SCALE_5 + "\n- {id: scale_linear, kwargs: {axis: channel, gain: [2], offset: [-1]}}",
            "kwargs.axis is \"channel\", but must be left out"),
        Arguments.of(
            "- {id: zero_mean_unit_variance}", "[0] is zero_mean_unit_variance, which is not"),
        Arguments.of("- {id: sigmoid}", field + "0] is sigmoid, which is not supported: a noisy"),
        Arguments.of("- {id: binarize, kwargs: {threshold: 0.5}}", field + "0] is binarize, which"),
        Arguments.of("- {id: my_own_step}", field + "0] is my_own_step, which is not supported"),
        Arguments.of("- {id: ensure_dtype, kwargs: {dtype: uint8}}", "dtype is \"uint8\", but"));
  }

  @ParameterizedTest
  @MethodSource("refusedSteps")
  void preprocessingThatSaysOtherwise(String steps, String message) throws IOException {
    String said = said(five(steps));
    assertTrue(said.contains(message), said);
  }

  private static final String FIXED = "fixed_values: [10, 210], low_percentile: 1,";

  private static String fixed(String steps) throws IOException {
    return five(steps).replace("low_percentile: 1,", FIXED).replace("clip: false", "clip: true");
  }

  /** 10 goes to -1, and 210 to 1. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "- {id: scale_linear, kwargs: {gain: 0.01, offset: -1.1}}",
        "- {id: fixed_zero_mean_unit_variance, kwargs: {mean: 110, std: 100}}",
        "- {id: ensure_dtype, kwargs: {dtype: float32}}\n"
            + "- {id: clip, kwargs: {min: 10, max: 210}}\n"
            + "- {id: scale_linear, kwargs: {gain: 0.005, offset: -0.05}}\n"
            + "- {id: clip, kwargs: {min: 0, max: 1}}\n"
            + "- {id: scale_linear, kwargs: {gain: 2, offset: -1}}",
      })
  void fixedValuesByStepsThatSayTheSame(String steps) throws IOException {
    ModelCard card = read(fixed(steps));
    assertEquals(new FixedValues(10, 210, 8), card.image().normalization().fixed().orElseThrow());
  }

  @Test
  void fixedValuesInFormat4() throws IOException {
    String steps =
        "- {name: zero_mean_unit_variance, kwargs: {mode: fixed, mean: 110, std: 100, axes: yx}}";
    read(four(steps).replace("low_percentile: 1,", FIXED));
  }

  @Test
  void fixedValuesByStepsThatSayOtherwise() throws IOException {
    String other = said(fixed("- {id: scale_linear, kwargs: {gain: 0.01, offset: -1}}"));
    assertTrue(other.contains("bring the fixed_values to [-0.9"), other);
    String flat = said(fixed("- {id: fixed_zero_mean_unit_variance, kwargs: {mean: 10, std: 0}}"));
    assertTrue(flat.contains("bring the fixed_values to [NaN"), flat);
    String range = said(fixed(SCALE_5 + "\n" + LINEAR_5));
    assertTrue(range.contains("is scale_range, which is not supported: the card has fix"), range);
    String limit = said(fixed("- {id: clip, kwargs: {min: 0, max: 255}}"));
    assertTrue(limit.contains("is clip, which is not supported: only the ends of"), limit);
    String without = said(five("- {id: scale_linear, kwargs: {gain: 0.01, offset: -1.1}}"));
    assertTrue(without.contains("or config.diffusion.image.normalization.fixed_values"), without);
  }

  /** What is in the card, and what must be said. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fixed_values: [5]|fixed_values is [5], but must be two",
        "fixed_values: [255, 0]|fixed_values is [255.0, 0.0], but must be two numbers, the smal",
        "'fixed_values: [0, 255], fixed_bits: 12'|fixed_bits is 12, but must be 8, 16 or 32.",
        "fixed_bits: 8|must be left out where there are no fixed_values",
      })
  void fixedValuesThatCannotBe(String fields, String message) throws IOException {
    String said =
        said(
            CardFolder.text("gauss")
                .replace("low_percentile: 1,", fields + ", low_percentile: 1,"));
    assertTrue(said.contains(message), said);
  }

  @Test
  void channelsAreScaledEachByItself() throws IOException {
    String rgb = CardFolder.text("gauss-rgb");
    String steps = (SCALE_5 + "\n" + LINEAR_5);
    String joint = said(after(rgb, steps.replace("batch, y", "channel, y")));
    assertTrue(
        joint.contains("percentiles must be over y and x, of each channel by itself"), joint);
    read(after(rgb, steps));
  }

  @Test
  void predictionsAndTimesAreLeftAsTheyAre() throws IOException {
    for (String id : new String[] {"sigmoid", "softmax", "binarize", "clip", "scale_linear"}) {
      String out =
          CardFolder.text("gauss")
              .replace("  - id: eps\n", "  - id: eps\n    postprocessing: [{id: " + id + "}]\n");
      String said = said(out);
      assertTrue(
          said.endsWith(
              "outputs[0].postprocessing[0] is "
                  + id
                  + ", but what a noise predictor says must be left as it is."),
          said);
    }
    String time =
        CardFolder.text("gauss")
            .replace("  - id: t\n", "  - id: t\n    preprocessing: [{id: scale_linear}]\n");
    assertTrue(said(time).endsWith("but the time must be left as it is."), said(time));
    read(time.replace("scale_linear", "ensure_dtype, kwargs: {dtype: float32}"));
  }

  @Test
  void toleranceIsThatOfTheOutputInOnnx() {
    ModelCard nuclei = ModelCardReader.read(Path.of("models/nuclei"));
    TestTensors tests = nuclei.tests().orElseThrow();
    assertEquals(new TestTensors.Tolerance(0, 1e-4, 0), tests.tolerance());
    assertEquals(
        "0d8ae7c7c0dde3e2aa4cb624a18319582c08114a71bd80f01c9e886eaee197c4",
        tests.inputs().get("level").sha256().orElseThrow());
    assertEquals(4, nuclei.files().size());
  }

  @Test
  void toleranceOfOthersIsPassedOver() throws IOException {
    String tolerances =
        "    reproducibility_tolerance:\n"
            + "      - {weights_formats: [torchscript], relative_tolerance: 1}\n"
            + "      - {output_ids: [other], relative_tolerance: 2}\n"
            + "      - {output_ids: [eps], weights_formats: [onnx], absolute_tolerance: 0.5}\n";
    String card = four().replace("  bioimageio:\n", "  bioimageio:\n" + tolerances);
    assertEquals(
        new TestTensors.Tolerance(1e-3, 0.5, 100), read(card).tests().orElseThrow().tolerance());
    String said = said(card.replace("absolute_tolerance: 0.5", "absolute_tolerance: -1"));
    assertTrue(said.contains("absolute_tolerance is \"-1\", but must be 0 or more."), said);
  }

  @Test
  void testTensorsOnTheNetAreNone() throws IOException {
    assertTrue(read(four().replace("test_t.npy", "https://a.b/t.npy")).tests().isEmpty());
    assertTrue(read(four().replace("[test_eps.npy]", "[]")).tests().isEmpty());
  }

  private static String five(String steps) throws IOException {
    return after(CardFolder.text("gauss"), steps);
  }

  private static String after(String card, String steps) {
    return CardFolder.replaceOnce(card, "  - id: x\n", "  - id: x\n" + block(steps));
  }

  private static String four(String steps) throws IOException {
    return CardFolder.replaceOnce(four(), "  - name: x\n", "  - name: x\n" + block(steps));
  }

  private static String block(String steps) {
    return "    preprocessing:\n" + steps.indent(6);
  }

  private ModelCard read(String card) throws IOException {
    return ModelCardReader.read(CardFolder.write(temp, "card", card));
  }

  private String said(String card) {
    return assertThrows(DiffusionException.class, () -> read(card)).getMessage();
  }
}
