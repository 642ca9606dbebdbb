package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.edit.RePaint;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens when a CUDA device fails while a run is under way, on one that fails to order. */
@Timeout(120)
class DeviceFailureTest {
  private static final String FAILED =
      "The CUDA device failed when running model Test model gauss (" + FakeCuda.REASON + ")";

  static ModelCard card(String name) {
    return ModelCardReader.read(CardFolder.MODELS.resolve(name));
  }

  static Tensor state(int n, int channels, int height, int width) {
    Tensor x = new Tensor(new Shape(n, channels, height, width));
    KeyedNoise.of(7).next(x);
    return x;
  }

  static Prediction predict(OnnxPredictor predictor, Tensor x) {
    Prediction out = new Prediction(x.shape(), predictor.predictsVariance());
    predictor.predict(x, level(predictor), out);
    return out;
  }

  private static NoiseLevel level(OnnxPredictor predictor) {
    return predictor.card().schedule().level(400);
  }

  /** What the CPU says, without a device anywhere. */
  private static Prediction onCpu(String model, Tensor x) {
    try (OnnxPredictor predictor = OnnxPredictor.open(card(model), Device.CPU, 1)) {
      return predict(predictor, x);
    }
  }

  private static void assertEqual(Prediction expected, Prediction found, float tolerance) {
    if (tolerance == 0) {
      assertArrayEquals(expected.eps().data(), found.eps().data());
      assertArrayEquals(expected.x0().data(), found.x0().data());
    } else {
      assertArrayEquals(expected.eps().data(), found.eps().data(), tolerance);
      assertArrayEquals(expected.x0().data(), found.x0().data(), 10 * tolerance);
    }
  }

  @Test
  void aDeviceThatWorksIsUsedAsItIs() {
    Tensor x = state(3, 1, 64, 80);
    try (FakeCuda cuda = new FakeCuda();
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.AUTO, 1)) {
      assertEqual(onCpu("gauss", x), predict(predictor, x), 0);
      assertEquals(List.of("1 x 64 x 64", "3 x 64 x 80"), cuda.calls());
      assertEquals("CUDA", predictor.provider());
      assertEquals("device 0, TF32 off", predictor.deviceSettings());
      assertTrue(predictor.onCuda());
      assertEquals("", predictor.note());
    }
  }

  @Test
  void imagesGoOneByOneWhereAllAreTooMuch() {
    Tensor x = state(4, 1, 64, 80);
    try (FakeCuda cuda = new FakeCuda().withMemoryFor(64 * 80);
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.CUDA, 1)) {
      assertEqual(onCpu("gauss", x), predict(predictor, x), 0);
      predict(predictor, x); // it is not tried with all again
      String one = "1 x 64 x 80";
      assertEquals(
          List.of("1 x 64 x 64", "4 x 64 x 80", one, one, one, one, one, one, one, one),
          cuda.calls());
      assertEquals(FAILED + "; goes on with one image at a time.", predictor.note());
      assertEquals("CUDA", predictor.provider());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gauss", "gauss-learned", "gauss-rgb", "mixture"})
  void thenInTilesOfHalfTheSide(String model) {
    Tensor x = state(1, model.equals("gauss-rgb") ? 3 : 1, 200, 256);
    try (FakeCuda cuda = new FakeCuda().withMemoryFor(128 * 128);
        OnnxPredictor predictor = OnnxPredictor.open(card(model), Device.CUDA, 1)) {
      Prediction expected = onCpu(model, x);
      Prediction found = predict(predictor, x);
      assertEqual(expected, found, 1e-6f);
      if (predictor.predictsVariance()) {
        assertArrayEquals(expected.variance().data(), found.variance().data(), 1e-6f);
      }
      assertEquals("1 x 200 x 256", cuda.calls().get(1));
      int tiles = cuda.calls().size() - 2;
      assertTrue(tiles >= 4 && cuda.calls().subList(2, 2 + tiles).stream().allMatch(TILE::equals));
      predict(predictor, x);
      assertEquals(2 + 2 * tiles, cuda.calls().size(), "it is not tried as a whole again");
      predict(predictor, state(1, x.shape().c(), 128, 96));
      assertEquals("1 x 128 x 96", cuda.calls().get(2 + 2 * tiles), "small enough as it is");
      assertTrue(
          predictor
              .note()
              .endsWith(
                  "; goes on in tiles of at most 128 pixels a side,"
                      + " whose pixels may differ slightly."),
          predictor.note());
    }
  }

  private static final String TILE = "1 x 128 x 128";

  @Test
  void batchAndSideAreBothMadeSmaller() {
    Tensor x = state(2, 1, 256, 256);
    try (FakeCuda cuda = new FakeCuda().withMemoryFor(128 * 128);
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.CUDA, 1)) {
      assertEqual(onCpu("gauss", x), predict(predictor, x), 1e-6f);
      assertEquals(
          List.of("1 x 64 x 64", "2 x 256 x 256", "1 x 256 x 256", TILE),
          cuda.calls().subList(0, 4));
      assertEquals(
          FAILED
              + "; goes on with one image at a time. "
              + FAILED
              + "; goes on with one image at a time and in tiles of at most 128 pixels a side,"
              + " whose pixels may differ slightly.",
          predictor.note());
    }
  }

  /** The tile is halved once, not until something fits. */
  @Test
  void thenTheCpuGoesOn() {
    Tensor x = state(1, 1, 256, 256);
    List<String> told = new ArrayList<>();
    try (FakeCuda cuda = new FakeCuda().withMemoryFor(64 * 64);
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.AUTO, 1)) {
      predictor.onNote(told::add);
      assertEqual(onCpu("gauss", x), predict(predictor, x), 0); // untiled again
      assertEquals(List.of("1 x 64 x 64", "1 x 256 x 256", TILE), cuda.calls());
      assertEquals("CUDA, then CPU", predictor.provider());
      assertFalse(predictor.onCuda());
      assertEquals(2, told.size());
      assertEquals(FAILED + "; goes on on the CPU.", told.get(1));
      assertEquals(String.join(" ", told), predictor.note());
      predict(predictor, x);
      assertEquals(3, cuda.calls().size(), "the device is left alone");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 64, CPU", // nothing smaller to try
    "1, 256, CUDA", // once: tiles do
    "2, 256, CPU"
  })
  void asManyFailuresAsThereAreRetries(int failures, int side, String end) {
    Tensor x = state(1, 1, side, side);
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call >= 1 && call <= failures);
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.AUTO, 1)) {
      assertEqual(onCpu("gauss", x), predict(predictor, x), 1e-6f);
      assertEquals(end.equals("CUDA"), predictor.onCuda());
      assertEquals(failures, predictor.note().split("; goes on ", -1).length - 1);
      assertTrue(cuda.calls().size() > failures);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 256})
  void cudaAskedForByNameEndsInOneSentence(int side) {
    Tensor x = state(1, 1, side, side);
    Tensor before = x.copy();
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 0);
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.CUDA, 1)) {
      DiffusionException e = assertThrows(DiffusionException.class, () -> predict(predictor, x));
      assertEquals(
          FAILED + "; choose device=auto, which then goes on on the CPU, or smaller tiles.",
          e.getMessage());
      assertArrayEquals(before.data(), x.data());
      assertEquals(side == 64 ? 2 : 3, cuda.calls().size());
      assertEquals("CUDA", predictor.provider());
    }
  }

  @Test
  void whatIsNoNumberIsAskedOfTheCpu() {
    Tensor x = state(1, 1, 256, 256);
    String said = "Model Test model gauss returned NaN instead of a number";
    try (FakeCuda cuda = new FakeCuda().returningNaNAt(call -> call == 2);
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.AUTO, 1)) {
      predict(predictor, x);
      assertTrue(predictor.onCuda());
      assertEqual(onCpu("gauss", x), predict(predictor, x), 0);
      assertEquals(3, cuda.calls().size(), "less at a time would not help");
      assertEquals(said + " on the CUDA device; goes on on the CPU.", predictor.note());
    }
    try (FakeCuda cuda = new FakeCuda().returningNaNAt(call -> call == 1);
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.CUDA, 1)) {
      DiffusionException e = assertThrows(DiffusionException.class, () -> predict(predictor, x));
      assertEquals(
          said
              + " on the CUDA device; check the image for NaN and infinite pixels, try device=cpu,"
              + " or choose another model.",
          e.getMessage());
      assertEquals(2, cuda.calls().size());
    }
  }

  @Test
  void whatIsNoNumberAnywhereIsTheImagesFault() {
    Tensor x = state(1, 1, 64, 64);
    x.data()[5] = Float.POSITIVE_INFINITY;
    try (FakeCuda cuda = new FakeCuda();
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.AUTO, 1)) {
      DiffusionException e = assertThrows(DiffusionException.class, () -> predict(predictor, x));
      assertEquals(
          "Model Test model gauss returned Infinity instead of a number; check the image for NaN"
              + " and infinite pixels or choose another model.",
          e.getMessage());
      assertEquals(2, cuda.calls().size());
    }
  }

  /** Nothing of a run is lost: it ends with the pixels of one that was on the CPU all the time. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 20})
  void aRunGoesOnWhereItWas(int failing) {
    Tensor alone = inpainted(Device.CPU);
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call >= failing)) {
      Tensor moved = inpainted(Device.AUTO);
      assertArrayEquals(alone.data(), moved.data());
      assertEquals(failing + 1, cuda.calls().size());
    }
  }

  private static Tensor inpainted(Device device) {
    try (OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), device, 1)) {
      Tensor image = state(1, 1, 32, 32);
      Tensor mask = new Tensor(image.shape());
      for (int i = 300; i < 700; i++) {
        mask.data()[i] = 1;
      }
      RePaint method = new RePaint(8, 2, 3, 1);
      return RePaint.run(
          predictor.clipped(-1, 1),
          method.trajectory(predictor.card().schedule()),
          1,
          predictor.card().variance(),
          image,
          mask,
          KeyedNoise.of(3),
          Monitor.NONE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cond-first", "cond-last", "cond-separate", "cond-inside"})
  void conditionsAreCutWithTheState(String model) {
    ModelCard card = card(model);
    var condition = card.condition().orElseThrow();
    Tensor x = state(2, card.channels(), 192, 256);
    int r = condition.reduction();
    Tensor shown = state(1, condition.inputChannels(), 256 / r, 320 / r);
    Window where = new Window(32, 64, 256, 192);
    boolean learned = card.variance().isLearned();
    Prediction expected = new Prediction(x.shape(), learned);
    Prediction found = new Prediction(x.shape(), learned);
    NoiseLevel level = card.schedule().level(Math.min(400, card.schedule().size() - 1));
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      predictor.windows(shown).predict(x, where, level, expected);
    }
    try (FakeCuda cuda = new FakeCuda().withMemoryFor(128 * 128);
        OnnxPredictor predictor = OnnxPredictor.open(card, Device.CUDA, 1)) {
      WindowPredictor windows = predictor.windows(shown);
      windows.predict(x, where, level, found);
      assertTrue(cuda.calls().contains(TILE));
    }
    assertEqual(expected, found, 1e-6f);
  }

  @Test
  void aModelOfFixedSizeCannotBeCut() {
    Tensor x = state(1, 1, 28, 28);
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 0);
        OnnxPredictor predictor = OnnxPredictor.open(card("gauss-fixed28"), Device.AUTO, 1)) {
      assertEqual(onCpu("gauss-fixed28", x), predict(predictor, x), 0);
      assertEquals(2, cuda.calls().size());
      assertEquals("CUDA, then CPU", predictor.provider());
    }
  }

  @Test
  void encodersAndEstimatorsMoveToo() {
    Tensor image = state(2, 1, 24, 16);
    ModelCard residual = card("cond-residual");
    ModelCard level = card("gauss-level");
    Tensor features;
    double[] alphaBars;
    try (OnnxEncoder encoder = OnnxEncoder.open(residual, Device.CPU, 1);
        OnnxNoiseLevel estimator = OnnxNoiseLevel.open(level, Device.CPU, 1)) {
      features = encoder.encode(image);
      alphaBars = estimator.alphaBars(image);
      assertEquals("", encoder.note());
    }
    // trials are calls 0 and 1; the second image fails
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 2);
        OnnxEncoder encoder = OnnxEncoder.open(residual, Device.AUTO, 1);
        OnnxNoiseLevel estimator = OnnxNoiseLevel.open(level, Device.AUTO, 1)) {
      assertArrayEquals(features.data(), encoder.encode(image).data());
      assertEquals(4, cuda.calls().size());
      assertTrue(encoder.note().endsWith("; goes on on the CPU."), encoder.note());
      assertArrayEquals(alphaBars, estimator.alphaBars(image));
      assertTrue(estimator.note().endsWith("; goes on on the CPU."), estimator.note());
    }
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 0);
        OnnxEncoder encoder = OnnxEncoder.open(residual, Device.CUDA, 1)) {
      String said =
          assertThrows(DiffusionException.class, () -> encoder.encode(image)).getMessage();
      assertTrue(said.contains("; choose device=auto"), said);
      assertEquals(2, cuda.calls().size());
    }
  }

  @Test
  void aDeviceThatFailsItsTrialIsNotTaken() {
    String refusal =
        "The CUDA device cannot be used ("
            + FAILED
            + "); choose device=cpu, or install CUDA and cuDNN and put onnxruntime_gpu in the"
            + " place of onnxruntime.";
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> true)) {
      DiffusionException e =
          assertThrows(
              DiffusionException.class, () -> OnnxPredictor.open(card("gauss"), Device.CUDA, 1));
      assertEquals(refusal, e.getMessage());
      List<String> told = new ArrayList<>();
      try (OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.AUTO, 1)) {
        predictor.onNote(told::add);
        assertEquals("CPU", predictor.provider());
        assertEquals("", predictor.deviceSettings());
        assertEquals(List.of("Runs on the CPU: " + refusal), told);
      }
      try (OnnxPredictor predictor = OnnxPredictor.open(card("gauss"), Device.CPU, 1)) {
        predict(predictor, state(1, 1, 64, 64));
        assertEquals("", predictor.note());
      }
      assertEquals(2, cuda.calls().size());
    }
  }
}
