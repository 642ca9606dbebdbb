package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A card that is wrong in one place is refused with a sentence that names the place. */
class MalformedCardTest {
  private static final String BLOCK = "config.diffusion.";

  @TempDir Path temp;

  private static Arguments spoil(String from, String to, String message) {
    return Arguments.of(from, to, message);
  }

  /** What is changed in the card of model gauss, and what must be said. */
  static Stream<Arguments> spoilt() {
    return Stream.of(
        // the standard part
        spoil("format_version: 0.5.7", "format_version: 0.3.6", "format_version is \"0.3.6\""),
        spoil("type: model", "type: dataset", "type is \"dataset\", but must be model."),
        spoil("version: \"1.0\"\n", "", "version is missing; it must be a text."),
        spoil("license: BSD-2-Clause", "license:", "license is \"\", but must be a text."),
        spoil("  diffusion:", "  stable:", "config.diffusion is missing"),
        spoil("out_of_scope_use", "scope", "config.bioimageio.out_of_scope_use is missing"),
        spoil("source: model.onnx", "source: ../x.onnx", "weights.onnx.source is \"../x.onnx\""),
        spoil("source: model.onnx", "source: /etc/passwd", "source is \"/etc/passwd\""),
        spoil("source: model.onnx", "source: https://a.b/c", "source is \"https://a.b/c\""),
        spoil("source: model.onnx", "source: .", "must be the name of a file in the folder"),
        spoil(
            "opset_version: 17",
            "external_data: {source: model.bin}",
            "weights.onnx.external_data.sha256 is missing"),
        spoil("- text: Diffusion for ImageJ", "- doi: 10.1/2", "cite[0].text is missing"),
        // our block: missing, unknown, of the wrong kind
        spoil("    format: 1\n", "", BLOCK + "format is missing; it must be an integer"),
        spoil("format: 1\n", "format: 2\n", BLOCK + "format is \"2\", but must be 1"),
        spoil("clip: false", "clipp: false", BLOCK + "output.clipp is no known field; known are"),
        spoil("clip: false", "clip: no", BLOCK + "output.clip is \"no\", but must be true or fal"),
        spoil("      channels: 1\n      size", "      size", BLOCK + "image.channels is missing"),
        spoil("size_multiple: 1", "size_multiple: 0", BLOCK + "image.size_multiple is \"0\""),
        spoil("size_multiple: 1", "size_multiple: 1.5", "must be an integer from 1 to 65536"),
        spoil(
            "meaning: index",
            "meaning: indx",
            BLOCK
                + "time.meaning is \"indx\", but must be one of index, scaled_index, reversed_index,"
                + " continuous, sqrt_alpha_bar, alpha_bar, sigma, log_sigma_quarter."),
        spoil(
            "type: float32\n      layout", "type: float16\n      layout", "one of float32, int64"),
        spoil("layout: vector", "layout: [n]", BLOCK + "time.layout is [n], but must be one of"),
        spoil(
            "meaning: epsilon",
            "meaning: noise",
            BLOCK
                + "output.meaning is \"noise\", but must be one of epsilon, x0, v, score,"
                + " score_times_sigma, edm."),
        spoil("meaning: epsilon", "meaning: edm", BLOCK + "output.sigma_data is missing"),
        spoil(
            "meaning: epsilon",
            "meaning: edm\n      sigma_data: 0",
            BLOCK + "output.sigma_data is \"0\", but must be above 0."),
        spoil("variance: fixed_small", "variance: small", "one of fixed_small, fixed_large, lear"),
        spoil("attribution: [Made by a script; no data.]", "attribution: []", "attribution is em"),
        spoil("attribution: [Made by a script; no data.]", "attribution: us", "a list of texts"),
        spoil(
            "kind: linear",
            "kind: cosin",
            BLOCK
                + "schedule.kind is \"cosin\", but must be one of linear, scaled_linear, sigmoid,"
                + " constant, cosine, betas, geometric,"
                + " karras, sigmas, vp_sde."),
        spoil(
            "kind: linear",
            "kind: cosine",
            BLOCK
                + "schedule.beta_start is no known field; known are kind, steps,"
                + " zero_terminal_snr."),
        spoil("kind: linear", "kind: constant", "known are kind, steps, beta, zero_terminal_snr."),
        spoil("      beta_end: 0.02\n", "", BLOCK + "schedule.beta_end is missing"),
        spoil("kind: linear", "kind: 7", BLOCK + "schedule.kind is \"7\", but must be one of"),
        spoil(
            "beta_end: 0.02",
            "beta_end: 0.02\n      zero_terminal_snr: 1",
            BLOCK + "schedule.zero_terminal_snr is \"1\", but must be true or false."),
        spoil("kind: linear", "kind: betas", BLOCK + "schedule.steps is no known field"),
        spoil(
            "beta_start: 1e-4",
            "beta_start: 0",
            BLOCK + "schedule.beta_start is \"0\", but must be above"),
        spoil("beta_end: 0.02", "beta_end: 1", BLOCK + "schedule.beta_end is \"1\", but must be"),
        spoil("beta_end: 0.02", "beta_end: .nan", BLOCK + "schedule.beta_end is \".nan\""),
        spoil("eta: 1", "eta: 1.5", BLOCK + "defaults.eta is 1.5, but must be from 0.0 to 1.0."),
        // contradictions
        spoil(
            "meaning: epsilon",
            "meaning: v\n      sigma_data: 0.5",
            BLOCK + "output.sigma_data contradicts output.meaning v: it belongs to edm only"),
        spoil(
            "beta_end: 0.02",
            "beta_end: 0.02\n      zero_terminal_snr: true",
            BLOCK
                + "output.meaning is epsilon, which contradicts the schedule: its last level holds"
                + " no signal (alpha-bar = 0), so the clean image does not follow from it; it must"
                + " be x0, v or edm."),
        spoil("tensor: x\n", "tensor: X\n", BLOCK + "image.tensor is \"X\", but must be an id"),
        spoil("tensor: t\n", "tensor: x\n", BLOCK + "time.tensor is \"x\", but that is image"),
        spoil("tensor: eps", "tensor: t", BLOCK + "output.tensor is \"t\", but must be an id of"),
        spoil("channels: 1\n      size", "channels: 3\n      size", "output.channels is 1, which"),
        spoil("channels: 1\n      var", "channels: 2\n      var", "image.channels 1 and output.va"),
        spoil("variance: fixed_small", "variance: learned", "with those it must be 2"),
        spoil(
            "type: float32\n      layout",
            "type: int64\n      layout",
            "\"t\" has data.type float32, but must have int64"),
        spoil("value_range: [-1, 1]", "value_range: [1, -1]", "value_range is [1.0, -1.0]"),
        spoil("value_range: [-1, 1]", "value_range: [0]", "value_range is [0], but must be two"),
        spoil("high_percentile: 99", "high_percentile: 1", "must be above low_percentile"),
        spoil("high_percentile: 99", "high_percentile: 101", "from 0.0 to 100.0"),
        spoil("steps: 20", "steps: 1001", BLOCK + "defaults.steps is 1001, but must be at most 10"),
        spoil("jump: 5", "jump: 20", BLOCK + "defaults.jump is 20, but must be below steps"),
        spoil("layout: vector", "layout: column", "inputs[1].axes is"),
        spoil("data: {type: float32}", "data: {type: int64}", "\"t\" has data.type int64"),
        spoil("size_multiple: 1", "size_multiple: 8", "inputs[0].axes[2].size.min is \"1\""),
        spoil(
            "size_multiple: 1",
            "size_multiple: 1\n      width: 28\n      height: 28",
            "inputs[0].axes[2].size is a mapping, but must be 28"),
        spoil(
            "size_multiple: 1",
            "size_multiple: 1\n      width: 28",
            BLOCK + "image.height is missing"),
        spoil(
            "outputs:",
            "  - {id: y, axes: [{type: batch}]}\noutputs:",
            "inputs has the further tensor \"y\""),
        // YAML
        spoil("type: model", "type: model\ntype: model", "duplicate key type"),
        spoil("type: model", "type: [model", "it is not valid YAML, line "),
        spoil("type: model", "type: *model", "found undefined alias model"),
        spoil(
            "type: model",
            "type: !!javax.script.ScriptEngineManager [http://a.b]",
            "javax.script.ScriptEngineManager"));
  }

  @ParameterizedTest
  @MethodSource("spoilt")
  void isRefusedByName(String from, String to, String message) throws IOException {
    String gauss = CardFolder.text("gauss");
    Path file = CardFolder.write(temp, "spoilt", CardFolder.replaceOnce(gauss, from, to));
    String said = said(file);
    assertTrue(said.startsWith("Model card " + file + ": "), said);
    assertTrue(said.contains(message), said);
  }

  @Test
  void integersCannotSayWhatIsNoInteger() throws IOException {
    String card = CardFolder.text("gauss-int64").replace("meaning: index", "meaning: sigma");
    String said = said(CardFolder.write(temp, "integers", card));
    assertTrue(
        said.contains(BLOCK + "time.type is int64, which contradicts time.meaning sigma"), said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sigma", "log_sigma_quarter"})
  void noNumberForPureNoise(String meaning) throws IOException {
    String card = CardFolder.text("gauss-v-zero").replace("meaning: index", "meaning: " + meaning);
    String said = said(CardFolder.write(temp, "infinite", card));
    assertTrue(
        said.contains(
            BLOCK
                + "time.meaning is "
                + meaning
                + ", which contradicts the schedule: its last level holds no signal (alpha-bar ="
                + " 0), where that is infinite"),
        said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"score", "score_times_sigma"})
  void noScoreOfPureNoise(String meaning) throws IOException {
    String card = CardFolder.text("gauss-v-zero").replace("meaning: v", "meaning: " + meaning);
    String said = said(CardFolder.write(temp, "score", card));
    assertTrue(said.contains("output.meaning is " + meaning + ", which contradicts the sch"), said);
  }

  @Test
  void aLastBetaOfOneIsPureNoiseToo() throws IOException {
    String card =
        CardFolder.text("gauss")
            .replaceFirst(
                "(?s)kind: linear.*?defaults: \\{steps: 20",
                "kind: betas\n      betas: [0.1, 0.5, 1]\n    defaults: {steps: 3")
            .replace("jump: 5", "jump: 1");
    String said = said(CardFolder.write(temp, "one", card));
    assertTrue(said.contains("output.meaning is epsilon, which contradicts the schedule"), said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bomb.yaml", "deep.yaml"})
  void yamlThatExplodesIsRefused(String name) {
    String said = said(CardFolder.CARDS.resolve(name));
    assertTrue(said.contains("it is not valid YAML"), said);
  }

  @Test
  void textThatIsNoCardIsRefused() throws IOException {
    assertTrue(said(CardFolder.write(temp, "empty", "")).contains("not a mapping"));
    assertTrue(said(CardFolder.write(temp, "list", "- 1\n")).contains("not a mapping"));
    Path binary = CardFolder.write(temp, "binary", "");
    Files.write(binary, "n\u00fcclei".getBytes(StandardCharsets.ISO_8859_1));
    assertTrue(said(binary).contains("not a text file in UTF-8"));
    Path huge = CardFolder.write(temp, "huge", "# ".repeat(600_000));
    assertEquals("Model card " + huge + ": it is larger than 1 MB.", said(huge));
  }

  private static String said(Path file) {
    return assertThrows(DiffusionException.class, () -> ModelCardReader.read(file)).getMessage();
  }
}
