package ijdiffusion.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WindowTest {
  private static final float[] PLANE_3X2 = {1, 2, 3, 4, 5, 6};

  private static float[] read(Window w, float[] plane, int width, int height) {
    float[] out = new float[w.width() * w.height()];
    w.read(i -> plane[i], width, height, out, 0);
    return out;
  }

  @Test
  void aroundHoldsItsPromisesForAnySelection() {
    SplittableRandom random = new SplittableRandom(7);
    int inside = 0;
    int outside = 0;
    for (int i = 0; i < 20_000; i++) {
      int width = 1 + random.nextInt(300);
      int height = 1 + random.nextInt(300);
      int x = random.nextInt(width);
      int y = random.nextInt(height);
      Window b = new Window(x, y, 1 + random.nextInt(width - x), 1 + random.nextInt(height - y));
      int margin = random.nextInt(60);
      int minimum = 1 + random.nextInt(130);
      int multiple = 1 + random.nextInt(32);
      Window w = Window.around(b, width, height, margin, minimum, multiple);
      String what =
          w
              + " round "
              + b
              + " of "
              + width
              + " x "
              + height
              + ", margin "
              + margin
              + ", minimum "
              + minimum
              + ", multiple "
              + multiple;
      boolean columns =
          assertSpan(b.x(), b.width(), width, margin, minimum, multiple, w.x(), w.width(), what);
      boolean rows =
          assertSpan(b.y(), b.height(), height, margin, minimum, multiple, w.y(), w.height(), what);
      boolean in = columns && rows;
      inside += in ? 1 : 0;
      outside += in ? 0 : 1;
    }
    assertTrue(inside > 1000 && outside > 1000, "the sweep has both kinds: " + inside);
  }

  /** Checks one axis; returns whether the window lies inside the plane. */
  private static boolean assertSpan(
      int start,
      int length,
      int size,
      int margin,
      int minimum,
      int multiple,
      int from,
      int side,
      String what) {
    assertEquals(0, side % multiple, what);
    assertTrue(side >= minimum, what);
    int needFrom = Math.max(0, start - margin);
    int needTo = Math.min(size, start + length + margin);
    assertTrue(from <= needFrom && from + side >= needTo, "margin: " + what);
    // no larger than needed
    assertTrue(side - multiple < Math.max(minimum, needTo - needFrom), "smallest: " + what);
    boolean inside = from >= 0 && from + side <= size;
    assertEquals(side <= size, inside, "inside when it fits: " + what);
    if (!inside) {
      assertTrue(from <= 0 && from + side >= size, "all real pixels are taken: " + what);
      assertTrue(Math.abs(-from - (from + side - size)) <= 1, "centred: " + what);
    }
    return inside;
  }

  @Test
  void aroundIsCentredAwayFromEdgesAndPushedInAtThem() {
    assertEquals(
        new Window(68, 68, 84, 84),
        Window.around(new Window(100, 100, 20, 20), 256, 256, 32, 64, 1));
    assertEquals(
        new Window(62, 62, 96, 96),
        Window.around(new Window(100, 100, 20, 20), 256, 256, 32, 64, 16));
    assertEquals(
        new Window(0, 192, 64, 64), Window.around(new Window(0, 250, 6, 6), 256, 256, 8, 64, 16));
  }

  @Test
  void aroundReachesOverTheEdgeOfASmallPlaneOnly() {
    assertEquals(
        new Window(-2, 36, 64, 64), Window.around(new Window(10, 70, 4, 4), 60, 100, 16, 64, 16));
  }

  @Test
  void reflectRepeatsTheEdgePixel() {
    int[] expected = {2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0};
    for (int i = -4; i < -4 + expected.length; i++) {
      assertEquals(expected[i + 4], Window.reflect(i, 3), "position " + i);
    }
    assertEquals(0, Window.reflect(-5, 1));
    assertEquals(0, Window.reflect(9, 1));
    assertEquals(1, Window.reflect(2, 2));
    assertEquals(0, Window.reflect(3, 2));
  }

  @Test
  void readCopiesInside() {
    assertArrayEquals(new float[] {5, 6}, read(new Window(1, 1, 2, 1), PLANE_3X2, 3, 2));
  }

  @Test
  void readReflectsAtEachCorner() {
    assertArrayEquals(
        new float[] {1, 1, 2, 1, 1, 2, 4, 4, 5}, read(new Window(-1, -1, 3, 3), PLANE_3X2, 3, 2));
    assertArrayEquals(
        new float[] {5, 6, 6, 5, 6, 6, 2, 3, 3}, read(new Window(1, 1, 3, 3), PLANE_3X2, 3, 2));
    assertArrayEquals(
        new float[] {3, 3, 2, 3, 3, 2}, read(new Window(2, -1, 3, 2), PLANE_3X2, 3, 2));
    assertArrayEquals(
        new float[] {5, 4, 4, 5, 5, 4, 4, 5}, read(new Window(-2, 1, 4, 2), PLANE_3X2, 3, 2));
  }

  @Test
  void readFillsAWindowMuchLargerThanThePlane() {
    float[] out = read(new Window(-4, -3, 8, 6), PLANE_3X2, 3, 2);
    int[] columns = {2, 2, 1, 0, 0, 1, 2, 2};
    int[] rows = {1, 1, 0, 0, 1, 1};
    for (int y = 0; y < 6; y++) {
      for (int x = 0; x < 8; x++) {
        assertEquals(PLANE_3X2[rows[y] * 3 + columns[x]], out[y * 8 + x], x + ", " + y);
      }
    }
    assertArrayEquals(
        new float[] {9, 9, 9, 9}, read(new Window(-1, 5, 2, 2), new float[] {9}, 1, 1));
  }

  @Test
  void readWritesFromTheOffsetOnAndNowhereElse() {
    float[] out = {-1, -1, -1, -1, -1};
    new Window(0, 0, 3, 1).read(i -> PLANE_3X2[i], 3, 2, out, 1);
    assertArrayEquals(new float[] {-1, 1, 2, 3, -1}, out);
  }

  @Test
  void readAsksForPixelsOfTheWindowOnly() {
    Set<Integer> asked = new TreeSet<>();
    Window.Pixels plane =
        i -> {
          asked.add(i);
          return 0;
        };
    new Window(-2, 98, 5, 4).read(plane, 1000, 100, new float[20], 0);
    assertEquals(Set.of(98_000, 98_001, 98_002, 99_000, 99_001, 99_002), asked);
  }

  @Test
  void emptyWindowIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Window(0, 0, 0, 4));
    assertThrows(IllegalArgumentException.class, () -> new Window(0, 0, 4, 0));
  }
}
