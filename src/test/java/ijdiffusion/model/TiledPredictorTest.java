package ijdiffusion.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.Cancelled;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TiledPredictorTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final NoiseLevel LEVEL = LINEAR.level(300);

  private static Tensor noise(Shape shape) {
    Tensor x = new Tensor(shape);
    KeyedNoise.of(7).next(x);
    return x;
  }

  private static Prediction predict(NoisePredictor predictor, Tensor x) {
    Prediction out = new Prediction(x.shape(), predictor.predictsVariance());
    // what a reused buffer may hold
    out.eps().fill(Float.NaN);
    out.x0().fill(Float.NaN);
    predictor.predict(x, LEVEL, out);
    return out;
  }

  private static NoisePredictor tiled(NoisePredictor predictor, Tiling tiling) {
    return new TiledPredictor(WindowPredictor.of(predictor), tiling);
  }

  private static Tensor ddpm(NoisePredictor predictor, Shape shape) {
    Trajectory path = Trajectory.down(LINEAR, TimeGrid.respaced(1000, 50));
    KeyedNoise noise = KeyedNoise.of(3);
    Tensor x = new Tensor(shape);
    noise.next(x);
    new ReverseProcess(predictor, new Ddpm(VarianceType.FIXED_SMALL), Constraint.NONE, path)
        .run(x, noise, Monitor.NONE);
    return x;
  }

  @ParameterizedTest
  @CsvSource({
    // n, c, height, width, tile, overlap, guard, multiple
    "1, 1, 37, 53, 16, 4, 1, 1",
    "2, 1, 37, 53, 16, 0, 0, 1",
    "1, 3, 53, 37, 11, 7, 3, 1",
    "3, 2, 29, 31, 13, 12, 6, 1",
    "1, 1, 64, 80, 32, 16, 4, 16",
    "1, 1, 96, 16, 32, 16, 8, 16",
    "2, 3, 1, 101, 10, 3, 0, 1",
    "1, 1, 40, 40, 64, 16, 4, 8",
  })
  void aPointwiseOracleRunsAlikeInTilesAndWhole(
      int n, int c, int height, int width, int tile, int overlap, int guard, int multiple) {
    Shape shape = new Shape(n, c, height, width);
    Tiling tiling = new Tiling(width, height, tile, overlap, guard, multiple);
    for (NoisePredictor oracle :
        List.of(new GaussianPredictor(0.3, 0.04), MixturePredictor.REFERENCE)) {
      Tensor whole = ddpm(oracle, shape);
      assertArrayEquals(whole.data(), ddpm(tiled(oracle, tiling), shape).data(), 1e-6f);
    }
  }

  @Test
  void nothingBehindTheGuardIsEverUsed() {
    Tiling tiling = new Tiling(200, 120, 40, 16, 5, 4);
    WindowPredictor spoilt =
        (x, where, level, out) -> {
          out.eps().fill(0);
          for (int i = 0; i < out.eps().data().length; i++) {
            int column = i % where.width();
            int row = i / where.width();
            if (isBehind(column, where.x(), where.width(), 200)
                || isBehind(row, where.y(), where.height(), 120)) {
              out.eps().data()[i] = Float.NaN;
            }
          }
          out.x0().set(out.eps());
        };
    Prediction out = predict(new TiledPredictor(spoilt, tiling), noise(new Shape(1, 1, 120, 200)));
    for (float v : out.eps().data()) {
      assertEquals(0, v);
    }
    assertArrayEquals(out.eps().data(), out.x0().data());
  }

  private static boolean isBehind(int i, int start, int size, int length) {
    return (start > 0 && i < 5) || (start + size < length && i >= size - 5);
  }

  @ParameterizedTest
  @CsvSource({"24, 8, 2", "36, 8, 3", "28, 4, 2", "40, 20, 10", "200, 8, 2"})
  void aNetworkThatLooksNoFartherThanTheGuardGivesTheSameAsWhole(int tile, int overlap, int guard) {
    Tensor x = noise(new Shape(2, 1, 100, 132));
    NoisePredictor box = new BoxPredictor(2);
    Tiling tiling = new Tiling(132, 100, tile, overlap, guard, 4);
    assertArrayEquals(predict(box, x).eps().data(), predict(tiled(box, tiling), x).eps().data());
    // and over a whole run, in which what is seen spreads from step to step
    Shape small = new Shape(1, 1, 52, 60);
    Tiling cut = new Tiling(60, 52, tile, overlap, guard, 4);
    assertArrayEquals(ddpm(box, small).data(), ddpm(tiled(box, cut), small).data());
  }

  @Test
  void pixelsFartherThanTheReceptiveFieldFromAnyEndDoNotDependOnTheTile() {
    // without a guard: only windows' ends are wrong, and only as far as the network looks
    int radius = 2;
    Tensor x = noise(new Shape(1, 1, 96, 120));
    NoisePredictor box = new BoxPredictor(radius);
    float[] whole = predict(box, x).eps().data();
    for (int tile : new int[] {24, 32, 40}) {
      Tiling tiling = new Tiling(120, 96, tile, 8, 0, 8);
      float[] cut = predict(tiled(box, tiling), x).eps().data();
      int wrong = 0;
      for (int i = 0; i < cut.length; i++) {
        if (isNearAnEnd(tiling, i % 120, i / 120, radius)) {
          wrong += cut[i] == whole[i] ? 0 : 1;
        } else {
          assertEquals(whole[i], cut[i], "tile " + tile + ", pixel " + i % 120 + " " + i / 120);
        }
      }
      assertTrue(wrong > 500, "without a guard ends are wrong, or this test could not fail");
    }
  }

  private static boolean isNearAnEnd(Tiling tiling, int x, int y, int radius) {
    for (int k = 0; k < tiling.tiles(); k++) {
      Window w = tiling.window(k);
      if (near(x, w.x(), w.width(), tiling.width(), radius)
          || near(y, w.y(), w.height(), tiling.height(), radius)) {
        return true;
      }
    }
    return false;
  }

  private static boolean near(int i, int start, int size, int length, int radius) {
    int right = start + size;
    return (start > 0 && i >= start - radius && i < start + radius)
        || (right < length && i >= right - radius && i < right + radius);
  }

  @Test
  void windowsThatDisagreeAreBlendedByTheirWeights() {
    // each window says its own number everywhere
    Tiling tiling = new Tiling(61, 45, 17, 9, 2, 1);
    int[] count = {0};
    WindowPredictor numbered =
        (x, where, level, out) -> {
          out.eps().fill(++count[0]);
          out.x0().fill(-count[0]);
        };
    Prediction out = predict(new TiledPredictor(numbered, tiling), noise(new Shape(1, 1, 45, 61)));
    TileAxis columns = tiling.columns();
    TileAxis rows = tiling.rows();
    double[] expected = new double[61 * 45];
    for (int k = 0; k < tiling.tiles(); k++) {
      Window w = tiling.window(k);
      for (int y = 0; y < w.height(); y++) {
        for (int x = 0; x < w.width(); x++) {
          double weight =
              columns.weight(k % columns.count(), x) * rows.weight(k / columns.count(), y);
          expected[(w.y() + y) * 61 + w.x() + x] += weight * (k + 1);
        }
      }
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], out.eps().data()[i], 2e-5);
      assertEquals(-expected[i], out.x0().data()[i], 2e-5);
    }
  }

  @Test
  void stateIsSumOfImageAndNoiseAfterBlending() {
    // a network that contradicts itself from window to window
    WindowPredictor moody =
        (x, where, level, out) -> {
          out.eps().setSum(1 / (1.0 + where.x()), x, 0, x);
          out.completeFromEps(x, level);
        };
    Tensor x = noise(new Shape(1, 2, 40, 56));
    Prediction out = predict(new TiledPredictor(moody, Tiling.of(56, 40, 24, 8, 8)), x);
    Tensor sum = new Tensor(x.shape());
    sum.setSum(LEVEL.alpha(), out.x0(), LEVEL.sigma(), out.eps());
    assertArrayEquals(x.data(), sum.data(), 2e-6f);
  }

  @Test
  void theVarianceIsBlendedToo() {
    WindowPredictor learned =
        new WindowPredictor() {
          @Override
          public void predict(Tensor x, Window where, NoiseLevel level, Prediction out) {
            out.eps().set(x);
            out.x0().set(x);
            out.variance().setSum(0.5, x, 0, x);
          }

          @Override
          public boolean predictsVariance() {
            return true;
          }
        };
    NoisePredictor tiled = new TiledPredictor(learned, Tiling.of(56, 40, 24, 8, 8));
    assertTrue(tiled.predictsVariance());
    Tensor x = noise(new Shape(1, 1, 40, 56));
    Tensor half = new Tensor(x.shape());
    half.setSum(0.5, x, 0, x);
    assertArrayEquals(half.data(), predict(tiled, x).variance().data());
  }

  @Test
  void oneTileGoesStraightThrough() {
    Tensor x = noise(new Shape(1, 1, 16, 16));
    Prediction out = new Prediction(x.shape(), false);
    List<Integer> told = new ArrayList<>();
    WindowPredictor same =
        (state, where, level, prediction) -> {
          assertSame(x, state);
          assertSame(out, prediction);
          assertEquals(new Window(0, 0, 16, 16), where);
        };
    new TiledPredictor(same, Tiling.of(16, 16, 32, 16, 16), (done, total) -> told.add(done + total))
        .predict(x, LEVEL, out);
    assertEquals(List.of(2), told);
  }

  @Test
  void buffersAreReusedFromTileToTileAndFromCallToCall() {
    List<Object> seen = new ArrayList<>();
    WindowPredictor witness =
        (x, where, level, out) -> {
          seen.add(x);
          seen.add(out);
          out.eps().fill(0);
          out.x0().fill(0);
        };
    NoisePredictor tiled = new TiledPredictor(witness, Tiling.of(64, 64, 32, 16, 16));
    Tensor x = noise(new Shape(1, 1, 64, 64));
    predict(tiled, x);
    predict(tiled, x);
    for (int i = 2; i < seen.size(); i++) {
      assertSame(seen.get(i % 2), seen.get(i));
    }
    predict(tiled, noise(new Shape(2, 1, 64, 64)));
    assertEquals(2, ((Tensor) seen.get(seen.size() - 2)).shape().n());
  }

  @Test
  void theListenerHearsEveryTileAndMayCancel() {
    Tiling tiling = Tiling.of(64, 64, 32, 16, 16);
    Tensor x = noise(new Shape(1, 1, 64, 64));
    List<Integer> told = new ArrayList<>();
    WindowPredictor gauss = WindowPredictor.of(new GaussianPredictor(0, 1));
    NoisePredictor heard =
        new TiledPredictor(
            gauss,
            tiling,
            (done, total) -> {
              assertEquals(9, total);
              told.add(done);
            });
    predict(heard, x);
    assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9), told);
    NoisePredictor stopped =
        new TiledPredictor(
            gauss,
            tiling,
            (done, total) -> {
              told.add(-done);
              if (done == 3) {
                throw new Cancelled();
              }
            });
    assertThrows(Cancelled.class, () -> predict(stopped, x));
    assertEquals(-3, told.get(told.size() - 1));
  }

  @Test
  void refusesAStateOfAnotherSize() {
    NoisePredictor tiled = tiled(new GaussianPredictor(0, 1), Tiling.of(64, 48, 32, 16, 16));
    assertThrows(
        IllegalArgumentException.class, () -> predict(tiled, noise(new Shape(1, 1, 64, 48))));
  }
}
