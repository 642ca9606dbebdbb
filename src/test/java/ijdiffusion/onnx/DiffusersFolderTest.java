package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
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

  /** Exporters put weights into model.onnx.data or model.onnx_data unless told otherwise. */
  @Test
  void weightsInAFileOfTheirOwn() throws IOException {
    Path external = Path.of("src/test/resources/external/unet");
    Path folder =
        DiffusersFolder.flat(
            temp.resolve("two"), external.resolve("model.onnx"), "", "DDPMScheduler\"");
    String missing =
        assertThrows(DiffusionException.class, () -> ModelCardReader.read(folder)).getMessage();
    assertTrue(
        missing.endsWith(
            "model.onnx keeps its weights in the file model.onnx_data, which is not beside it; put"
                + " that file there too."),
        missing);
    Path data = Files.copy(external.resolve("model.onnx_data"), folder.resolve("model.onnx_data"));
    ModelCard card = ModelCardReader.read(CardFolder.MODELS.resolve("gauss"));
    ModelCard two = ModelCardReader.read(folder);
    assertEquals(List.of("model.onnx", "model.onnx_data"), names(two));
    for (int t : new int[] {0, 300, 999}) {
      float[] expected = eps(card, state(), card.schedule().level(t));
      assertArrayEquals(expected, eps(two, state(), two.schedule().level(t)), 1e-6f);
    }
    long network = Files.size(external.resolve("model.onnx"));
    assertEquals(network + 16_000, two.weights().bytes());
    String hash = two.weights().externalDataSha256().orElseThrow();
    byte[] other = Files.readAllBytes(data);
    other[0] ^= 64;
    Files.write(data, other);
    Files.setLastModifiedTime(data, FileTime.fromMillis(1));
    assertNotEquals(hash, two.weights().externalDataSha256().orElseThrow());
  }

  private static List<String> names(ModelCard card) {
    return card.files().stream().map(file -> file.file().getFileName().toString()).toList();
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
