package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxHeaderTest {
  @TempDir Path temp;

  private static OnnxHeader of(String model) {
    return OnnxHeader.read(CardFolder.MODELS.resolve(model).resolve("model.onnx"));
  }

  @Test
  void inputsAndOutputs() {
    assertEquals(
        new OnnxHeader(
            List.of(
                new OnnxHeader.Value("sample", 1, List.of(-1L, 1L, -1L, -1L)),
                new OnnxHeader.Value("timestep", 7, List.of(-1L))),
            List.of(new OnnxHeader.Value("noise_pred", 1, List.of(-1L, 1L, -1L, -1L))),
            List.of()),
        of("gauss-int64"));
    assertEquals(List.of(-1L, 1L, 28L, 28L), of("gauss-fixed28").inputs().get(0).shape());
    assertEquals(List.of(2L, 1L), of("cond-pairs").inputs().get(1).shape());
    assertEquals(2, of("gauss-2c").outputs().get(0).shape().get(1));
  }

  /** A network of nearly 1 MB: its weights are leapt over. */
  @Test
  void shippedModel() {
    OnnxHeader nuclei = OnnxHeader.read(Path.of("models/nuclei/model.onnx"));
    assertEquals(2, nuclei.inputs().size());
    assertEquals(1, nuclei.outputs().size());
  }

  private static byte[] field(int number, byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    out.write(number << 3 | 2);
    out.write(length);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] text(int number, String text) {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void weightsElsewhereAndWeightsAmongTheInputs() throws IOException {
    byte[] inside = field(5, text(8, "w"));
    byte[] outside = field(5, text(8, "v"), new byte[] {14 << 3, 1});
    byte[] inputs = field(11, text(1, "w"));
    byte[] image = field(11, text(1, "x"));
    Path file = Files.write(temp.resolve("a"), field(7, inputs, image, inside));
    OnnxHeader header = OnnxHeader.read(file);
    assertEquals(List.of(), header.externalData());
    assertEquals(List.of(new OnnxHeader.Value("x", 0, List.of())), header.inputs());
    Files.write(file, field(7, inside, outside, image));
    assertEquals(List.of(""), OnnxHeader.read(file).externalData());
    byte[] elsewhere =
        field(
            5,
            field(13, text(1, "offset"), text(2, "4")),
            field(13, text(1, "location"), text(2, "d")));
    Files.write(file, field(7, elsewhere, outside, elsewhere, image));
    assertEquals(List.of("d", ""), OnnxHeader.read(file).externalData());
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(CardFolder.MODELS.resolve("gauss-2c/model.onnx"));
    Path file = temp.resolve("model.onnx");
    for (String name : List.of("truncated", "not-onnx")) {
      Path broken = CardFolder.BROKEN.resolve(name + ".onnx");
      String said =
          assertThrows(DiffusionException.class, () -> OnnxHeader.read(broken)).getMessage();
      assertTrue(
          said.startsWith("Model file " + broken + " is not an ONNX model or is damaged ("), said);
    }
    Path empty = CardFolder.BROKEN.resolve("empty.onnx");
    assertEquals(
        "Model file " + empty + " is empty; download the model again.",
        assertThrows(DiffusionException.class, () -> OnnxHeader.read(empty)).getMessage());
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] spoilt = whole.clone();
      for (int k = 0; k < 8; k++) {
        // most of the file is weights, which nobody reads
        spoilt[random.nextBoolean() ? random.nextInt(60) : random.nextInt(spoilt.length)] =
            (byte) random.nextInt();
      }
      Files.write(file, spoilt);
      try {
        OnnxHeader.read(file);
      } catch (DiffusionException e) {
        refused++;
      }
    }
    assertTrue(refused > 100, refused + " refused");
  }
}
