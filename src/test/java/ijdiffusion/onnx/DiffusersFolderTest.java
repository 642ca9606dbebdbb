package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.DiffusersFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks of diffusers folders say what those of the same law with a card say. */
class DiffusersFolderTest {
  @TempDir Path temp;

  private static float[] eps(ModelCard card, Tensor x, NoiseLevel level) {
    Prediction out = new Prediction(x.shape(), false);
    try (OnnxPredictor predictor = OnnxPredictor.open(card, Device.CPU, 1)) {
      predictor.predict(x, level, out);
    }
    return out.eps().data();
  }

  private static Tensor state() {
    Tensor x = new Tensor(new Shape(1, 1, 4, 4));
    for (int i = 0; i < 16; i++) {
      x.data()[i] = i / 4f - 2;
    }
    return x;
  }

  @Test
  void toldAnIndex() {
    ModelCard folder = ModelCardReader.read(CardFolder.MODELS.resolve("gauss-diffusers"));
    ModelCard card = ModelCardReader.read(CardFolder.MODELS.resolve("gauss"));
    for (int t : new int[] {0, 300, 999}) {
      float[] expected = eps(card, state(), card.schedule().level(t));
      assertArrayEquals(expected, eps(folder, state(), folder.schedule().level(t)), 1e-6f);
    }
  }

  @Test
  void toldSigma() throws IOException {
    ModelCard folder =
        ModelCardReader.read(
            DiffusersFolder.flat(
                temp.resolve("ve"),
                DiffusersFolder.TOLD_SIGMA,
                ", \"time_embedding_type\": \"fourier\"",
                "ScoreSdeVeScheduler\""));
    for (int t : new int[] {0, 900, 1999}) {
      NoiseLevel level = folder.schedule().level(t);
      double s = level.noiseToSignal();
      float[] found = eps(folder, state(), level);
      for (int i = 0; i < 16; i++) {
        double y = state().data()[i] / level.alpha();
        double expected = s * (y - 0.3) / (s * s + 0.04);
        assertEquals(expected, found[i], 1e-5 * Math.max(1, Math.abs(expected)));
      }
    }
  }

  /** The header of the file and the files of diffusers are held against each other. */
  @Test
  void channelsThatTheNetworkDoesNotHave() throws IOException {
    ModelCard card =
        ModelCardReader.read(
            DiffusersFolder.flat(
                temp.resolve("rgb"),
                DiffusersFolder.TOLD_INDEX,
                ", \"in_channels\": 3, \"out_channels\": 3",
                "DDPMScheduler\""));
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> OnnxPredictor.open(card, Device.CPU, 1));
    assertEquals(
        "Network model.onnx of model rgb: input \"sample\" has 1 channels, but its card says 3.",
        e.getMessage());
  }
}
