package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.sun.management.ThreadMXBean;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks that see a condition, against the exact answer of each. */
class ConditionalPredictorTest {
  private static final double TOLERANCE = 5e-5;
  private static final double[] RGB_MEAN = {0.1, -0.2, 0.05};

  @TempDir Path temp;

  private static ModelCard card(String name) {
    return ModelCardReader.read(CardFolder.MODELS.resolve(name));
  }

  private static Tensor random(Shape shape, long seed) {
    Tensor x = new Tensor(shape);
    Random random = new Random(seed);
    for (int i = 0; i < x.data().length; i++) {
      x.data()[i] = (float) (4 * random.nextDouble() - 2);
    }
    return x;
  }

  /** What a network gets beside so many states of 8 x 6 pixels. */
  private static Tensor condition(ModelCard card, int images, long seed) {
    var condition = card.condition().orElseThrow();
    int reduction = condition.reduction();
    return random(new Shape(images, condition.inputChannels(), 8 / reduction, 6 / reduction), seed);
  }

  /** Mean of the pixel (n, c, y, x), by what the script that made the networks says of each. */
  private static double mean(String model, Tensor condition, int n, int c, int y, int x) {
    int image = condition.shape().n() == 1 ? 0 : n;
    return switch (model) {
      case "cond-first" -> ConditionalOracle.mean(at(condition, image, c, y, x), RGB_MEAN[c]);
      case "cond-last" -> ConditionalOracle.mean(at(condition, image, 0, y, x), 0.3);
      case "cond-separate", "cond-pairs" ->
          ConditionalOracle.mean(
              0.5 * at(condition, image, 0, y, x) + 0.3 * at(condition, image, 1, y, x), 0.3);
      case "cond-inside" -> ConditionalOracle.mean(at(condition, image, 0, y / 2, x / 2), 0.3);
      case "cond-residual" -> {
        double[] weights = {0.4, 0.4, -0.2, 0.1};
        double sum = 0;
        for (int f = 0; f < 4; f++) {
          sum += weights[f] * at(condition, image, f, y / 2, x / 2);
        }
        yield ConditionalOracle.mean(sum, -0.05);
      }
      default -> throw new IllegalArgumentException(model);
    };
  }

  private static double at(Tensor t, int n, int c, int y, int x) {
    Shape s = t.shape();
    return t.data()[((n * s.c() + c) * s.h() + y) * s.w() + x];
  }

  private static void assertExact(
      String model, Tensor x, Tensor condition, NoiseLevel level, Prediction out) {
    double abar = ConditionalOracle.told(model, level);
    Shape s = x.shape();
    for (int i = 0; i < s.size(); i++) {
      int column = i % s.w();
      int row = i / s.w() % s.h();
      int channel = i / s.planeSize() % s.c();
      double mean = mean(model, condition, i / s.imageSize(), channel, row, column);
      double eps = ConditionalOracle.eps(x.data()[i], mean, abar);
      assertEquals(eps, out.eps().data()[i], TOLERANCE * Math.max(1, Math.abs(eps)), "eps " + i);
      double x0 = (x.data()[i] - level.sigma() * eps) / level.alpha();
      double room = TOLERANCE * Math.max(1, level.noiseToSignal()) * Math.max(1, Math.abs(eps));
      assertEquals(x0, out.x0().data()[i], room, "x_0 " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cond-first, 1",
    "cond-first, 3",
    "cond-last, 1",
    "cond-last, 3",
    "cond-pairs, 1",
    "cond-pairs, 3",
    "cond-separate, 1",
    "cond-separate, 3",
    "cond-inside, 1",
    "cond-inside, 3",
    "cond-residual, 1",
    "cond-residual, 3"
  })
  void everyPixelSeesItsOwnCondition(String model, int conditions) {
    ModelCard card = card(model);
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = random(new Shape(3, card.channels(), 8, 6), 1);
      Tensor condition = condition(card, conditions, 2);
      Tensor before = condition.copy();
      Prediction out = new Prediction(x.shape(), predictor.predictsVariance());
      assertEquals(model.equals("cond-inside"), predictor.predictsVariance());
      for (int t : new int[] {0, 1, 30, 60, 95}) {
        NoiseLevel level = card.samplingSchedule().level(t);
        predictor.predict(x, condition, level, out);
        assertExact(model, x, condition, level, out);
        Prediction given = new Prediction(x.shape(), predictor.predictsVariance());
        NoisePredictor other = predictor.given(condition);
        other.predict(x, level, given);
        assertArrayEquals(out.eps().data(), given.eps().data());
        assertEquals(predictor.predictsVariance(), other.predictsVariance());
      }
      assertArrayEquals(before.data(), condition.data());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cond-first, condition_first, condition_last, 3",
    "cond-last, condition_last, condition_first, 1"
  })
  void theWrongOrderOfChannelsIsSeen(String model, String right, String wrong, int channels)
      throws IOException {
    String text = CardFolder.replaceOnce(CardFolder.text(model), right, wrong);
    Path network = CardFolder.MODELS.resolve(model).resolve("model.onnx");
    ModelCard card = ModelCardReader.read(CardFolder.modelWith(temp, text, network));
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = random(new Shape(1, channels, 8, 6), 1);
      Tensor condition = condition(card, 1, 2);
      NoiseLevel level = card.schedule().level(300);
      Prediction out = new Prediction(x.shape(), false);
      predictor.predict(x, condition, level, out);
      assertThrows(
          AssertionError.class, () -> assertExact(model, x, condition, level, out), "not seen");
    }
  }

  /** x = 0 and c = 0 give eps = -sqrt(a (1 - a)) m / (0.04 a + 1 - a), which tells a. */
  @ParameterizedTest
  @CsvSource({"cond-first, sr3_noise_level_input", "cond-last, palette_gamma_input"})
  void networksAreToldTheLevelOfTheOriginalCodes(String model, String reference) {
    ModelCard card = card(model);
    boolean sr3 = model.equals("cond-first");
    JsonObject told = Reference.load("analytic_and_tables").getAsJsonObject(reference);
    DiscreteSchedule schedule = card.samplingSchedule();
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      int channels = card.channels();
      Tensor zeros = new Tensor(new Shape(1, channels, 2, 2));
      Prediction out = new Prediction(zeros.shape(), false);
      for (int t : sr3 ? new int[] {1999, 1000, 0} : new int[] {999, 500, 0}) {
        double number = told.get("t=" + t).getAsDouble();
        double abar = sr3 ? (double) (float) number * (float) number : (float) number;
        predictor.predict(zeros, zeros, schedule.level(t), out);
        double expected = ConditionalOracle.eps(0, sr3 ? 0.1 : 0.3, abar);
        assertEquals(expected, out.eps().data()[0], 2e-6 * Math.abs(expected), "t = " + t);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cond-first", "cond-last", "cond-separate", "cond-inside", "cond-residual"})
  void windowsAreCutOutOfTheWhole(String model) {
    ModelCard card = card(model);
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = random(new Shape(2, card.channels(), 8, 6), 3);
      NoiseLevel level = card.samplingSchedule().level(70);
      boolean variance = predictor.predictsVariance();
      Prediction whole = new Prediction(x.shape(), variance);
      for (int images = 1; images <= 2; images++) {
        Tensor condition = condition(card, images, 4);
        predictor.predict(x, condition, level, whole);
        WindowPredictor windows = predictor.windows(condition);
        assertEquals(variance, windows.predictsVariance());
        for (Window w :
            new Window[] {
              new Window(0, 0, 6, 8),
              new Window(2, 4, 4, 2),
              new Window(0, 2, 6, 4),
              new Window(4, 0, 2, 8)
            }) {
          Tensor part = new Tensor(new Shape(2, card.channels(), w.height(), w.width()));
          Tensor expected = new Tensor(part.shape());
          x.copyWindow(w, part);
          whole.eps().copyWindow(w, expected);
          Prediction out = new Prediction(part.shape(), variance);
          windows.predict(part, w, level, out);
          assertArrayEquals(expected.data(), out.eps().data(), "window " + w);
        }
      }
    }
  }

  @Test
  void windowsThatDoNotFit() {
    ModelCard card = card("cond-inside");
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = new Tensor(new Shape(1, 1, 4, 4));
      Prediction out = new Prediction(x.shape(), true);
      NoiseLevel level = card.schedule().level(5);
      WindowPredictor windows = predictor.windows(condition(card, 1, 1));
      assertEquals(
          "Window of 4 x 4 pixels at (1, 0): all must be multiples of 2",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> windows.predict(x, new Window(1, 0, 4, 4), level, out))
              .getMessage());
      assertEquals(
          "Window of 2 x 2 pixels at (2, 0) is not inside Tensor(1, 1, 4, 3)",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> windows.predict(x, new Window(4, 0, 4, 4), level, out))
              .getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 4, 4, 3", "1, 3, 4, 3", "1, 4, 8, 6", "1, 4, 4, 2"})
  void conditionsThatDoNotFit(int n, int channels, int height, int width) {
    ModelCard card = card("cond-residual");
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = new Tensor(new Shape(3, 1, 8, 6));
      Tensor condition = new Tensor(new Shape(n, channels, height, width));
      Prediction out = new Prediction(x.shape(), false);
      NoiseLevel level = card.schedule().level(5);
      String said =
          assertThrows(
                  IllegalArgumentException.class, () -> predictor.predict(x, condition, level, out))
              .getMessage();
      assertTrue(
          said.endsWith(
              "for states (3, 1, 8, 6): it must have 4 channels, one image or as many as the state,"
                  + " and sides 2 times smaller"),
          said);
    }
  }

  @Test
  void withAndWithoutConditionAreNotMixedUp() {
    Tensor x = new Tensor(new Shape(1, 1, 4, 4));
    Prediction out = new Prediction(x.shape(), false);
    ModelCard conditional = card("cond-last");
    try (OnnxPredictor predictor = OnnxPredictor.open(conditional, Device.CPU, 1)) {
      NoiseLevel level = conditional.schedule().level(5);
      assertEquals(
          "Model Test model cond-last is made to fill holes in images and draws nothing without"
              + " such an image; choose a model whose card has no condition.",
          assertThrows(DiffusionException.class, () -> predictor.predict(x, level, out))
              .getMessage());
    }
    ModelCard plain = card("gauss");
    try (OnnxPredictor predictor = OnnxPredictor.open(plain, Device.CPU, 1)) {
      NoiseLevel level = plain.schedule().level(5);
      String said = "Model Test model gauss takes no condition; choose a model whose card has one.";
      assertEquals(
          said,
          assertThrows(DiffusionException.class, () -> predictor.predict(x, x, level, out))
              .getMessage());
      assertEquals(
          said, assertThrows(DiffusionException.class, () -> predictor.windows(x)).getMessage());
    }
  }

  /** What a network is and its card is not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cond-first | cond-last | input \"x\" has 2 channels, but its card says 6.",
        "cond-last | gauss | input \"x\" has 1 channels, but its card says 2.",
        "cond-separate | gauss | has no input \"degraded\" as its card says; its inputs are x, t.",
        "cond-inside | cond-separate | has no input \"small\" as its card says",
        "gauss | cond-separate | needs the further input degraded, which this version cannot supply"
      })
  void networkThatIsNotWhatItsCardSays(String cardOf, String networkOf, String message)
      throws IOException {
    Path network = CardFolder.MODELS.resolve(networkOf).resolve("model.onnx");
    ModelCard card =
        ModelCardReader.read(CardFolder.modelWith(temp, CardFolder.text(cardOf), network));
    String said =
        assertThrows(DiffusionException.class, () -> OnnxPredictor.open(card, Device.CPU, 1))
            .getMessage();
    assertTrue(said.contains(message), said);
  }

  @Test
  void conditionOfOtherChannels() throws IOException {
    String text =
        CardFolder.text("cond-separate")
            .replace("channels: 2\n", "channels: 3\n")
            .replace("first, second", "a, b, c");
    Path network = CardFolder.MODELS.resolve("cond-separate/model.onnx");
    ModelCard card = ModelCardReader.read(CardFolder.modelWith(temp, text, network));
    String said =
        assertThrows(DiffusionException.class, () -> OnnxPredictor.open(card, Device.CPU, 1))
            .getMessage();
    assertTrue(said.contains("input \"degraded\" has 2 channels, but its card says 3."), said);
  }

  /** The state alone has 256 KiB, a condition as many for each of its channels. */
  @ParameterizedTest
  @ValueSource(strings = {"cond-last", "cond-separate", "cond-inside"})
  void stepsAllocateNoImages(String model) {
    ModelCard card = card(model);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = random(new Shape(1, 1, 256, 256), 1);
      var condition = card.condition().orElseThrow();
      int side = 256 / condition.reduction();
      Tensor given = random(new Shape(1, condition.inputChannels(), side, side), 2);
      Prediction out = new Prediction(x.shape(), predictor.predictsVariance());
      NoiseLevel level = card.samplingSchedule().level(50);
      WindowPredictor windows = predictor.windows(given);
      Window whole = new Window(0, 0, 256, 256);
      predictor.predict(x, given, level, out);
      windows.predict(x, whole, level, out);
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10; i++) {
        predictor.predict(x, given, level, out);
        windows.predict(x, whole, level, out);
      }
      long perCall = (threads.getCurrentThreadAllocatedBytes() - before) / 20;
      assertTrue(perCall < 16_384, perCall + " bytes a call");
      assertFalse(perCall < 0);
    }
  }
}
