package ijdiffusion.quality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;

class HoleFillTest {
  private static double[] plane(int side, DoubleBinaryOperator value) {
    double[] out = new double[side * side];
    for (int i = 0; i < out.length; i++) {
      int row = i / side;
      out[i] = value.applyAsDouble(i % side, row);
    }
    return out;
  }

  private static double[] damaged(double[] plane, boolean[] hole) {
    double[] out = plane.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] = hole[i] ? 1e3 : out[i];
    }
    return out;
  }

  @Test
  void polynomialsComeBack() {
    double[] ramp = plane(Holes.SIDE, (x, y) -> 0.3 + 0.01 * x - 0.02 * y);
    double[] saddle = plane(Holes.SIDE, (x, y) -> 1e-3 * (x * x - y * y + x * y));
    // the discrete Laplacian of a cubic is linear
    double[] cubic = plane(Holes.SIDE, (x, y) -> 1e-5 * (x * x * x + x * y * y) - 1e-3 * y * y);
    for (boolean[] hole : Holes.all().values()) {
      HoleFill fill = new HoleFill(hole, Holes.SIDE);
      assertArrayEquals(ramp, fill.harmonic(damaged(ramp, hole)), 1e-9);
      assertArrayEquals(saddle, fill.harmonic(damaged(saddle, hole)), 1e-9);
      assertArrayEquals(ramp, fill.biharmonic(damaged(ramp, hole)), 1e-8);
      assertArrayEquals(cubic, fill.biharmonic(damaged(cubic, hole)), 1e-8);
    }
  }

  /**
   * Biharmonic: {@code inpaint_biharmonic} of scikit-image 0.26.0. Harmonic: numpy's dense solver.
   */
  @Test
  void irregularHoleAsElsewhere() {
    boolean[] hole = new boolean[256];
    for (int i = 0; i < hole.length; i++) {
      int x = i % 16;
      int y = i / 16;
      hole[i] = (y >= 5 && y < 10 && x >= 6 && x < 11) || (y == 10 && x == 8);
    }
    double[] image =
        plane(16, (x, y) -> 0.5 + 0.3 * Math.sin(0.4 * x) * Math.cos(0.3 * y) + 0.01 * x);
    HoleFill fill = new HoleFill(hole, 16);
    double[] biharmonic = fill.biharmonic(damaged(image, hole));
    assertEquals(0.5746945849727418, biharmonic[5 * 16 + 6], 1e-9);
    assertEquals(0.587554557268164, biharmonic[7 * 16 + 8], 1e-9);
    assertEquals(0.8027180816578264, biharmonic[9 * 16 + 10], 1e-9);
    assertEquals(0.5971325416664222, biharmonic[10 * 16 + 8], 1e-9);
    double[] harmonic = fill.harmonic(damaged(image, hole));
    assertEquals(0.5759718556386814, harmonic[5 * 16 + 6], 1e-9);
    assertEquals(0.5837796709147588, harmonic[7 * 16 + 8], 1e-9);
    assertEquals(0.7801616622110025, harmonic[9 * 16 + 10], 1e-9);
    assertEquals(0.5949978446390413, harmonic[10 * 16 + 8], 1e-9);
  }

  @Test
  void rimMeanLooksAtTheFourNeighbours() {
    boolean[] hole = new boolean[25];
    hole[12] = true;
    double[] plane = new double[25];
    plane[7] = 1;
    plane[11] = 2;
    plane[13] = 3;
    plane[17] = 6;
    plane[6] = 100;
    plane[12] = 1e6;
    assertEquals(3, new HoleFill(hole, 5).rimMean(plane)[12], 1e-12);
  }

  @Test
  void refusesAHoleAtTheEdge() {
    boolean[] hole = new boolean[25];
    hole[6] = true;
    assertThrows(IllegalArgumentException.class, () -> new HoleFill(hole, 5));
  }
}
