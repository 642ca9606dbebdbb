package ijdiffusion.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KrigingTest {
  private static final int SIDE = 32;

  private static Tensor mask(int height, int width, IntPredicate missing) {
    Tensor mask = new Tensor(new Shape(1, 1, height, width));
    for (int i = 0; i < mask.data().length; i++) {
      mask.data()[i] = missing.test(i) ? 0 : 1;
    }
    return mask;
  }

  private static Tensor squareMask(int from, int to) {
    return mask(
        SIDE, SIDE, i -> i % SIDE >= from && i % SIDE < to && i / SIDE >= from && i / SIDE < to);
  }

  /** Fields of mean 0 and covariance exp(-distance / length). */
  private static Tensor fields(int n, int channels, double length, long seed) {
    Tensor f = new Tensor(new Shape(n, channels, SIDE, SIDE));
    KeyedNoise.of(seed).next(f);
    int[] all = IntStream.range(0, SIDE * SIDE).toArray();
    RealMatrix root = new CholeskyDecomposition(covariance(all, all, length)).getL();
    for (int start = 0; start < f.data().length; start += all.length) {
      int from = start;
      double[] z = Arrays.stream(all).mapToDouble(i -> f.data()[from + i]).toArray();
      double[] v = root.operate(z);
      for (int i : all) {
        f.data()[start + i] = (float) v[i];
      }
    }
    return f;
  }

  private static Tensor filled(Tensor mask, Tensor fields) {
    Tensor out = fields.copy();
    new Kriging(mask).fill(out);
    return out;
  }

  /** The mean of the missing pixels given all known ones, by a dense solution. */
  private static float[] best(Tensor mask, float[] field, double length) {
    int[] known = where(mask, 1);
    int[] missing = where(mask, 0);
    RealMatrix among = covariance(known, known, length);
    double[] values = Arrays.stream(known).mapToDouble(i -> field[i]).toArray();
    RealVector weights =
        new CholeskyDecomposition(among).getSolver().solve(MatrixUtils.createRealVector(values));
    double[] means = covariance(missing, known, length).operate(weights).toArray();
    float[] out = field.clone();
    for (int k = 0; k < missing.length; k++) {
      out[missing[k]] = (float) means[k];
    }
    return out;
  }

  private static int[] where(Tensor mask, float value) {
    return IntStream.range(0, mask.data().length).filter(i -> mask.data()[i] == value).toArray();
  }

  private static RealMatrix covariance(int[] rows, int[] columns, double length) {
    double[][] c = new double[rows.length][columns.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        int dx = rows[i] % SIDE - columns[j] % SIDE;
        int dy = rows[i] / SIDE - columns[j] / SIDE;
        c[i][j] = Math.exp(-Math.hypot(dx, dy) / length);
      }
    }
    return MatrixUtils.createRealMatrix(c);
  }

  private static double squareError(Tensor mask, float[] guess, float[] truth) {
    double sum = 0;
    int[] missing = where(mask, 0);
    for (int i : missing) {
      sum += Math.pow(guess[i] - truth[i], 2) / missing.length;
    }
    return sum;
  }

  /** That it has to find the covariance, and looks at the rim only, costs little. */
  @Test
  void itIsNearlyAsGoodAsTheBestLinearGuess() {
    double length = 10;
    Tensor mask = squareMask(11, 21);
    int n = 12;
    Tensor truth = fields(n, 1, length, 5);
    Tensor damaged = truth.copy();
    for (int i = 0; i < damaged.data().length; i++) {
      if (mask.data()[i % mask.data().length] == 0) {
        damaged.data()[i] = Float.NaN; // nobody may look at it
      }
    }
    Tensor made = filled(mask, damaged);
    double error = 0;
    double least = 0;
    double nothing = 0;
    for (int k = 0; k < n; k++) {
      float[] y = truth.image(k).data();
      error += squareError(mask, made.image(k).data(), y) / n;
      least += squareError(mask, best(mask, y, length), y) / n;
      nothing += squareError(mask, new float[y.length], y) / n;
    }
    String figures = "error " + error + ", least " + least + ", of zeros " + nothing;
    assertTrue(least < 0.5 * nothing, figures);
    assertTrue(error < 1.1 * least, figures);
  }

  @Test
  void knownPixelsStayAndScaleDoesNotMatter() {
    Tensor mask = squareMask(10, 20);
    Tensor f = fields(1, 1, 6, 1);
    Tensor made = filled(mask, f);
    for (int i : where(mask, 1)) {
      assertEquals(f.data()[i], made.data()[i]);
    }
    Tensor large = f.copy();
    large.setSum(1024, f, 0, f);
    Tensor expected = made.copy();
    expected.setSum(1024, made, 0, made);
    assertArrayEquals(expected.data(), filled(mask, large).data(), 1e-2f);
  }

  @Test
  void aMirrorImageIsFilledLikeTheImage() {
    Tensor mask = mask(SIDE, SIDE, i -> i % SIDE < 9 && i / SIDE > 20);
    Tensor turned = transposed(mask);
    Tensor f = fields(1, 1, 6, 3);
    assertArrayEquals(
        transposed(filled(mask, f)).data(), filled(turned, transposed(f)).data(), 1e-3f);
  }

  private static Tensor transposed(Tensor in) {
    Tensor out = new Tensor(in.shape());
    for (int i = 0; i < in.data().length; i++) {
      out.data()[i % SIDE * SIDE + i / SIDE] = in.data()[i];
    }
    return out;
  }

  @Test
  void imagesOfABatchAreOnTheirOwn() {
    Tensor mask = squareMask(12, 22);
    Tensor f = fields(3, 2, 8, 8);
    Tensor made = filled(mask, f);
    for (int n = 0; n < 3; n++) {
      assertArrayEquals(filled(mask, f.image(n)).data(), made.image(n).data());
    }
  }

  /** All channels have one covariance, so one that is 0 stays 0 and leaves the others alone. */
  @Test
  void channelsShareTheCovariance() {
    Tensor mask = squareMask(12, 22);
    Tensor grey = fields(1, 1, 8, 8);
    int n = SIDE * SIDE;
    Tensor rgb = new Tensor(new Shape(1, 3, SIDE, SIDE));
    System.arraycopy(grey.data(), 0, rgb.data(), 0, n);
    for (int i = 0; i < n; i++) {
      rgb.data()[2 * n + i] = -2 * grey.data()[i];
    }
    float[] made = filled(mask, rgb).data();
    float[] expected = filled(mask, grey).data();
    for (int i = 0; i < n; i++) {
      assertEquals(expected[i], made[i], 1e-3);
      assertEquals(0, made[n + i]);
      assertEquals(-2 * expected[i], made[2 * n + i], 1e-3);
    }
  }

  @Test
  void whereNothingIsKnownInReachTheGuessIsNothing() {
    int width = 2 * Kriging.REACH;
    Tensor mask = mask(1, width, i -> i > 4);
    Tensor f = new Tensor(new Shape(1, 1, 1, width));
    Arrays.fill(f.data(), 1);
    float[] made = filled(mask, f).data();
    for (int i = 0; i < width; i++) {
      int nearest = i - 4;
      if (nearest > Kriging.REACH) {
        assertEquals(0, made[i], "pixel " + i);
      } else if (nearest < 4) {
        assertTrue(made[i] > 0.6, i + ": " + made[i]);
      }
    }
  }

  @Test
  void masksWithoutKnownOrMissingPixelsAreNoTrouble() {
    Tensor f = fields(1, 1, 6, 2);
    assertArrayEquals(f.data(), filled(mask(SIDE, SIDE, i -> false), f).data());
    assertArrayEquals(new float[SIDE * SIDE], filled(mask(SIDE, SIDE, i -> true), f).data());
    Tensor zeros = new Tensor(f.shape());
    assertArrayEquals(zeros.data(), filled(squareMask(10, 20), zeros).data());
  }

  /** Every second pixel is missing: pixels far away do not count, and in the larger image some. */
  @ParameterizedTest
  @ValueSource(ints = {160, 1024})
  void aVeryLongRimHasAShortReachOrIsThinned(int side) {
    Tensor mask = mask(side, side, i -> (i % side + i / side) % 2 == 0);
    Tensor f = new Tensor(new Shape(1, 1, side, side));
    for (int i = 0; i < f.data().length; i++) {
      f.data()[i] = (float) Math.sin(i % side / 20.0);
    }
    float[] made = filled(mask, f).data();
    double error = 0;
    for (int i = 0; i < made.length; i++) {
      error = Math.max(error, Math.abs(made[i] - f.data()[i]));
    }
    assertTrue(error < 0.5, "off by " + error);
  }

  /** Specks of 3 x 3 pixels all over an image, where the reach is shorter than round one hole. */
  @Test
  void hundredsOfSpecksAreFilledFromThePixelsNextToThem() {
    int side = 256;
    Tensor mask = mask(side, side, i -> i % side % 16 < 3 && i / side % 16 < 3);
    Tensor noise = new Tensor(mask.shape());
    KeyedNoise.of(3).next(noise);
    Tensor f = smoothed(noise, 6);
    Tensor made = filled(mask, f);
    double error = 0;
    double variance = 0;
    for (int i : where(mask, 0)) {
      error += Math.pow(made.data()[i] - f.data()[i], 2);
      variance += Math.pow(f.data()[i], 2);
    }
    assertTrue(error < 0.2 * variance, error / variance + " of the variance is left");
  }

  /** Mean over a square of 2 r + 1 pixels, edges repeated. */
  private static Tensor smoothed(Tensor in, int r) {
    int w = in.shape().w();
    int h = in.shape().h();
    Tensor out = new Tensor(in.shape());
    for (int i = 0; i < in.data().length; i++) {
      double sum = 0;
      for (int dy = -r; dy <= r; dy++) {
        for (int dx = -r; dx <= r; dx++) {
          int x = Math.max(0, Math.min(w - 1, i % w + dx));
          int y = Math.max(0, Math.min(h - 1, i / w + dy));
          sum += in.data()[y * w + x];
        }
      }
      out.data()[i] = (float) (sum / (2 * r + 1) / (2 * r + 1));
    }
    return out;
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Kriging kriging = new Kriging(squareMask(10, 20));
    assertThrows(
        IllegalArgumentException.class,
        () -> kriging.fill(new Tensor(new Shape(1, 1, SIDE, SIDE + 1))));
    assertThrows(
        IllegalArgumentException.class, () -> new Kriging(new Tensor(new Shape(2, 1, SIDE, SIDE))));
  }
}
