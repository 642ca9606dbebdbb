package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtSession;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.card.Weights;
import ijdiffusion.model.Prediction;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class KeptSessionsTest {
  private static final Path FOLDER = Path.of("src/test/resources/models/gauss");
  private static final ModelCard CARD = ModelCardReader.read(FOLDER);
  private static final Shape SHAPE = new Shape(1, 1, 8, 8);

  @BeforeEach
  void forget() {
    KeptSessions.freeAll();
    System.setProperty(KeptSessions.PROPERTY, "60");
  }

  @AfterEach
  void usual() {
    System.clearProperty(KeptSessions.PROPERTY);
    KeptSessions.freeAll();
  }

  private static float[] call(OnnxPredictor predictor) {
    Tensor x = new Tensor(SHAPE);
    KeyedNoise.of(1).next(x);
    Prediction out = new Prediction(SHAPE, false);
    predictor.predict(x, CARD.schedule().level(300), out);
    return out.eps().data();
  }

  private static Network network(int threads) {
    return Network.open(
        new Network.Source("test", CARD.name(), CARD.weights()),
        Device.CPU,
        threads,
        network -> network,
        network -> {});
  }

  @Test
  void theNextOneGetsTheSession() {
    float[] first;
    try (OnnxPredictor predictor = OnnxPredictor.open(CARD, Device.CPU, 1)) {
      first = call(predictor);
      assertEquals(0, KeptSessions.count());
    }
    assertEquals(1, KeptSessions.count());
    try (OnnxPredictor predictor = OnnxPredictor.open(CARD, Device.CPU, 1)) {
      assertEquals(0, KeptSessions.count());
      assertArrayEquals(first, call(predictor));
    }
    assertEquals(1, KeptSessions.count());
  }

  @Test
  void oneUserAtATimeAndOnlyWithTheSameThreads() {
    Network a = network(1);
    OrtSession session = a.session();
    a.close();
    Network two = network(2);
    assertNotSame(session, two.session());
    Network b = network(1);
    assertSame(session, b.session());
    Network c = network(1);
    assertNotSame(session, c.session());
    two.close();
    b.close();
    c.close();
    assertEquals(3, KeptSessions.count());
  }

  @Test
  void cancellingOneDoesNotStopTheNext() {
    Network a = network(1);
    OrtSession session = a.session();
    a.close();
    a.cancel();
    try (OnnxPredictor next = OnnxPredictor.open(CARD, Device.CPU, 1)) {
      call(next);
    }
    Network b = network(1);
    assertSame(session, b.session());
    b.cancel();
    b.close();
    assertEquals(0, KeptSessions.count(), "one that was cancelled is not kept");
    assertThrows(Cancelled.class, () -> b.use(() -> {}));
  }

  @Test
  void aChangedFileIsNoticed(@TempDir Path folder) throws IOException {
    Path file = Files.copy(CARD.weights().file(), folder.resolve("model.onnx"));
    Weights weights = new Weights(file, CARD.weights().sha256());
    Network.Source source = new Network.Source("test", "copy", weights);
    Network.open(source, Device.CPU, 1, network -> network, network -> {}).close();
    assertEquals(1, KeptSessions.count());
    Files.write(file, new byte[] {0}, StandardOpenOption.APPEND);
    assertThrows(
        DiffusionException.class,
        () -> Network.open(source, Device.CPU, 1, network -> network, network -> {}));
  }

  @Test
  void networksOfUnknownHashAreNotKept() {
    Weights unstated = Weights.unstated(CARD.weights().file());
    assertEquals(Optional.empty(), KeptSessions.Key.of(unstated, null, 1));
    Network.Source source = new Network.Source("test", "bare", unstated);
    Network.open(source, Device.CPU, 1, network -> network, network -> {}).close();
    assertEquals(0, KeptSessions.count());
  }

  @Test
  void fourAtMostAndNoLongerThanSaid() throws InterruptedException {
    for (int threads = 1; threads <= 6; threads++) {
      network(threads).close();
    }
    assertEquals(4, KeptSessions.count());
    Network latest = network(6);
    KeptSessions.freeAll();
    System.setProperty(KeptSessions.PROPERTY, "0.05");
    network(1).close();
    while (KeptSessions.count() > 0) {
      Thread.sleep(10); // nobody tells; the class's time limit ends it
    }
    System.setProperty(KeptSessions.PROPERTY, "0");
    network(1).close();
    assertEquals(0, KeptSessions.count());
    latest.close();
    assertEquals(1, KeptSessions.count(), "it was opened when a minute was said");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "long", "NaN", "86401"})
  void nonsenseIsRefused(String seconds) {
    System.setProperty(KeptSessions.PROPERTY, seconds);
    DiffusionException e = assertThrows(DiffusionException.class, () -> network(1));
    assertTrue(
        e.getMessage()
            .startsWith(
                "The system property diffusion.keep is \""
                    + seconds
                    + "\", but must be a number of seconds from 0 to 86400;"),
        e.getMessage());
  }
}
