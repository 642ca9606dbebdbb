package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cancelling, closing and exchanged files while a network moves from a device that failed. */
@Timeout(120)
class DeviceMoveTest {
  private static final ModelCard GAUSS = DeviceFailureTest.card("gauss");

  @TempDir Path temp;

  @Test
  void cancelledBeforeTheRetry() {
    for (int side : new int[] {64, 256}) {
      try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 0);
          OnnxPredictor predictor = OnnxPredictor.open(GAUSS, Device.AUTO, 1)) {
        cuda.whenFailing(predictor::cancel);
        assertThrows(
            Cancelled.class,
            () -> DeviceFailureTest.predict(predictor, DeviceFailureTest.state(1, 1, side, side)));
        assertEquals(2, cuda.calls().size(), "no retry");
        assertEquals("", predictor.note());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 256})
  void cancelledBetweenFailureAndRetry(int side) {
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call == 1);
        OnnxPredictor predictor = OnnxPredictor.open(GAUSS, Device.AUTO, 1)) {
      predictor.onNote(sentence -> predictor.cancel());
      assertThrows(
          Cancelled.class,
          () -> DeviceFailureTest.predict(predictor, DeviceFailureTest.state(1, 1, side, side)));
      assertEquals(2, cuda.calls().size());
    }
  }

  @Test
  void closedAfterItHasMoved() {
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 0)) {
      OnnxPredictor predictor = OnnxPredictor.open(GAUSS, Device.AUTO, 1);
      DeviceFailureTest.predict(predictor, DeviceFailureTest.state(1, 1, 64, 64));
      assertEquals(2, cuda.calls().size());
      predictor.close();
      predictor.close();
      assertThrows(
          IllegalStateException.class,
          () -> DeviceFailureTest.predict(predictor, DeviceFailureTest.state(1, 1, 64, 64)));
    }
  }

  @Test
  void aNetworkThatWasExchangedMeanwhileIsNotTaken() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("gauss"));
    for (String file : List.of("rdf.yaml", "model.onnx")) {
      Files.copy(CardFolder.MODELS.resolve("gauss").resolve(file), folder.resolve(file));
    }
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> call > 0);
        OnnxPredictor predictor =
            OnnxPredictor.open(ModelCardReader.read(folder), Device.AUTO, 1)) {
      Path network = folder.resolve("model.onnx");
      Files.copy(
          CardFolder.MODELS.resolve("gauss-v").resolve("model.onnx"),
          network,
          StandardCopyOption.REPLACE_EXISTING);
      DiffusionException e =
          assertThrows(
              DiffusionException.class,
              () -> DeviceFailureTest.predict(predictor, DeviceFailureTest.state(1, 1, 64, 64)));
      assertTrue(e.getMessage().contains("SHA-256"), e.getMessage());
      assertEquals(2, cuda.calls().size());
    }
  }
}
