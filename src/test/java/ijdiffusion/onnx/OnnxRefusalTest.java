package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A network that is not what its card says is refused when it is opened. */
class OnnxRefusalTest {
  @TempDir Path temp;

  /** A file, and what must be said of it under the card of model gauss. */
  static Stream<Arguments> networks() {
    Path broken = CardFolder.BROKEN;
    return Stream.of(
        Arguments.of(broken.resolve("truncated.onnx"), "is not an ONNX model or is damaged (Err"),
        Arguments.of(broken.resolve("not-onnx.onnx"), "is not an ONNX model or is damaged (Err"),
        Arguments.of(broken.resolve("empty.onnx"), "model.onnx is empty"),
        Arguments.of(
            broken.resolve("wrong-rank.onnx"),
            "input \"x\" has 3 dimensions [-1, 1, -1], but must have 4."),
        Arguments.of(
            broken.resolve("image-to-image.onnx"),
            "has no time input, only x, so it is not a noise predictor."),
        Arguments.of(
            broken.resolve("wrong-output.onnx"), "has no output \"eps\" as its card says; its out"),
        Arguments.of(
            broken.resolve("two-times.onnx"),
            "needs the further input t2, which this version cannot supply."),
        Arguments.of(
            CardFolder.MODELS.resolve("gauss-int64/model.onnx"),
            "has no input \"x\" as its card says; its inputs are sample, timestep."),
        Arguments.of(
            CardFolder.MODELS.resolve("gauss-rgb/model.onnx"),
            "input \"x\" has 3 channels, but its card says 1."),
        Arguments.of(
            CardFolder.MODELS.resolve("gauss-fixed28/model.onnx"),
            "input \"x\" has the fixed height 28, but its card says that it is free."));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void networkThatIsNotWhatItsCardSays(Path network, String message) throws IOException {
    String said = refused(CardFolder.text("gauss"), network);
    assertTrue(said.contains(message), said);
  }

  @Test
  void outputWithTooManyChannels() throws IOException {
    String card =
        CardFolder.text("gauss")
            .replace("id: eps", "id: out")
            .replace("tensor: eps", "tensor: out");
    String said = refused(card, CardFolder.BROKEN.resolve("wrong-output.onnx"));
    assertTrue(said.contains("output \"out\" has 5 channels, but its card says 1."), said);
  }

  @Test
  void timeOfAnotherType() throws IOException {
    String card = CardFolder.text("gauss-int64").replace("int64", "float32");
    String said = refused(card, CardFolder.MODELS.resolve("gauss-int64/model.onnx"));
    assertTrue(said.contains("input \"timestep\" is INT64, but its card says FLOAT."), said);
  }

  @Test
  void timeOfAnotherLayout() throws IOException {
    String card =
        CardFolder.text("gauss")
            .replace("layout: vector", "layout: column")
            .replace("axes: [{type: batch}]", "axes: [{type: batch}, {type: index, size: 1}]");
    String said = refused(card, CardFolder.MODELS.resolve("gauss/model.onnx"));
    assertTrue(said.contains("input \"t\" has 1 dimensions [-1], but must have 2."), said);
  }

  private String refused(String card, Path network) throws IOException {
    ModelCard read = ModelCardReader.read(CardFolder.modelWith(temp, card, network));
    return assertThrows(DiffusionException.class, () -> OnnxPredictor.open(read, Device.CPU, 1))
        .getMessage();
  }

  @Test
  void devices() {
    assertEquals(Device.CUDA, Device.parse(" Cuda "));
    assertEquals(Device.AUTO, Device.parse("auto"));
    assertEquals("cpu", Device.CPU.toString());
    assertEquals(
        "device is \"gpu\", but must be auto, cpu or cuda.",
        assertThrows(DiffusionException.class, () -> Device.parse("gpu")).getMessage());
  }
}
