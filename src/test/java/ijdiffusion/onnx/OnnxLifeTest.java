package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ijdiffusion.Cancelled;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.model.Prediction;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening, cancelling and closing. */
@Timeout(120)
class OnnxLifeTest {
  private static final ModelCard NUCLEI = ModelCardReader.read(Path.of("models/nuclei"));

  /** A call of some seconds on a usual machine. */
  private static void longRun(OnnxPredictor predictor) {
    run(predictor, new Shape(32, 1, 256, 256));
  }

  private static void run(OnnxPredictor predictor, Shape shape) {
    predictor.predict(
        new Tensor(shape), NUCLEI.schedule().level(500), new Prediction(shape, false));
  }

  /** With several threads images go side by side. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void cancelEndsCallInFlightAndLaterOnes(int threads) throws Exception {
    try (OnnxPredictor predictor = OnnxPredictor.open(NUCLEI, Device.CPU, threads)) {
      CompletableFuture<Void> call = CompletableFuture.runAsync(() -> longRun(predictor));
      Thread.sleep(300);
      assertTrue(!call.isDone(), "the call was over before it could be cancelled");
      long start = System.nanoTime();
      predictor.cancel();
      ExecutionException end =
          assertThrows(ExecutionException.class, () -> call.get(20, TimeUnit.SECONDS));
      assertInstanceOf(Cancelled.class, end.getCause());
      double seconds = (System.nanoTime() - start) / 1e9;
      assertTrue(seconds < 2, "cancelling took " + seconds + " s");
      assertThrows(Cancelled.class, () -> longRun(predictor));
      predictor.cancel();
    }
  }

  @Test
  void closeWaitsForCallInFlight() throws Exception {
    Network network =
        Network.open(
            new Network.Source("test", NUCLEI.name(), NUCLEI.weights()),
            Device.CPU,
            1,
            opened -> opened,
            opened -> {});
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    Thread call =
        new Thread(
            () ->
                network.use(
                    () -> {
                      begun.countDown();
                      LockSupport.parkNanos(200_000_000);
                      ended.set(true);
                    }));
    call.start();
    begun.await();
    network.close();
    assertTrue(ended.get());
    call.join();
  }

  @Test
  void closeTwiceAndCancelAfterwards() {
    OnnxPredictor predictor = OnnxPredictor.open(NUCLEI, Device.CPU, 1);
    run(predictor, new Shape(1, 1, 64, 64));
    predictor.close();
    predictor.close();
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> run(predictor, new Shape(1, 1, 64, 64)));
    assertEquals("The predictor of model " + NUCLEI.name() + " is closed", e.getMessage());
    predictor.cancel();
    assertThrows(Cancelled.class, () -> run(predictor, new Shape(1, 1, 64, 64)));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void sessionsGiveTheirMemoryBack() throws Exception {
    System.setProperty(KeptSessions.PROPERTY, "0");
    try {
      assertMemoryGivenBack();
    } finally {
      System.clearProperty(KeptSessions.PROPERTY);
    }
  }

  private static void assertMemoryGivenBack() throws Exception {
    openRunClose(3);
    long before = residentKilobytes();
    assumeTrue(before > 0);
    openRunClose(20);
    // were they kept, twenty sessions would hold 20 x 30 MB: weights, their unpacked copy, an arena
    long allowed = before + 150_000;
    long after = residentKilobytes();
    for (int i = 0; i < 50 && after > allowed; i++) {
      Thread.sleep(100); // the memory of direct buffers goes some time after the collection
      after = residentKilobytes();
    }
    assertTrue(after <= allowed, "20 sessions left " + (after - before) + " kB");
  }

  private static void openRunClose(int times) {
    for (int i = 0; i < times; i++) {
      try (OnnxPredictor predictor = OnnxPredictor.open(NUCLEI, Device.CPU, 1)) {
        run(predictor, new Shape(1, 1, 64, 64));
      }
    }
  }

  private static long residentKilobytes() throws IOException {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0L);
  }
}
