package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import ijdiffusion.Cancelled;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LanesTest {
  private static final List<Integer> TWO = List.of(0, 1);

  @Test
  void twoLanesAreWorkedOnAtATimeOneOfThemByTheCaller() throws OrtException {
    CountDownLatch both = new CountDownLatch(2);
    Thread caller = Thread.currentThread();
    AtomicInteger mine = new AtomicInteger();
    Lanes.run(
        TWO,
        lane -> {
          mine.addAndGet(Thread.currentThread() == caller ? 1 : 0);
          both.countDown();
          assertTrue(waited(both), "the other lane did not begin");
        });
    assertEquals(1, mine.get());
  }

  private static boolean waited(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void oneLaneStaysOnTheCallersThread() throws OrtException {
    Thread caller = Thread.currentThread();
    Lanes.run(List.of(7), lane -> assertSame(caller, Thread.currentThread()));
  }

  @Test
  void aFailureWaitsForTheOtherLanes() {
    for (int failing : TWO) {
      CountDownLatch failed = new CountDownLatch(1);
      AtomicInteger done = new AtomicInteger();
      OrtException thrown =
          assertThrows(
              OrtException.class,
              () ->
                  Lanes.run(
                      TWO,
                      lane -> {
                        if (lane == failing) {
                          failed.countDown();
                          throw new OrtException("broken");
                        }
                        assertTrue(waited(failed));
                        done.incrementAndGet();
                      }));
      assertEquals("broken", thrown.getMessage());
      assertEquals(1, done.get());
    }
  }

  @Test
  void whatIsThrownComesAsItIsOthersWithIt() {
    assertThrows(Cancelled.class, () -> Lanes.run(TWO, LanesTest::cancelled));
    OutOfMemoryError error =
        assertThrows(
            OutOfMemoryError.class,
            () ->
                Lanes.run(
                    TWO,
                    lane -> {
                      throw new OutOfMemoryError("lane " + lane);
                    }));
    assertEquals(1, error.getSuppressed().length);
  }

  private static void cancelled(int lane) {
    if (lane == 1) {
      throw new Cancelled();
    }
  }
}
