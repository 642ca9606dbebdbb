package ijdiffusion.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The matrices of the resizer in the authors' code of ILVR, and what is true of phi. */
class LowPassFilterTest {
  private static final JsonObject REFERENCE =
      Reference.load("analytic_and_tables").getAsJsonObject("ilvr_resizer");

  /** Rows of a map on single lines, [to][from]: the images of unit vectors. */
  private static double[][] matrix(int from, int to, Resampler resampler) {
    Tensor units = new Tensor(new Shape(from, 1, 1, from));
    for (int i = 0; i < from; i++) {
      units.data()[i * from + i] = 1;
    }
    Tensor out = resampler.apply(units);
    double[][] rows = new double[to][from];
    for (int i = 0; i < to; i++) {
      for (int j = 0; j < from; j++) {
        rows[i][j] = out.data()[j * to + i];
      }
    }
    return rows;
  }

  private static double[][] times(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < b.length; k++) {
        for (int j = 0; j < c[i].length; j++) {
          c[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return c;
  }

  private static double[][] minus(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < c.length; i++) {
      for (int j = 0; j < c[i].length; j++) {
        c[i][j] = a[i][j] - b[i][j];
      }
    }
    return c;
  }

  /** Largest singular value, by power iteration on A^T A. */
  private static double norm(double[][] a) {
    double[] v = new double[a[0].length];
    for (int i = 0; i < v.length; i++) {
      v[i] = 1 + Math.sin(i * i);
    }
    double length = 0;
    for (int n = 0; n < 3000; n++) {
      double[] w = new double[v.length];
      for (double[] row : a) {
        double dot = 0;
        for (int j = 0; j < v.length; j++) {
          dot += row[j] * v[j];
        }
        for (int j = 0; j < v.length; j++) {
          w[j] += dot * row[j];
        }
      }
      length = 0;
      for (double x : w) {
        length += x * x;
      }
      length = Math.sqrt(length);
      for (int j = 0; j < v.length; j++) {
        v[j] = w[j] / length;
      }
    }
    return Math.sqrt(length);
  }

  private static double largest(double[][] a) {
    double max = 0;
    for (double[] row : a) {
      for (double v : row) {
        max = Math.max(max, Math.abs(v));
      }
    }
    return max;
  }

  @ParameterizedTest
  @CsvSource({"len16_N2, 16, 2", "len16_N4, 16, 4", "len64_N8, 64, 8", "len256_N32, 256, 32"})
  void phiIsThatOfTheAuthors(String name, int length, int factor) {
    JsonObject expected = REFERENCE.getAsJsonObject(name);
    int small = length / factor;
    double[][] down = matrix(length, small, Resampler.bicubic(1, length, 1, small));
    double[][] up = matrix(small, length, Resampler.bicubic(1, small, 1, length));
    if (expected.has("down_row0")) {
      assertRow(expected, "down_row0", down[0]);
      assertRow(expected, "down_row_mid", down[small / 2]);
      assertRow(expected, "up_row0", up[0]);
      assertRow(expected, "up_row7", up[7]);
    }
    for (double[][] m : new double[][][] {down, up}) {
      for (double[] row : m) {
        double sum = 0;
        for (double v : row) {
          sum += v;
        }
        assertEquals(1, sum, 5e-7);
      }
    }
    double[][] phi = times(up, down);
    double[][] notIdempotent = minus(times(phi, phi), phi);
    // the authors' weights are float32, as ours
    double tolerance = 1e-6;
    assertEquals(expected.get("specnorm_phi").getAsDouble(), norm(phi), tolerance);
    assertEquals(expected.get("idempotency_spec").getAsDouble(), norm(notIdempotent), tolerance);
    assertEquals(expected.get("idempotency_max").getAsDouble(), largest(notIdempotent), tolerance);
    double[][] downUp = times(down, up);
    double diagonal = expected.get("down_up_minus_I_diag_first").getAsDouble();
    assertEquals(diagonal, downUp[0][0], tolerance);
    double middle = expected.get("down_up_diag_mid").getAsDouble();
    assertEquals(middle, downUp[small / 2][small / 2], tolerance);
    for (int i = 0; i < small; i++) {
      downUp[i][i] -= 1;
    }
    assertEquals(expected.get("down_up_minus_I_max").getAsDouble(), largest(downUp), tolerance);
  }

  private static void assertRow(JsonObject expected, String key, double[] row) {
    assertArrayEquals(Reference.doubles(expected.get(key)), row, 1e-7, key);
  }

  @Test
  void phiOfARampIsThatOfTheAuthorsInBothDirections() {
    for (int factor : new int[] {2, 4}) {
      double[] expected =
          Reference.doubles(REFERENCE.getAsJsonObject("len16_N" + factor).get("phi_of_ramp"));
      Tensor ramps = new Tensor(new Shape(2, 1, 16, 16));
      for (int i = 0; i < 256; i++) {
        ramps.data()[i] = i % 16;
        ramps.data()[256 + i] = i / 16;
      }
      Tensor out = new Tensor(ramps.shape());
      LowPassFilter.bicubic(16, 16, factor).apply(ramps, out);
      for (int i = 0; i < 256; i++) {
        assertEquals(expected[i % 16], out.data()[i], 5e-6);
        assertEquals(expected[i / 16], out.data()[256 + i], 5e-6);
      }
    }
  }

  @Test
  void filtersAreLinearAndForBatchesOfAnySize() {
    for (LowPassFilter phi :
        new LowPassFilter[] {LowPassFilter.bicubic(8, 12, 4), LowPassFilter.blockMean(8, 12, 4)}) {
      for (int batch : new int[] {1, 3, 2, 2}) {
        Tensor x = new Tensor(new Shape(batch, 2, 8, 12));
        KeyedNoise.of(1).next(x);
        Tensor y = new Tensor(x.shape());
        KeyedNoise.of(2).next(y);
        Tensor sum = new Tensor(x.shape());
        sum.setSum(2, x, -0.5, y);
        Tensor expected = filtered(phi, x);
        expected.setSum(2, expected, -0.5, filtered(phi, y));
        assertArrayEquals(expected.data(), filtered(phi, sum).data(), 2e-6f);
      }
    }
  }

  @Test
  void blockMeansAreAnOrthogonalProjection() {
    LowPassFilter phi = LowPassFilter.blockMean(8, 8, 4);
    Tensor x = new Tensor(new Shape(1, 1, 8, 8));
    KeyedNoise.of(1).next(x);
    Tensor once = filtered(phi, x);
    assertArrayEquals(once.data(), filtered(phi, once).data(), 2e-7f);
    double inner = 0;
    double length = 0;
    for (int i = 0; i < 64; i++) {
      inner += (double) once.data()[i] * (x.data()[i] - once.data()[i]);
      length += (double) once.data()[i] * once.data()[i];
      assertEquals(once.data()[i / 32 * 32 + i % 8 / 4 * 4], once.data()[i]);
    }
    assertEquals(0, inner, 1e-6);
    assertTrue(length > 0.1);
  }

  @Test
  void factorOneKeepsEverything() {
    Tensor x = new Tensor(new Shape(1, 2, 3, 5));
    KeyedNoise.of(1).next(x);
    assertArrayEquals(x.data(), filtered(LowPassFilter.bicubic(3, 5, 1), x).data());
    assertArrayEquals(x.data(), filtered(LowPassFilter.blockMean(3, 5, 1), x).data());
  }

  private static Tensor filtered(LowPassFilter phi, Tensor x) {
    Tensor out = new Tensor(x.shape());
    phi.apply(x, out);
    return out;
  }

  @Test
  void sidesThatAreNoMultiplesAreRefused() {
    assertRefused(() -> LowPassFilter.bicubic(12, 8, 8), 12);
    assertRefused(() -> LowPassFilter.bicubic(8, 12, 8), 12);
    assertRefused(() -> LowPassFilter.blockMean(4, 8, 8), 4);
  }

  private static void assertRefused(Runnable bad, int side) {
    Exception e = assertThrows(IllegalArgumentException.class, bad::run);
    assertEquals("Image side " + side + " is not a multiple of the factor 8", e.getMessage());
  }
}
