package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition.Enlargement;
import ijdiffusion.card.Condition.Fill;
import ijdiffusion.card.Condition.Order;
import ijdiffusion.card.Condition.Residual;
import ijdiffusion.card.Condition.Start;
import ijdiffusion.card.Condition.Task;
import ijdiffusion.card.Condition.Upscaling;
import ijdiffusion.model.NoiseLevelNetwork;
import ijdiffusion.schedule.BetaFamily;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.tensor.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cards of networks with a condition, of Palette's test schedule and of noise estimators. */
class ConditionCardTest {
  @TempDir Path temp;

  private static ModelCard card(String name) {
    return ModelCardReader.read(CardFolder.MODELS.resolve(name));
  }

  private ModelCard read(String text) throws IOException {
    return ModelCardReader.read(CardFolder.write(temp, "card", text));
  }

  @Test
  void superResolutionByConcatenation() {
    ModelCard card = card("cond-first");
    assertEquals(
        Optional.of(
            new Condition(
                "x",
                Optional.of(Order.CONDITION_FIRST),
                3,
                Task.UPSCALE,
                Optional.of(new Upscaling(4, Enlargement.BICUBIC)),
                Optional.empty(),
                Start.NOISE,
                Optional.empty(),
                Optional.empty())),
        card.condition());
    assertEquals(3, card.channels());
    assertEquals(1, card.condition().get().reduction());
    assertSame(card.schedule(), card.samplingSchedule());
  }

  @Test
  void inpaintingStartsFromItsCondition() {
    assertEquals(
        Optional.of(
            new Condition(
                "x",
                Optional.of(Order.CONDITION_LAST),
                1,
                Task.INPAINT,
                Optional.empty(),
                Optional.of(Fill.NOISE),
                Start.CONDITION,
                Optional.empty(),
                Optional.empty())),
        card("cond-last").condition());
  }

  @Test
  void palettesTwoSchedules() {
    ModelCard card = card("cond-last");
    assertEquals(2000, card.schedule().size());
    assertEquals(1000, card.samplingSchedule().size());
    JsonObject gammas =
        Reference.load("analytic_and_tables").getAsJsonObject("palette_gamma_input");
    for (int t : new int[] {999, 500, 0}) {
      double gamma = gammas.get("t=" + t).getAsDouble();
      assertEquals(gamma, card.samplingSchedule().alphaBar(t), 1e-9 * gamma);
    }
    DiscreteSchedule sr3 = DiscreteSchedule.linear(2000, 1e-6, 1e-2);
    assertEquals(sr3.level(1234), card.schedule().level(1234));
  }

  @Test
  void residualsAndTheirEncoder() {
    ModelCard card = card("cond-residual");
    Condition condition = card.condition().orElseThrow();
    assertEquals(Optional.of(new Residual(2, true)), condition.residual());
    Condition.Encoder encoder = condition.encoder().orElseThrow();
    assertEquals("image", encoder.input());
    assertEquals("features", encoder.output());
    assertEquals(1, condition.channels());
    assertEquals(4, condition.inputChannels());
    assertEquals(2, condition.reduction());
    assertTrue(encoder.weights().load().hasRemaining());
  }

  @Test
  void oneWholeImageInAnInputOfItsOwn() {
    Condition condition = card("cond-separate").condition().orElseThrow();
    assertEquals(Optional.empty(), condition.encoder());
    assertEquals("degraded", condition.name());
    assertEquals(Task.RESTORE, condition.task());
    assertEquals(Start.NOISE, condition.start());
    assertEquals(1, condition.reduction());
  }

  @Test
  void noiseEstimator() throws IOException {
    NoiseEstimator estimator = card("gauss-level").noiseLevel().orElseThrow();
    assertEquals("y", estimator.input());
    assertEquals("level", estimator.output());
    assertEquals(NoiseLevelNetwork.Output.LOG_ONE_MINUS_ALPHA_BAR, estimator.meaning());
    assertEquals(BetaFamily.LINEAR, estimator.family());
    assertTrue(estimator.weights().load().hasRemaining());
    String text = CardFolder.text("gauss-level").replace("family: linear", "family: fibonacci");
    assertEquals(BetaFamily.FIBONACCI, read(text).noiseLevel().get().family());
  }

  @ParameterizedTest
  @CsvSource({"ALPHA_BAR, 0.84", "SQRT_ALPHA_BAR, 0.916515138991168", "LOG_ONE_MINUS_ALPHA_BAR,"})
  void meaningsOfAnEstimate(NoiseLevelNetwork.Output meaning, Double value) {
    double said = value == null ? Math.log(0.16) : value;
    assertEquals(0.84, meaning.alphaBar(said), 1e-12);
  }

  @ParameterizedTest
  @EnumSource(Task.class)
  void everyTaskHasItsName(Task task) throws IOException {
    String text = CardFolder.text("cond-separate");
    String added =
        task.hasHole() ? "\n      fill: zero" : task == Task.UPSCALE ? UPSCALE_BICUBIC : "";
    text = text.replace("task: restore", "task: " + Fields.spelling(task) + added);
    if (task.hasHole()) {
      text = text.replace("channels: 2\n", "channels: 1\n").replace("first, second", "one");
    }
    assertEquals(task, read(text).condition().orElseThrow().task());
  }

  private static final String UPSCALE_BICUBIC = "\n      factor: 3\n      enlargement: bicubic";

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "other"})
  void fixedSizesOfCondition(String kind) throws IOException {
    String text =
        CardFolder.text("cond-inside")
            .replace("size_multiple: 2", "size_multiple: 2\n      width: 8\n      height: 4")
            .replaceFirst("id: y, size: \\{min: 2, step: 2}", "id: y, size: 4")
            .replaceFirst("id: x, size: \\{min: 2, step: 2}", "id: x, size: 8")
            .replaceFirst("id: y, size: \\{min: 1, step: 1}", "id: y, size: 2");
    if (kind.equals("scalar")) {
      String fits = text.replaceFirst("id: x, size: \\{min: 1, step: 1}", "id: x, size: 4");
      assertEquals(Optional.of(new FixedSize(8, 4)), read(fits).image().fixedSize());
    } else {
      String wrong = text.replaceFirst("id: x, size: \\{min: 1, step: 1}", "id: x, size: 8");
      assertTrue(said(wrong).contains("inputs[2].axes[3].size is \"8\", but must be 4, since"));
    }
  }

  @Test
  void commandsWithoutConditionRefuseTheCard() {
    ModelCard unconditional = card("gauss");
    assertSame(unconditional, unconditional.requireUnconditional());
    assertEquals(
        "Model Test model cond-first is made to upscale images and draws nothing without such an"
            + " image; choose a model whose card has no condition.",
        assertThrows(DiffusionException.class, () -> card("cond-first").requireUnconditional())
            .getMessage());
  }

  @Test
  void commandsForATaskRefuseOtherCards() {
    ModelCard card = card("cond-first");
    assertSame(card.condition().get(), card.requireTask(Task.UPSCALE));
    assertEquals(
        "Model Test model cond-first is not made to fill holes in images but to upscale images;"
            + " choose a model whose card has condition.task inpaint.",
        assertThrows(DiffusionException.class, () -> card.requireTask(Task.INPAINT)).getMessage());
    assertEquals(
        "Model Test model gauss is not made to colour images; choose a model whose card has"
            + " condition.task colorize.",
        assertThrows(DiffusionException.class, () -> card("gauss").requireTask(Task.COLORIZE))
            .getMessage());
  }

  @Test
  void secondFilesAreCheckedLikeTheFirst() throws IOException {
    Path residual =
        CardFolder.write(temp, "residual", CardFolder.text("cond-residual")).getParent();
    Files.writeString(residual.resolve("encoder.onnx"), "something else");
    Path level = CardFolder.write(temp, "level", CardFolder.text("gauss-level")).getParent();
    Files.writeString(level.resolve("level-log.onnx"), "something else");
    for (Weights weights :
        new Weights[] {
          ModelCardReader.read(residual).condition().get().encoder().get().weights(),
          ModelCardReader.read(level).noiseLevel().get().weights()
        }) {
      String message = assertThrows(DiffusionException.class, weights::load).getMessage();
      assertTrue(message.startsWith("Model file " + weights.file() + " is not the one"), message);
    }
  }

  private String said(String text) throws IOException {
    Path file = CardFolder.write(temp, "spoilt", text);
    return assertThrows(DiffusionException.class, () -> ModelCardReader.read(file)).getMessage();
  }
}
