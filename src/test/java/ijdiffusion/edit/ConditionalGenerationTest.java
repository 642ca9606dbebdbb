package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.Condition;
import ijdiffusion.card.Condition.Fill;
import ijdiffusion.card.Condition.Residual;
import ijdiffusion.card.Condition.Start;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxEncoder;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.PastedRegion;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole runs of exact conditional networks through ONNX: pixels are N(0.8 c + m, 0.04), c the
 * condition.
 */
class ConditionalGenerationTest {
  private static ModelCard card(String name) {
    return ModelCardReader.read(CardFolder.MODELS.resolve(name));
  }

  private static Trajectory leading(ModelCard card, int steps) {
    int size = card.schedule().size();
    int[] grid = IntStream.range(0, steps).map(k -> k * (size / steps)).toArray();
    return Trajectory.down(card.schedule(), grid);
  }

  /**
   * A run is affine in start, mean and noise. The map of the unconditional fixture, whose mean is
   * 0.3, gives that of any mean: x_0 = A x_T + B / 0.3 mean + sqrt(V) xi.
   */
  @ParameterizedTest
  @CsvSource({
    "ddpm_linear1000_small, 1000",
    "ddpm_linear1000_large, 1000",
    "ddim_eta0_50_leading, 50",
    "ddim_eta0.5_50_leading, 50"
  })
  void conditionMovesTheExactMap(String row, int steps) {
    JsonObject map = Reference.load("gaussian_maps").getAsJsonObject("cases").getAsJsonObject(row);
    Sampler sampler =
        row.startsWith("ddim")
            ? new Ddim(row.contains("0.5") ? 0.5 : 0)
            : new Ddpm(row.endsWith("small") ? VarianceType.FIXED_SMALL : VarianceType.FIXED_LARGE);
    ModelCard card = card("cond-separate");
    ConditionalGeneration generation = new ConditionalGeneration(sampler, leading(card, steps));
    Tensor start = new Tensor(new Shape(3, 1, 1, 1), new float[] {0, 0, 100});
    Tensor conditions =
        new Tensor(new Shape(3, 2, 1, 1), new float[] {1, -0.5f, -1, -1, 0.25f, 0.75f});
    double[] means = {0.8 * (0.5 - 0.15) + 0.3, 0.8 * -0.8 + 0.3, 0.8 * (0.125 + 0.225) + 0.3};
    double a = map.get("A").getAsDouble();
    double b = map.get("B").getAsDouble() / 0.3;
    try (OnnxPredictor network = OnnxPredictor.open(card, Device.CPU, 1)) {
      TestNoise silence = TestNoise.startingWith(start, TestNoise.zero());
      Tensor x =
          generation.run(network, conditions, start.shape(), Start.NOISE, silence, Monitor.NONE);
      for (int n = 0; n < 3; n++) {
        // a start of 100 has a rounding a hundred times as large
        double room = n < 2 ? 2e-5 : 2e-3;
        assertEquals(a * start.data()[n] + b * means[n], x.data()[n], room, "image " + n);
      }

      Tensor one = new Tensor(new Shape(1, 2, 1, steps));
      Arrays.fill(one.data(), 0, steps, 0.5f);
      Tensor noisy =
          generation.run(
              network, one, new Shape(1, 1, 1, steps), Start.NOISE, impulses(), Monitor.NONE);
      double mean = b * (0.8 * 0.25 + 0.3);
      double v = 0;
      for (float value : noisy.data()) {
        v += (value - mean) * (value - mean);
      }
      assertEquals(map.get("V").getAsDouble(), v, 2e-5, "V");
    }
  }

  /** Nothing in the first draw, the start; pixel k has the only noise of step k. */
  private static NoiseSource impulses() {
    int[] draw = {-1};
    return z -> {
      z.fill(0);
      if (draw[0] >= 0) {
        z.data()[draw[0]] = 1;
      }
      draw[0]++;
    };
  }

  /** Variance of a DDPM run (fixed_small) of pixels of variance 0.04, from x_T ~ N(0, 1). */
  private static double variance(Trajectory path) {
    double v = 1;
    for (int i = 1; i < path.levels().size(); i++) {
      NoiseLevel t = path.levels().get(i - 1);
      NoiseLevel s = path.levels().get(i);
      double abar = t.alphaBar();
      double before = s.alphaBar();
      double beta = 1 - abar / before;
      double x0 = Math.sqrt(before) * beta / (1 - abar);
      double xt = Math.sqrt(1 - beta) * (1 - before) / (1 - abar);
      double gain = xt + x0 * Math.sqrt(abar) * 0.04 / (0.04 * abar + 1 - abar);
      v = gain * gain * v + beta * (1 - before) / (1 - abar);
    }
    return v;
  }

  @Test
  void superResolutionDrawsFromTheConditionalDistribution() {
    ModelCard card = card("cond-first");
    ConditionalGeneration run = ConditionalGeneration.of(card, SamplerChoice.DDPM, 1, 250);
    assertEquals(250, run.path().stepsDown());
    Shape shape = new Shape(2, 3, 64, 64);
    Tensor condition = new Tensor(shape.withBatch(1));
    KeyedNoise.of(1).next(condition);
    double[] m = {0.1, -0.2, 0.05};
    try (OnnxPredictor network = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = run.run(network, condition, shape, Start.NOISE, KeyedNoise.of(2), Monitor.NONE);
      int n = shape.size();
      double sum = 0;
      double squares = 0;
      double along = 0;
      for (int i = 0; i < n; i++) {
        double c = condition.data()[i % shape.imageSize()];
        double d = x.data()[i] - (0.8 * c + m[i / 4096 % 3]);
        sum += d;
        squares += d * d;
        along += d * c;
      }
      double v = variance(run.path());
      assertEquals(0, sum / n, 4 * Math.sqrt(v / n), "mean");
      assertEquals(v, squares / n, 4 * v * Math.sqrt(2.0 / n), "variance");
      assertEquals(0, along / n, 4 * Math.sqrt(v / n), "what is left of the condition");
    }
  }

  @Test
  void paletteFillsHolesRoundCleanPixels() {
    ModelCard card = card("cond-last");
    Condition condition = card.requireTask(Condition.Task.INPAINT);
    ConditionalGeneration run = ConditionalGeneration.of(card, SamplerChoice.DDPM, 1, 200);
    assertEquals(6.604377303535896e-21, run.path().start().alphaBar(), 1e-29);
    Shape shape = new Shape(1, 1, 128, 128);
    Tensor image = new Tensor(shape);
    Tensor mask = new Tensor(shape);
    for (int i = 0; i < shape.size(); i++) {
      mask.data()[i] = i % 128 < 32 ? 1 : 0;
      image.data()[i] = mask.data()[i] == 1 ? i % 7 / 7f : Float.NaN;
    }
    TestNoise noise = TestNoise.sm42();
    Tensor given =
        ConditionalGeneration.withHole(image, mask, condition.fill().orElseThrow(), noise);
    Tensor x = run.start(condition.start(), given, shape, noise);
    assertArrayEquals(given.data(), x.data());
    assertEquals(1, noise.draws());
    try (OnnxPredictor network = OnnxPredictor.open(card, Device.CPU, 1)) {
      NoisePredictor inner = network.given(given);
      NoisePredictor watching =
          (state, level, out) -> {
            for (int i = 0; i < shape.size(); i++) {
              assertTrue(mask.data()[i] == 0 || state.data()[i] == image.data()[i], "pixel " + i);
            }
            inner.predict(state, level, out);
          };
      run.run(watching, x, new PastedRegion(image, mask), noise, Monitor.NONE);
    }
    assertEquals(1 + 200, noise.draws());
    double sum = 0;
    double squares = 0;
    double along = 0;
    int holes = 0;
    for (int i = 0; i < shape.size(); i++) {
      if (mask.data()[i] == 1) {
        assertEquals(image.data()[i], x.data()[i]);
      } else {
        double d = x.data()[i] - (0.8 * given.data()[i] + 0.3);
        sum += d;
        squares += d * d;
        along += d * given.data()[i];
        holes++;
      }
    }
    double v = variance(run.path());
    assertEquals(0, sum / holes, 4 * Math.sqrt(v / holes), "mean");
    assertEquals(v, squares / holes, 4 * v * Math.sqrt(2.0 / holes), "variance");
    assertEquals(0, along / holes, 4 * Math.sqrt(v / holes), "what is left of the condition");
  }

  @ParameterizedTest
  @CsvSource({"DDPM", "DPMPP_2M"})
  void residualOfTheEncodedImage(SamplerChoice choice) {
    ModelCard card = card("cond-residual");
    int steps = choice == SamplerChoice.DDPM ? 100 : 20;
    ConditionalGeneration run = ConditionalGeneration.of(card, choice, 0, steps);
    Tensor small = new Tensor(new Shape(1, 1, 2, 2), new float[] {-0.8f, 0.1f, 0.5f, 0.7f});
    Shape shape = new Shape(2, 1, 4, 4);
    Tensor enlarged = new Tensor(shape.withBatch(1));
    enlarged.fill(0.125f);
    try (OnnxEncoder encoder = OnnxEncoder.open(card, Device.CPU, 1);
        OnnxPredictor network = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor features = encoder.encode(small);
      TestNoise silence = TestNoise.zero();
      Tensor x = run.start(Start.NOISE, features, shape, silence);
      NoisePredictor clipped = network.given(features).clipped(-1, 1);
      run.run(clipped, x, Constraint.NONE, silence, Monitor.NONE);
      Tensor residual = x.copy();
      ConditionalGeneration.addResidual(
          card.condition().get().residual().orElseThrow(), x, enlarged);
      for (int i = 0; i < x.data().length; i++) {
        int pixel = i % 16 / 8 * 2 + i % 4 / 2;
        double mean = 0.8 * (0.9 * small.data()[pixel] + 0.1) - 0.05;
        // without noise every run ends at the mean, but for the little that it owes to its start
        assertEquals(mean, residual.data()[i], 1e-3, "residual " + i);
        assertEquals(residual.data()[i] / 2 + 0.125, x.data()[i], 1e-7, "image " + i);
      }
    }
  }

  @Test
  void residualsAreLimitedBeforeTheyAreAdded() {
    Tensor x = new Tensor(new Shape(2, 1, 1, 2), new float[] {1.5f, -3, 0.5f, -0.25f});
    Tensor up = new Tensor(new Shape(1, 1, 1, 2), new float[] {0.25f, -0.75f});
    Tensor limited = x.copy();
    ConditionalGeneration.addResidual(new Residual(2, true), limited, up);
    assertArrayEquals(new float[] {0.75f, -1.25f, 0.5f, -0.875f}, limited.data());
    Tensor free = x.copy();
    ConditionalGeneration.addResidual(new Residual(4, false), free, up);
    assertArrayEquals(new float[] {0.625f, -1.5f, 0.375f, -0.8125f}, free.data());
    Tensor each = x.copy();
    ConditionalGeneration.addResidual(new Residual(1, false), each, x);
    assertArrayEquals(new float[] {3, -6, 1, -0.5f}, each.data());
    for (Shape wrong :
        new Shape[] {new Shape(3, 1, 1, 2), new Shape(1, 2, 1, 2), new Shape(1, 1, 2, 1)}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> ConditionalGeneration.addResidual(new Residual(2, true), x, new Tensor(wrong)));
    }
  }

  @Test
  void holesAndStarts() {
    Tensor image = new Tensor(new Shape(1, 1, 1, 3), new float[] {0.5f, Float.NaN, -0.25f});
    Tensor mask = new Tensor(new Shape(1, 1, 1, 3), new float[] {1, 0, 1});
    TestNoise ones = TestNoise.repeating(new Tensor(image.shape(), new float[] {7, 8, 9}));
    assertArrayEquals(
        new float[] {0.5f, 0, -0.25f},
        ConditionalGeneration.withHole(image, mask, Fill.ZERO, ones).data());
    assertEquals(0, ones.draws());
    Tensor noisy = ConditionalGeneration.withHole(image, mask, Fill.NOISE, ones);
    assertArrayEquals(new float[] {0.5f, 8, -0.25f}, noisy.data());
    assertEquals(1, ones.draws());

    ConditionalGeneration run =
        ConditionalGeneration.of(card("cond-last"), SamplerChoice.DDIM, 0, 10);
    Tensor two = run.start(Start.CONDITION, noisy, new Shape(2, 1, 1, 3), ones);
    assertArrayEquals(new float[] {0.5f, 8, -0.25f, 0.5f, 8, -0.25f}, two.data());
    Tensor own = run.start(Start.CONDITION, noisy, noisy.shape(), ones);
    assertTrue(own.data() != noisy.data());
    assertEquals(1, ones.draws());
    Shape other = new Shape(1, 2, 1, 3);
    assertThrows(
        IllegalArgumentException.class, () -> run.start(Start.CONDITION, noisy, other, ones));
    Tensor noise = run.start(Start.NOISE, noisy, noisy.shape(), ones);
    assertArrayEquals(new float[] {7, 8, 9}, noise.data(), 1e-6f);
  }
}
