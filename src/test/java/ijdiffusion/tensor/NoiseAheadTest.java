package ijdiffusion.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class NoiseAheadTest {
  private static final Shape LARGE = new Shape(2, 3, 17, 40);
  private static final Shape SMALL = new Shape(2, 3, 5, 10);

  private static float[] next(NoiseSource noise, Shape shape) {
    Tensor z = new Tensor(shape);
    noise.next(z);
    return z.data();
  }

  /** Draws, passes over and changes shapes as chance will have it, beside the source itself. */
  private static void assertLikeTheSource(Executor helper, long seed) {
    NoiseSource plain = KeyedNoise.of(seed);
    NoiseSource ahead = new NoiseAhead(KeyedNoise.of(seed), helper);
    SplittableRandom random = new SplittableRandom(seed);
    boolean alternate = seed % 2 == 0;
    for (int i = 0; i < 200; i++) {
      boolean odd = random.nextInt(10) == 0;
      Shape shape = (alternate && i % 2 == 0) ^ odd ? SMALL : LARGE;
      if (random.nextInt(6) == 0) {
        plain.skip(shape);
        ahead.skip(shape);
      } else {
        assertArrayEquals(next(plain, shape), next(ahead, shape), "seed " + seed + " draw " + i);
      }
    }
  }

  @Test
  void drawsAreTheSources() throws InterruptedException {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try {
      for (long seed = 0; seed < 20; seed++) {
        assertLikeTheSource(two, seed);
        assertLikeTheSource(Runnable::run, seed);
      }
    } finally {
      two.shutdown();
    }
  }

  @Test
  void nobodyWaitsForAHelper() {
    List<Runnable> neverRun = new ArrayList<>();
    assertLikeTheSource(neverRun::add, 1);
    assertTrue(neverRun.size() > 100, neverRun.size() + " draws offered");
  }

  @Test
  void aDrawIsMadeBeforeItIsAskedFor() {
    Queue<Runnable> offered = new ArrayDeque<>();
    NoiseAhead ahead = new NoiseAhead(KeyedNoise.of(4), offered::add);
    next(ahead, LARGE);
    assertEquals(0, offered.size(), "the first draw may be the only one");
    next(ahead, LARGE);
    assertEquals(3, offered.size(), "made while the network runs");
    next(ahead, LARGE);
    assertEquals(4, offered.size(), "one more for each one taken");
  }

  @Test
  void samplersAndConstraintsDrawInTurn() {
    Queue<Runnable> offered = new ArrayDeque<>();
    NoiseAhead ahead = new NoiseAhead(KeyedNoise.of(4), offered::add);
    for (int i = 0; i < 10; i++) {
      next(ahead, LARGE);
      next(ahead, SMALL);
    }
    // three after the second draw, then one for each: none was made for a shape in vain
    assertEquals(3 + 18, offered.size());
  }

  @Test
  void largeStatesAreNotKeptTwice() {
    Queue<Runnable> offered = new ArrayDeque<>();
    NoiseAhead ahead = new NoiseAhead(KeyedNoise.of(4), offered::add);
    Shape half = new Shape(1, 1, 2048, 4096);
    for (int i = 0; i < 2; i++) {
      ahead.next(new Tensor(half));
    }
    assertEquals(2, offered.size(), "two of 32 MiB are the most");
    offered.clear();
    NoiseAhead none = new NoiseAhead(KeyedNoise.of(4), offered::add);
    Shape beyond = new Shape(1, 1, 4096, 4097);
    for (int i = 0; i < 2; i++) {
      none.next(new Tensor(beyond));
    }
    assertEquals(0, offered.size());
  }
}
