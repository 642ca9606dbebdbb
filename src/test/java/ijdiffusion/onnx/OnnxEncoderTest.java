package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The networks beside the noise predictor: SRDiff's encoder and the estimator of the noise. */
class OnnxEncoderTest {
  private static final Path RESIDUAL = CardFolder.MODELS.resolve("cond-residual");
  private static final Path LEVEL = CardFolder.MODELS.resolve("gauss-level");

  @TempDir Path temp;

  @Test
  void featuresOfEachImage() {
    Tensor image = new Tensor(new Shape(2, 1, 3, 5));
    KeyedNoise.of(1).next(image);
    double[] gains = {1, 0.5, -1, 1};
    try (OnnxEncoder encoder = OnnxEncoder.open(ModelCardReader.read(RESIDUAL), Device.CPU, 1)) {
      Tensor features = encoder.encode(image);
      assertEquals(new Shape(2, 4, 3, 5), features.shape());
      for (int i = 0; i < features.data().length; i++) {
        int f = i / 15 % 4;
        double expected = gains[f] * image.data()[i / 60 * 15 + i % 15] + (f == 3 ? 1 : 0);
        assertEquals(expected, features.data()[i], 1e-6);
      }
      assertThrows(
          IllegalArgumentException.class, () -> encoder.encode(new Tensor(new Shape(1, 2, 3, 5))));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "level-abar.onnx, alpha_bar, a",
    "level-sqrt.onnx, sqrt_alpha_bar, level",
    "level-log.onnx, log_one_minus_alpha_bar, level"
  })
  void estimatesOfEachState(String file, String meaning, String output) throws IOException {
    ModelCard card = estimator(file, meaning, output);
    Tensor x = new Tensor(new Shape(3, 1, 16, 16));
    KeyedNoise.of(2).next(x);
    double[] expected = new double[3];
    for (int n = 0; n < 3; n++) {
      double squares = 0;
      for (int i = 256 * n; i < 256 * (n + 1); i++) {
        x.data()[i] *= (float) (0.3 + 0.2 * n);
        squares += (double) x.data()[i] * x.data()[i];
      }
      expected[n] = (1 - squares / 256) / (1 - 0.09 - 0.04);
    }
    // 1.05 is beyond the range of ln(1 - alpha-bar), so the first state is made noisier there
    try (OnnxNoiseLevel level = OnnxNoiseLevel.open(card, Device.CPU, 1)) {
      boolean log = meaning.startsWith("log");
      Tensor states = log ? new Tensor(new Shape(2, 1, 16, 16)) : x;
      if (log) {
        System.arraycopy(x.data(), 256, states.data(), 0, 512);
      }
      double[] found = level.alphaBars(states);
      assertEquals(states.shape().n(), found.length);
      for (int n = 0; n < found.length; n++) {
        assertEquals(expected[log ? n + 1 : n], found[n], 1e-6, "state " + n);
      }
    }
  }

  /** 1 M pixels of N(0.3, 0.04) made noisy tell their own level. */
  @ParameterizedTest
  @CsvSource({"0.9", "0.5", "0.05"})
  void estimateIsTheLevelOfTheState(double alphaBar) {
    Tensor x0 = new Tensor(new Shape(1, 1, 1000, 1000));
    Tensor z = new Tensor(x0.shape());
    KeyedNoise noise = KeyedNoise.of(3);
    noise.next(x0);
    noise.next(z);
    for (int i = 0; i < z.data().length; i++) {
      double clean = 0.3 + 0.2 * x0.data()[i];
      z.data()[i] = (float) (Math.sqrt(alphaBar) * clean + Math.sqrt(1 - alphaBar) * z.data()[i]);
    }
    try (OnnxNoiseLevel level = OnnxNoiseLevel.open(ModelCardReader.read(LEVEL), Device.CPU, 1)) {
      // mean(y^2) has the variance 2 v (v + 2 m^2) / n, v at most 1: 4 sd are 0.006 of alpha-bar
      assertEquals(alphaBar, level.alphaBars(z)[0], 0.007);
    }
  }

  private ModelCard estimator(String file, String meaning, String output) throws IOException {
    String text =
        CardFolder.text("gauss-level")
            .replace("level-log.onnx", file)
            .replace("meaning: log_one_minus_alpha_bar", "meaning: " + meaning)
            .replace("output: level", "output: " + output);
    String sums = Files.readString(CardFolder.MODELS.resolve("SHA256SUMS"));
    int at = sums.indexOf("  gauss-level/" + file);
    int hash = text.lastIndexOf("sha256: ") + "sha256: ".length();
    text = text.substring(0, hash) + sums.substring(at - 64, at) + text.substring(hash + 64);
    Path folder = CardFolder.write(temp, "estimator", text).getParent();
    for (String network : List.of("model.onnx", file)) {
      Files.copy(LEVEL.resolve(network), folder.resolve(network));
    }
    return ModelCardReader.read(folder);
  }

  @Test
  void filesThatAreNotWhatTheCardSays() throws IOException {
    String names = "input: image\n        output: features\n        channels: 4";
    assertTrue(said(names, names.replace("4", "5")).contains("output \"features\" has 4 channels"));
    assertTrue(said(names, names.replace("image", "x")).contains("has no input \"x\" as its card"));
    assertTrue(said(names, names.replace("features", "y")).contains("no output \"y\" as its card"));
    String gone = said("encoder.onnx", "gone.onnx");
    assertTrue(gone.contains("gone.onnx does not exist"), gone);
    assertTrue(
        assertThrows(
                DiffusionException.class,
                () ->
                    OnnxNoiseLevel.open(
                        estimator("level-abar.onnx", "alpha_bar", "alpha"), Device.CPU, 1))
            .getMessage()
            .contains("has no output \"alpha\" as its card says; its outputs are a."));
  }

  private String said(String from, String to) throws IOException {
    String text = CardFolder.replaceOnce(CardFolder.text("cond-residual"), from, to);
    if (to.contains("channels: 5")) {
      text = text.replace("f0, f1, f2, f3", "f0, f1, f2, f3, f4");
    }
    Path folder = CardFolder.write(temp, "encoder", text).getParent();
    Path encoder = folder.resolve("encoder.onnx");
    Files.deleteIfExists(encoder);
    Files.copy(RESIDUAL.resolve("encoder.onnx"), encoder);
    ModelCard card = ModelCardReader.read(folder);
    return assertThrows(DiffusionException.class, () -> OnnxEncoder.open(card, Device.CPU, 1))
        .getMessage();
  }

  @Test
  void modelsWithoutThem() {
    ModelCard gauss = ModelCardReader.read(CardFolder.MODELS.resolve("gauss"));
    assertEquals(
        "Model Test model gauss has no encoder; choose a model whose card has condition.encoder.",
        assertThrows(DiffusionException.class, () -> OnnxEncoder.open(gauss, Device.CPU, 1))
            .getMessage());
    assertEquals(
        "Model Test model gauss has no network that estimates the noise; choose a model whose card"
            + " has noise_level.",
        assertThrows(DiffusionException.class, () -> OnnxNoiseLevel.open(gauss, Device.CPU, 1))
            .getMessage());
  }

  @Test
  void estimateThatIsNoNumberIsRefused() {
    try (OnnxNoiseLevel level = OnnxNoiseLevel.open(ModelCardReader.read(LEVEL), Device.CPU, 1)) {
      Tensor x = new Tensor(new Shape(1, 1, 4, 4)); // alpha-bar above 1, ln of a negative number
      String said = assertThrows(DiffusionException.class, () -> level.alphaBars(x)).getMessage();
      assertTrue(said.startsWith("Model Test model gauss-level returned NaN instead of"), said);
    }
  }

  @Test
  void cancelAndClose() {
    Tensor x = new Tensor(new Shape(1, 1, 4, 4));
    OnnxEncoder encoder = OnnxEncoder.open(ModelCardReader.read(RESIDUAL), Device.CPU, 1);
    encoder.encode(x);
    encoder.close();
    encoder.close();
    assertEquals(
        "The encoder of model Test model cond-residual is closed",
        assertThrows(IllegalStateException.class, () -> encoder.encode(x)).getMessage());
    OnnxNoiseLevel level = OnnxNoiseLevel.open(ModelCardReader.read(LEVEL), Device.CPU, 1);
    level.cancel();
    assertThrows(Cancelled.class, () -> level.alphaBars(x));
    level.close();
    assertThrows(Cancelled.class, () -> level.alphaBars(x));
  }
}
