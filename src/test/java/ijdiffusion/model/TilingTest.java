package ijdiffusion.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TilingTest {
  /** Any legal tiling of a state of up to 120 pixels a side. */
  private static Tiling random(SplittableRandom random) {
    int multiple = random.nextInt(1, 9);
    int tile = multiple * random.nextInt(1, 12);
    int overlap = multiple * random.nextInt(0, tile / multiple);
    int guard = random.nextInt(0, overlap / 2 + 1);
    int width = multiple * random.nextInt(1, 120 / multiple + 1);
    int height = multiple * random.nextInt(1, 120 / multiple + 1);
    return new Tiling(width, height, tile, overlap, guard, multiple);
  }

  @Test
  void windowsLieInsideOnTheGridAndShareTheOverlap() {
    SplittableRandom random = new SplittableRandom(1);
    for (int run = 0; run < 200; run++) {
      Tiling t = random(random);
      Window before = null;
      for (int k = 0; k < t.tiles(); k++) {
        Window w = t.window(k);
        assertEquals(Math.min(t.tile(), t.width()), w.width(), t.toString());
        assertEquals(Math.min(t.tile(), t.height()), w.height(), t.toString());
        assertTrue(w.x() >= 0 && w.x() + w.width() <= t.width(), t + " " + w);
        assertTrue(w.y() >= 0 && w.y() + w.height() <= t.height(), t + " " + w);
        assertEquals(0, w.x() % t.multiple(), t + " " + w);
        assertEquals(0, w.y() % t.multiple(), t + " " + w);
        if (before != null && before.y() == w.y()) {
          assertTrue(w.x() > before.x(), t + " " + w);
          assertTrue(before.x() + before.width() - w.x() >= t.overlap(), t + " " + w);
        }
        before = w;
      }
      assertEquals(t.width(), before.x() + before.width(), t.toString());
      assertEquals(t.height(), before.y() + before.height(), t.toString());
    }
  }

  @Test
  void weightsOfEveryPixelSumToOneAndSpareTheGuard() {
    SplittableRandom random = new SplittableRandom(2);
    for (int run = 0; run < 200; run++) {
      Tiling t = random(random);
      TileAxis columns = t.columns();
      TileAxis rows = t.rows();
      assertEquals(t.tiles(), columns.count() * rows.count());
      double[] sum = new double[t.width() * t.height()];
      for (int k = 0; k < t.tiles(); k++) {
        Window w = t.window(k);
        int column = k % columns.count();
        int row = k / columns.count();
        assertEquals(w.x(), columns.start(column));
        assertEquals(w.y(), rows.start(row));
        for (int y = 0; y < w.height(); y++) {
          for (int x = 0; x < w.width(); x++) {
            double weight = columns.weight(column, x) * rows.weight(row, y);
            boolean guarded =
                isGuarded(x, w.x(), w.width(), t.width(), t.guard())
                    || isGuarded(y, w.y(), w.height(), t.height(), t.guard());
            if (weight < 0 || guarded != (weight == 0)) {
              fail("weight " + weight + " at " + x + " " + y + " of " + w + " in " + t);
            }
            sum[(w.y() + y) * t.width() + w.x() + x] += weight;
          }
        }
      }
      for (double s : sum) {
        if (!(Math.abs(s - 1) <= 1e-12)) {
          fail("sum " + s + " in " + t);
        }
      }
    }
  }

  private static boolean isGuarded(int i, int start, int size, int length, int guard) {
    return (start > 0 && i < guard) || (start + size < length && i >= size - guard);
  }

  @Test
  void aLineOfThreeTilesByHand() {
    // starts 0, 6 and, shifted inward, 10; ramps of 4 pixels
    Tiling t = new Tiling(20, 1, 10, 4, 0, 1);
    assertEquals(3, t.tiles());
    List<Integer> starts = new ArrayList<>();
    for (int k = 0; k < 3; k++) {
      starts.add(t.window(k).x());
    }
    assertEquals(List.of(0, 6, 10), starts);
    TileAxis axis = t.columns();
    double[] first = {1, 1, 1, 1, 1, 1, 0.875, 0.625, 0.375, 0.125};
    for (int i = 0; i < 10; i++) {
      assertEquals(first[i], axis.weight(0, i), 1e-15);
      double before = i < 4 ? first[6 + i] : 0;
      assertEquals(before, axis.before(1, i), 1e-15);
    }
    // pixels 10 to 15 are in the second tile, whose end comes at 16, and in the third
    double[] second = {1, 1, 0.875, 0.625, 0.375, 0.125};
    double[] third = {0.125, 0.375, 0.625, 0.875, 1, 1};
    for (int i = 0; i < 6; i++) {
      double sum = second[i] + third[i];
      assertEquals(second[i] / sum, axis.weight(1, 4 + i), 1e-15);
      assertEquals(third[i] / sum, axis.weight(2, i), 1e-15);
    }
  }

  @Test
  void messagesNameTheValueAndTheLegalRange() {
    assertMessage(
        "tile is 60, but must be from 16 to 2147483632 and a multiple of 16.",
        () -> new Tiling(320, 320, 60, 16, 0, 16));
    assertMessage(
        "tile is 0, but must be from 1 to 2147483647.", () -> new Tiling(320, 320, 0, 0, 0, 1));
    assertMessage(
        "overlap is 64, but must be from 0 to 48 and a multiple of 16.",
        () -> new Tiling(320, 320, 64, 64, 0, 16));
    assertMessage(
        "overlap is -16, but must be from 0 to 48 and a multiple of 16.",
        () -> new Tiling(320, 320, 64, -16, 0, 16));
    assertMessage(
        "overlap is 20, but must be from 0 to 48 and a multiple of 16.",
        () -> Tiling.of(320, 320, 64, 20, 16));
    assertMessage(
        "guard is 9, but must be from 0 to 8.", () -> new Tiling(320, 320, 64, 16, 9, 16));
    assertThrows(IllegalArgumentException.class, () -> new Tiling(320, 330, 64, 16, 0, 16));
    assertThrows(IllegalArgumentException.class, () -> new Tiling(0, 320, 64, 16, 0, 16));
    assertThrows(IllegalArgumentException.class, () -> new Tiling(320, 320, 64, 16, 0, 0));
    Tiling tiling = Tiling.of(320, 320, 64, 16, 16);
    assertThrows(IllegalArgumentException.class, () -> tiling.window(-1));
    assertThrows(IllegalArgumentException.class, () -> tiling.window(tiling.tiles()));
  }

  private static void assertMessage(String message, Executable e) {
    assertEquals(message, assertThrows(DiffusionException.class, e).getMessage());
  }

  @Test
  void automaticTakesSmallStatesWhole() {
    Tiling small = Tiling.automatic(512, 512, 16, Long.MAX_VALUE);
    assertEquals("1 tile of 512 x 512 pixels", small.describe());
    assertEquals(512 * 512, small.pixels());
    assertEquals(1, Tiling.automatic(16, 48, 16, 1 << 20).tiles());
  }

  @Test
  void automaticCutsLargeStatesAndObeysTheMemory() {
    Tiling large = Tiling.automatic(10_000, 10_000, 16, 1 << 20);
    assertEquals(new Tiling(10_000, 10_000, 256, 48, 12, 16), large);
    assertEquals(48 * 48, large.tiles());
    assertEquals("2304 tiles of 256 x 256 pixels, overlap 48", large.describe());
    assertEquals(2304 * 65536L, large.pixels());
    SplittableRandom random = new SplittableRandom(3);
    for (int run = 0; run < 1000; run++) {
      int multiple = random.nextInt(1, 33);
      int width = multiple * random.nextInt(1, 4000 / multiple);
      int height = multiple * random.nextInt(1, 4000 / multiple);
      long pixels = random.nextLong(0, 200_000);
      Tiling t = Tiling.automatic(width, height, multiple, pixels);
      Window w = t.window(0);
      long used = (long) w.width() * w.height();
      assertTrue(used <= Math.max(pixels, 4L * multiple * multiple), t + " " + pixels);
      assertTrue(t.tiles() == 1 || t.overlap() >= multiple, t + " " + pixels);
    }
  }

  @Test
  void aTileOfTwoMultiplesStillOverlaps() {
    assertEquals(new Tiling(320, 320, 32, 16, 4, 16), Tiling.ofTile(320, 320, 32, 16));
    assertEquals(new Tiling(320, 320, 16, 0, 0, 16), Tiling.ofTile(320, 320, 16, 16));
    assertEquals(new Tiling(100, 100, 28, 14, 3, 1), Tiling.ofTile(100, 100, 28, 1));
  }
}
