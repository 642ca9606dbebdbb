package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.model.Prediction;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

class OnnxPredictorTest {
  private static final Path MODELS = Path.of("src/test/resources/models");
  private static final int[] TIMES = {0, 1, 10, 100, 500, 999};
  private static final double TOLERANCE = 5e-5;

  /** Exact eps for pixels N(mean, 0.04). */
  private static DoubleUnaryOperator gaussian(NoiseLevel level, double mean) {
    double a = level.alphaBar();
    return x -> Math.sqrt(1 - a) * (x - Math.sqrt(a) * mean) / (a * 0.04 + (1 - a));
  }

  /** Exact eps for pixels 0.3 N(-0.5, 0.01) + 0.7 N(0.5, 0.01). */
  private static DoubleUnaryOperator mixture(NoiseLevel level) {
    double a = level.alphaBar();
    double v = a * 0.01 + (1 - a);
    return x -> {
      double low = x + Math.sqrt(a) * 0.5;
      double high = x - Math.sqrt(a) * 0.5;
      double odds = 0.7 / 0.3 * Math.exp((low * low - high * high) / (2 * v));
      double share = odds == Double.POSITIVE_INFINITY ? 1 : odds / (1 + odds);
      return Math.sqrt(1 - a) * ((1 - share) * low + share * high) / v;
    };
  }

  private static ModelCard card(String name) {
    return ModelCardReader.read(MODELS.resolve(name));
  }

  /** States as a run meets them: values from -3 to 3. */
  private static Tensor state(Shape shape, long seed) {
    Tensor x = new Tensor(shape);
    Random random = new Random(seed);
    for (int i = 0; i < x.data().length; i++) {
      x.data()[i] = (float) (6 * random.nextDouble() - 3);
    }
    return x;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gauss",
        "gauss-v",
        "gauss-x0",
        "gauss-2c",
        "gauss-int64",
        "gauss-score",
        "gauss-learned",
        "gauss-reversed",
        "gauss-scaled-time",
        "gauss-v-zero",
        "gauss-edm",
        "mixture"
      })
  void whateverTheNetworkSaysBecomesExactNoise(String name) {
    ModelCard card = card(name);
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      boolean learned = name.equals("gauss-2c") || name.equals("gauss-learned");
      assertEquals(learned, predictor.predictsVariance());
      for (int time : TIMES) {
        int t = Math.min(time, card.schedule().size() - 1);
        NoiseLevel level = card.schedule().level(t);
        DoubleUnaryOperator exact = name.equals("mixture") ? mixture(level) : gaussian(level, 0.3);
        double tolerance = TOLERANCE;
        Tensor x = state(new Shape(3, 1, 9, 7), t);
        Tensor before = x.copy();
        Prediction out = new Prediction(x.shape(), predictor.predictsVariance());
        predictor.predict(x, level, out);
        assertArrayEquals(before.data(), x.data());
        for (int i = 0; i < x.data().length; i++) {
          double eps = exact.applyAsDouble(x.data()[i]);
          assertEquals(eps, out.eps().data()[i], tolerance, "eps at t = " + t);
          boolean pure = level.alpha() == 0;
          double x0 = pure ? 0.3 : (x.data()[i] - level.sigma() * eps) / level.alpha();
          double room = pure ? tolerance : tolerance * Math.max(1, level.noiseToSignal());
          assertEquals(x0, out.x0().data()[i], room, "x_0 at t = " + t);
          if (predictor.predictsVariance()) {
            double a = level.alphaBar();
            double variance = name.equals("gauss-2c") ? 0 : Math.log(a * 0.04 + 1 - a);
            assertEquals(variance, out.variance().data()[i], 1e-6);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gauss-int64", "gauss-reversed"})
  void integersForLevelsOfTheTableOnly(String name) {
    ModelCard card = card(name);
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = state(new Shape(1, 1, 4, 4), 2);
      Prediction expected = new Prediction(x.shape(), false);
      Prediction found = new Prediction(x.shape(), false);
      for (int t : new int[] {1, 416, 999}) {
        NoiseLevel level = card.schedule().level(t);
        predictor.predict(x, level, expected);
        // the way back from sigma / alpha gives an index that rounding may have moved a little
        NoiseLevel back = card.schedule().levelOf(level.noiseToSignal());
        predictor.predict(x, back, found);
        assertArrayEquals(expected.eps().data(), found.eps().data(), 1e-6f);
        NoiseLevel near = new NoiseLevel(t - 1e-7, level.alpha(), level.sigma());
        predictor.predict(x, near, found);
        assertArrayEquals(expected.eps().data(), found.eps().data());
      }
      NoiseLevel between = new NoiseLevel(416.25, 0.5, Math.sqrt(0.75));
      DiffusionException e =
          assertThrows(DiffusionException.class, () -> predictor.predict(x, between, expected));
      assertEquals(
          "Model Test model "
              + name
              + " takes whole indices only, but this run visits index "
              + (name.equals("gauss-int64") ? "416.25" : "582.75")
              + ", between two levels of the model's noise schedule; choose a sampler or a spacing"
              + " that stays on the schedule.",
          e.getMessage());
    }
  }

  @Test
  void levelsBetweenThoseOfTheTableAreExactWhereTheNetworkTakesSigma() {
    ModelCard card = card("gauss-edm");
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = state(new Shape(2, 1, 3, 3), 6);
      Prediction out = new Prediction(x.shape(), false);
      for (double ratio : new double[] {0.05, 0.7, 12.3}) {
        NoiseLevel level = card.schedule().levelOf(ratio);
        predictor.predict(x, level, out);
        for (int i = 0; i < x.data().length; i++) {
          double eps = gaussian(level, 0.3).applyAsDouble(x.data()[i]);
          assertEquals(eps, out.eps().data()[i], TOLERANCE);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gauss-2c", "gauss-learned"})
  void learnedVariancesReachTheSampler(String name) {
    ModelCard card = card(name);
    NoiseLevel level = card.schedule().level(300);
    NoiseLevel next = card.schedule().level(250);
    Tensor quiet = state(new Shape(1, 1, 4, 4), 8);
    Tensor noisy = quiet.copy();
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Sampler ddpm = new Ddpm(card.variance());
      ddpm.begin(predictor, quiet.shape()).step(quiet, level, next, z -> Arrays.fill(z.data(), 0));
      ddpm.begin(predictor, noisy.shape()).step(noisy, level, next, z -> Arrays.fill(z.data(), 1));
    }
    double beta = 1 - level.alphaBar() / next.alphaBar();
    double small = beta * (1 - next.alphaBar()) / (1 - level.alphaBar());
    double variance =
        name.equals("gauss-2c")
            ? Math.sqrt(beta * small)
            : level.alphaBar() * 0.04 + 1 - level.alphaBar();
    for (int i = 0; i < 16; i++) {
      assertEquals(Math.sqrt(variance), noisy.data()[i] - quiet.data()[i], 1e-6);
    }
  }

  @Test
  void channelsKeepTheirOrder() {
    ModelCard card = card("gauss-rgb");
    double[] means = {0.3, -0.2, 0.1};
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = state(new Shape(2, 3, 4, 5), 1);
      Prediction out = new Prediction(x.shape(), false);
      NoiseLevel level = card.schedule().level(250);
      predictor.predict(x, level, out);
      for (int i = 0; i < x.data().length; i++) {
        double eps = gaussian(level, means[i / 20 % 3]).applyAsDouble(x.data()[i]);
        assertEquals(eps, out.eps().data()[i], TOLERANCE);
      }
    }
  }

  @Test
  void sizesMayChangeBetweenCalls() {
    ModelCard card = card("gauss");
    NoiseLevel level = card.schedule().level(100);
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      for (Shape shape :
          new Shape[] {new Shape(1, 1, 8, 8), new Shape(2, 1, 3, 70), new Shape(1, 1, 8, 8)}) {
        Tensor x = state(shape, 3);
        Prediction out = new Prediction(shape, false);
        predictor.predict(x, level, out);
        double last = x.data()[shape.size() - 1];
        assertEquals(
            gaussian(level, 0.3).applyAsDouble(last),
            out.eps().data()[shape.size() - 1],
            TOLERANCE);
      }
    }
  }

  @Test
  void nucleiTestTensors() throws Exception {
    Path folder = Path.of("models/nuclei");
    ModelCard card = ModelCardReader.read(folder);
    Tensor x = new Tensor(new Shape(1, 1, 32, 32), Npy.floats(folder.resolve("test_x.npy")));
    double alpha = Npy.floats(folder.resolve("test_level.npy"))[0];
    double sigma = Math.sqrt(1 - alpha * alpha);
    Tensor v = new Tensor(x.shape(), Npy.floats(folder.resolve("test_v.npy")));
    Tensor eps = new Tensor(x.shape());
    eps.setSum(alpha, v, sigma, x); // v = alpha eps - sigma x_0 and x = alpha x_0 + sigma eps
    Prediction out = new Prediction(x.shape(), false);
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 0)) {
      predictor.predict(x, card.schedule().levelOf(sigma / alpha), out);
      assertEquals("CPU", predictor.provider());
      assertEquals("", predictor.note());
      assertEquals(PhysicalCores.count(), predictor.threads());
      assertTrue(predictor.runtime().startsWith("ONNX Runtime 1."));
    }
    assertArrayEquals(eps.data(), out.eps().data(), 1e-4f);
  }

  @ParameterizedTest
  @CsvSource({
    "false, 2, 2, false",
    "false, 1, 2, true",
    "false, 8, 16, true",
    "true, 1, 1, false",
    "true, 8, 8, true"
  })
  void processorsAreLeftWhereTheNetworkDoesNotTakeThem(
      boolean cuda, int threads, int processors, boolean left) {
    assertEquals(left, OnnxPredictor.leavesProcessors(cuda, threads, processors));
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "176, 160"})
  void pixelsDoNotDependOnThreadsOrBatch(int height, int width) {
    ModelCard card = ModelCardReader.read(Path.of("models/nuclei"));
    Tensor x = state(new Shape(5, 1, height, width), 5);
    Prediction one = new Prediction(x.shape(), false);
    for (int t : new int[] {20, 700}) {
      NoiseLevel level = card.schedule().level(t);
      try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
        predictor.predict(x, level, one);
      }
      for (int threads : new int[] {2, 4}) {
        try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, threads)) {
          Prediction many = new Prediction(x.shape(), false);
          predictor.predict(x, level, many);
          assertArrayEquals(one.eps().data(), many.eps().data(), threads + " threads");
          Prediction alone = new Prediction(x.shape().withBatch(1), false);
          predictor.predict(x.image(1), level, alone);
          assertArrayEquals(one.eps().image(1).data(), alone.eps().data(), "alone");
        }
      }
    }
  }

  @Test
  void sizesThatDoNotFit() {
    try (OnnxPredictor predictor =
        OnnxPredictor.open(ModelCardReader.read(Path.of("models/nuclei")), Device.CPU, 1)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> run(predictor, 1, 64, 72));
      assertEquals(
          "Images (1, 1, 64, 72): height and width must be multiples of 16", e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> run(predictor, 3, 64, 64));
    }
    try (OnnxPredictor predictor = OnnxPredictor.open(card("gauss-fixed28"), Device.CPU, 1)) {
      run(predictor, 1, 28, 28);
      DiffusionException e =
          assertThrows(DiffusionException.class, () -> run(predictor, 1, 28, 56));
      assertEquals(
          "Model Test model gauss-fixed28 takes images of 28 x 28 pixels only, not 56 x 28;"
              + " choose a model of free size.",
          e.getMessage());
    }
  }

  private static void run(OnnxPredictor predictor, int channels, int height, int width) {
    Shape shape = new Shape(1, channels, height, width);
    NoiseLevel level = predictor.card().schedule().level(500);
    predictor.predict(new Tensor(shape), level, new Prediction(shape, false));
  }

  @Test
  void outputThatIsNoNumberIsRefused() {
    try (OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.CPU, 1)) {
      Tensor x = new Tensor(new Shape(2, 1, 4, 4));
      x.data()[20] = Float.POSITIVE_INFINITY;
      Prediction out = new Prediction(x.shape(), false);
      NoiseLevel level = predictor.card().schedule().level(500);
      DiffusionException e =
          assertThrows(DiffusionException.class, () -> predictor.predict(x, level, out));
      assertEquals(
          "Model Test model gauss returned Infinity instead of a number; check the image for NaN"
              + " and infinite pixels or choose another model.",
          e.getMessage());
    }
  }

  @Test
  void cudaFailsLoudlyAndAutoDoesNot() {
    DiffusionException e;
    try (OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.CUDA, 1)) {
      throw new TestAbortedException("A CUDA device works here: " + predictor.provider());
    } catch (DiffusionException refusal) {
      e = refusal;
    }
    assertTrue(e.getMessage().startsWith("The CUDA device cannot be used ("), e.getMessage());
    assertTrue(e.getMessage().contains("ORT_"), e.getMessage());
    assertTrue(e.getMessage().contains("; choose device=cpu, or install CUDA"), e.getMessage());
    try (OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.AUTO, 1)) {
      assertEquals("CPU", predictor.provider());
      run(predictor, 1, 8, 8);
    }
  }

  @Test
  void threadsInRange() {
    DiffusionException e =
        assertThrows(
            DiffusionException.class, () -> OnnxPredictor.open(card("gauss"), Device.CPU, -1));
    assertEquals("threads is -1, but must be from 0 to 1024.", e.getMessage());
  }
}
