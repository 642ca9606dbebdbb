package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.edit.Generation;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
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

/** The same law, told by a network that sees the exploding state and by one that does not. */
class ExplodingPredictorTest {
  private static final String BETAS =
      "kind: linear\n      steps: 1000\n      beta_start: 1e-4\n      beta_end: 0.02";

  private static final String GEOMETRIC =
      "kind: geometric\n      steps: 1000\n      sigma_min: 0.01\n      sigma_max: 50";

  @TempDir Path temp;

  private static String geometric(double min, double max) {
    return "kind: geometric\n      steps: 1000\n      sigma_min: "
        + min
        + "\n      sigma_max: "
        + max;
  }

  /** A test model on another schedule. */
  private ModelCard card(String model, String from, String to) throws IOException {
    String text = CardFolder.replaceOnce(CardFolder.text(model), from, to);
    Path folder = Files.createDirectories(temp.resolve(model));
    Path network = CardFolder.MODELS.resolve(model).resolve("model.onnx");
    return ModelCardReader.read(CardFolder.modelWith(folder, text, network));
  }

  private static Tensor samples(ModelCard card, Sampler sampler, int steps) {
    Trajectory path =
        Trajectory.down(card.schedule(), TimeGrid.respaced(card.schedule().size(), steps));
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      return new Generation(sampler, path)
          .run(predictor, new Shape(1, 1, 16, 16), TestNoise.sm42(), Monitor.NONE);
    }
  }

  @ParameterizedTest
  @CsvSource({"0.01, 50", "0.002, 80", "0.01, 1348"})
  void samplesDoNotDependOnWhichStateTheNetworkSees(double min, double max) throws IOException {
    ModelCard exploding = card("gauss-ve", GEOMETRIC, geometric(min, max));
    ModelCard preserving = card("gauss-level", BETAS, geometric(min, max));
    for (Sampler sampler : List.of(new Ddim(0), new Ddpm(VarianceType.FIXED_SMALL))) {
      float[] seen = samples(exploding, sampler, 60).data();
      float[] other = samples(preserving, sampler, 60).data();
      double mean = 0;
      for (int i = 0; i < seen.length; i++) {
        assertEquals(other[i], seen[i], 1e-5, sampler + " at pixel " + i);
        mean += seen[i] / seen.length;
      }
      // standard deviation 0.2 in 256 pixels
      assertEquals(0.3, mean, 0.05);
    }
  }

  @Test
  void exactAtTheEndsOfTheScheduleAndBetween() throws IOException {
    ModelCard card = ModelCardReader.read(CardFolder.MODELS.resolve("gauss-ve"));
    Tensor y = new Tensor(new Shape(1, 1, 1, 5));
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      for (double s : new double[] {0.01, 0.37, 4, 50}) {
        NoiseLevel level = card.schedule().levelOf(s);
        Tensor x = new Tensor(y.shape());
        for (int i = 0; i < 5; i++) {
          x.data()[i] = (float) (level.alpha() * (0.3 + s * (i - 2)));
        }
        Prediction out = new Prediction(x.shape(), false);
        predictor.predict(x, level, out);
        for (int i = 0; i < 5; i++) {
          double gap = s * (i - 2);
          assertEquals(0.3 + 0.04 * gap / (s * s + 0.04), out.x0().data()[i], 2e-6 * (1 + s));
          assertEquals(s * gap / (s * s + 0.04), out.eps().data()[i], 2e-6);
        }
      }
    }
    assertTrue(card.schedule().alphaBar(999) < 5e-4);
  }
}
