package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** As {@link MalformedCardTest}, for condition, test schedule and noise level. */
class MalformedConditionTest {
  private static final String BLOCK = "config.diffusion.";
  private static final String CONDITION = BLOCK + "condition.";

  @TempDir Path temp;

  private static Arguments spoil(String model, String from, String to, String message) {
    return Arguments.of(model, from, to, message);
  }

  /** The card of which model, what is changed in it, and what must be said. */
  static Stream<Arguments> spoilt() {
    return Stream.of(missingUnknownAndWrong(), contradictions(), files(), schedulesAndLevels())
        .flatMap(s -> s);
  }

  private static Stream<Arguments> missingUnknownAndWrong() {
    String first = "cond-first";
    String last = "cond-last";
    String residual = "cond-residual";
    return Stream.of(
        spoil(
            first, "      tensor: x\n      order", "      order", CONDITION + "tensor is missing"),
        spoil(first, "      order: condition_first\n", "", CONDITION + "order is missing; it must"),
        spoil(
            first,
            "order: condition_first",
            "order: first",
            CONDITION + "order is \"first\", but must be one of condition_first, condition_last."),
        spoil(
            first,
            "condition_first\n      channels: 3\n",
            "condition_first\n",
            CONDITION + "channels is missing; it must be an integer from 1 to 1024."),
        spoil(
            first,
            "condition_first\n      channels: 3",
            "condition_first\n      channels: 0",
            CONDITION + "channels is \"0\""),
        spoil(first, "      task: upscale\n", "", CONDITION + "task is missing"),
        spoil(
            first,
            "task: upscale",
            "task: enlarge",
            CONDITION
                + "task is \"enlarge\", but must be one of upscale, colorize, restore, uncrop,"
                + " inpaint."),
        spoil(first, "      factor: 4\n", "", CONDITION + "factor is missing; it must be an int"),
        spoil(first, "factor: 4", "factor: 1", "factor is \"1\", but must be an integer from 2 to"),
        spoil(first, "factor: 4", "factor: 17", "but must be an integer from 2 to 16."),
        spoil(first, "factor: 4", "factor: 4\n      augmentation: 1", "augmentation is no known f"),
        spoil(first, "      enlargement: bicubic\n", "", CONDITION + "enlargement is missing"),
        spoil(first, "enlargement: bicubic", "enlargement: linear", "one of bicubic, inside."),
        spoil(last, "      fill: noise\n", "", CONDITION + "fill is missing; it must be one of"),
        spoil(
            last, "fill: noise", "fill: grey", CONDITION + "fill is \"grey\", but must be one of"),
        spoil(last, "start: condition", "start: here", "one of noise, condition."),
        spoil(residual, "scale: 2, ", "", CONDITION + "residual.scale is missing"),
        spoil(residual, "scale: 2", "scale: 0", "residual.scale is \"0\", but must be above 0."),
        spoil(residual, ", clamp: true", "", CONDITION + "residual.clamp is missing"),
        spoil(residual, "clamp: true", "clamp: true, x: 1", CONDITION + "residual.x is no known"),
        spoil(residual, "residual: {scale: 2, clamp: true}", "residual: 2", "residual is \"2\""),
        spoil(residual, "        input: image\n", "", CONDITION + "encoder.input is missing"),
        spoil(residual, "        output: features\n", "", CONDITION + "encoder.output is missing"),
        spoil(residual, "        channels: 4\n", "", CONDITION + "encoder.channels is missing"),
        spoil(
            residual,
            "        channels: 4\n",
            "        channels: 4\n        layers: 3\n",
            CONDITION + "encoder.layers is no known field"));
  }

  private static Stream<Arguments> contradictions() {
    String first = "cond-first";
    String last = "cond-last";
    String separate = "cond-separate";
    String inside = "cond-inside";
    String residual = "cond-residual";
    return Stream.of(
        spoil(
            separate,
            "tensor: degraded",
            "tensor: degraded\n      order: condition_first",
            CONDITION + "order contradicts condition.tensor: only in the input of the image"),
        spoil(
            separate, "tensor: degraded", "tensor: t", "tensor is \"t\", but that is time.tensor"),
        spoil(
            separate,
            "tensor: degraded",
            "tensor: c",
            CONDITION + "tensor is \"c\", but must be an id of inputs: x, t, degraded."),
        spoil(
            separate,
            "task: restore",
            "task: restore\n      factor: 2",
            CONDITION + "factor contradicts condition.task restore: it belongs to other tasks"),
        spoil(
            separate,
            "task: restore",
            "task: restore\n      enlargement: inside",
            CONDITION + "enlargement contradicts condition.task restore"),
        spoil(
            separate,
            "task: restore",
            "task: restore\n      fill: zero",
            CONDITION + "fill contradicts condition.task restore"),
        spoil(
            separate,
            "task: restore",
            "task: restore\n      start: condition",
            CONDITION + "start condition contradicts condition.task restore: a run must start fr"),
        spoil(
            separate,
            "task: restore",
            "task: restore\n      residual: {scale: 2, clamp: true}",
            CONDITION + "residual contradicts condition.task restore"),
        spoil(
            separate,
            "task: restore",
            "task: inpaint\n      fill: noise",
            CONDITION
                + "channels is 2, which contradicts condition.task inpaint: it must be 1, as"
                + " image.channels is."),
        spoil(
            separate,
            "channels: 2\n",
            "channels: 3\n",
            "inputs[2].axes[1].channel_names is [first, second], but must be 3 names, since"
                + " config.diffusion.condition.channels is 3"),
        spoil(
            separate,
            "size: {tensor_id: x, axis_id: y}}\n      - {type: space, id: x, size: {tensor_id: x,"
                + " axis_id: x}}\noutputs",
            "size: 8}\n      - {type: space, id: x, size: 8}\noutputs",
            "inputs[2].axes[2].size is \"8\", but must be a mapping, since config.diffusion.image"),
        spoil(
            separate,
            "  - id: degraded\n",
            "  - id: degraded\n    data: {type: uint8}\n",
            "tensor \"degraded\" has data.type uint8, but must have float32"),
        spoil(
            separate,
            "outputs:",
            "  - {id: lr_up, axes: [{type: batch}]}\noutputs:",
            "the further tensor \"lr_up\", which this version cannot supply; only image, time and"),
        spoil(
            last,
            "fill: noise",
            "fill: zero",
            CONDITION + "start condition contradicts condition.fill zero: a run must start from"),
        spoil(
            last,
            "condition_last\n      channels: 1",
            "condition_last\n      channels: 2",
            CONDITION + "channels is 2, which contradicts condition.task inpaint"),
        spoil(
            last,
            "[grey, grey with hole]",
            "[grey]",
            "channel_names is [grey], but must be 2 names, since config.diffusion.condition.channels"
                + " + image.channels is 2."),
        spoil(
            first,
            "enlargement: bicubic",
            "enlargement: inside",
            CONDITION + "enlargement inside contradicts condition.tensor: a small image needs"),
        spoil(
            first,
            "enlargement: bicubic",
            "enlargement: bicubic\n      encoder: {source: e.onnx, sha256: "
                + "0".repeat(64)
                + ", input: a, output: b, channels: 4}",
            CONDITION
                + "encoder contradicts condition.tensor: features need an input of their own"),
        spoil(
            inside,
            "factor: 2",
            "factor: 3",
            "size_multiple is 2, which contradicts condition.enlargement inside: it must be a"
                + " multiple of condition.factor, which is 3."),
        spoil(
            residual,
            "value_range: [-1, 1]",
            "value_range: [0, 1]",
            "value_range is [0.0, 1.0], which contradicts condition.residual: it must be [-1, 1]."),
        spoil(
            residual,
            "features\n      channels: 1",
            "features\n      channels: 2",
            CONDITION + "channels is 2, which contradicts condition.residual: it must be 1"),
        spoil(
            residual,
            "        channels: 4\n",
            "        channels: 5\n",
            "but must be 5 names, since config.diffusion.condition.encoder.channels is 5"));
  }

  private static Stream<Arguments> files() {
    return Stream.of("cond-residual", "gauss-level")
        .flatMap(
            model -> {
              boolean encoder = model.equals("cond-residual");
              String file = encoder ? "encoder.onnx" : "level-log.onnx";
              String block = encoder ? CONDITION + "encoder." : BLOCK + "noise_level.";
              String legal = "\", but must be the name of a file in the folder of the card.";
              return Stream.of(
                  spoil(model, file, "../x.onnx", block + "source is \"../x.onnx" + legal),
                  spoil(model, file, "/etc/passwd", block + "source is \"/etc/passwd" + legal),
                  spoil(model, file, "https://a.b/c", block + "source is \"https://a.b/c" + legal),
                  spoil(model, file, ".", block + "source is \"." + legal),
                  spoil(model, "source: " + file, "file: x", block + "file is no known field"));
            });
  }

  private static Stream<Arguments> schedulesAndLevels() {
    String last = "cond-last";
    String level = "gauss-level";
    String sentence =
        BLOCK
            + "test_schedule contradicts time.meaning index: an index belongs to the schedule of"
            + " the training; time.meaning must be sqrt_alpha_bar, alpha_bar, sigma or"
            + " log_sigma_quarter.";
    return Stream.of(
        spoil(
            "gauss",
            "    defaults:",
            "    test_schedule: {kind: cosine, steps: 50}\n    defaults:",
            sentence),
        spoil(last, "beta_end: 0.09", "beta_end: 9", BLOCK + "test_schedule.beta_end is \"9\""),
        spoil(last, "      beta_end: 0.09\n", "", BLOCK + "test_schedule.beta_end is missing"),
        spoil(
            last,
            "beta_end: 0.09",
            "beta_end: 0.09\n      zero_terminal_snr: true",
            BLOCK + "output.meaning is epsilon, which contradicts the test_schedule: its last lev"),
        spoil(
            last,
            "{steps: 20",
            "{steps: 1500",
            "steps is 1500, but must be at most 1000, the steps of the noise schedule in test_sch"),
        spoil(level, "      input: y\n", "", BLOCK + "noise_level.input is missing"),
        spoil(level, "      output: level\n", "", BLOCK + "noise_level.output is missing"),
        spoil(level, "      family: linear\n", "", BLOCK + "noise_level.family is missing"),
        spoil(
            level,
            "family: linear",
            "family: square",
            BLOCK + "noise_level.family is \"square\", but must be one of linear, fibonacci."),
        spoil(
            level,
            "meaning: log_one_minus_alpha_bar",
            "meaning: log",
            BLOCK
                + "noise_level.meaning is \"log\", but must be one of log_one_minus_alpha_bar,"
                + " alpha_bar, sqrt_alpha_bar."),
        spoil(
            level,
            "family: linear",
            "family: linear\n      steps: 6",
            "noise_level.steps is no kn"));
  }

  @ParameterizedTest
  @MethodSource("spoilt")
  void isRefusedByName(String model, String from, String to, String message) throws IOException {
    String spoilt = CardFolder.replaceOnce(CardFolder.text(model), from, to);
    assertSaid(spoilt, message);
  }

  static Stream<Arguments> badHashes() {
    return Stream.of(
        Arguments.of("gauss", "weights.onnx."),
        Arguments.of("cond-residual", CONDITION + "encoder."),
        Arguments.of("gauss-level", BLOCK + "noise_level."));
  }

  /** The last hash of a card is that of its second file, if it has one. */
  @ParameterizedTest
  @MethodSource("badHashes")
  void hashesOfSixtyFourDigits(String model, String block) throws IOException {
    String text = CardFolder.text(model);
    int at = text.lastIndexOf("sha256: ") + "sha256: ".length();
    assertSaid(
        text.substring(0, at) + "x" + text.substring(at + 1),
        block + "sha256 is \"x" + text.substring(at + 1, at + 59));
  }

  private void assertSaid(String text, String message) throws IOException {
    Path file = CardFolder.write(temp, "spoilt", text);
    String said =
        assertThrows(DiffusionException.class, () -> ModelCardReader.read(file)).getMessage();
    assertTrue(said.startsWith("Model card " + file + ": "), said);
    assertTrue(said.contains(message), said);
  }
}
