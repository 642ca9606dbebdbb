package ijdiffusion.quality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetricsTest {
  @Test
  void peakSignalToNoise() {
    Tensor a = new Tensor(new Shape(1, 1, 1, 2), new float[] {0, 0});
    Tensor b = new Tensor(new Shape(1, 1, 1, 2), new float[] {1, 3});
    assertEquals(5, Metrics.meanSquare(a, b), 1e-12);
    assertEquals(10 * Math.log10(255 * 255 / 5.0), Metrics.psnr(a, b, 255), 1e-12);
    assertEquals(13.010299956639813, Metrics.psnr(a, b, 10), 1e-12);
  }

  @Test
  void greyStaysAndPrimaryColoursHaveTheirWeights() {
    Tensor grey = new Tensor(new Shape(1, 1, 1, 2), new float[] {7, 9});
    assertArrayEquals(grey.data(), Metrics.luminance(grey).data());
    Tensor rgb =
        new Tensor(
            new Shape(1, 3, 1, 4), new float[] {255, 0, 0, 50, 0, 255, 0, 50, 0, 0, 255, 50});
    assertArrayEquals(
        new float[] {76.245f, 149.685f, 29.07f, 50}, Metrics.luminance(rgb).data(), 1e-3f);
  }

  @Test
  void crpsByHand() {
    // 1/2 (1/4 + 3/4) - 1/4 (1 + 1)
    assertEquals(0, Metrics.crps(new double[] {1, 0}, 0.25), 1e-15);
    // 1/2 (3 + 2) - 1/2
    assertEquals(2, Metrics.crps(new double[] {0, 1}, 3), 1e-15);
    // 1/3 (2 + 1 + 2) - 1/12 * 2 (1 + 4 + 3)
    assertEquals(1 / 3.0, Metrics.crps(new double[] {4, 0, 1}, 2), 1e-15);
    assertEquals(0.5, Metrics.crps(new double[] {1}, 1.5), 1e-15);
  }

  /** For a uniform forecast and truth E|X - Y| - E|X - X'| / 2 = 1/3 - 1/6, however few members. */
  @Test
  void crpsDoesNotDependOnTheNumberOfMembers() {
    Random random = new Random(5);
    for (int members : new int[] {2, 4, 16}) {
      double sum = 0;
      int runs = 40_000;
      for (int i = 0; i < runs; i++) {
        sum += Metrics.crps(random.doubles(members).toArray(), random.nextDouble());
      }
      assertEquals(1 / 6.0, sum / runs, 0.006, members + " members");
    }
  }

  @Test
  void intervalOfAboutNinetyPercent() {
    assertEquals(1, Metrics.rankOfInterval(2));
    assertEquals(1, Metrics.rankOfInterval(16));
    assertEquals(2, Metrics.rankOfInterval(39));
    assertEquals(15.0 / 17, Metrics.nominal(16, 1), 1e-15);
    assertEquals(0.9, Metrics.nominal(39, 2), 1e-15);
    double[] members = {1, 2, 3};
    assertTrue(Metrics.covers(members, 1));
    assertTrue(Metrics.covers(members, 2.5));
    assertFalse(Metrics.covers(members, 0.9));
    assertFalse(Metrics.covers(members, 3.1));
  }

  @Test
  void wassersteinByHand() {
    assertEquals(
        0.25, Metrics.wasserstein(new float[] {1, 0, 2}, new float[] {2.25f, 0.25f, 1.25f}), 1e-12);
    assertEquals(0.5, Metrics.wasserstein(new float[] {0}, new float[] {1, 0}), 1e-12);
    assertEquals(0, Metrics.wasserstein(new float[] {0, 1}, new float[] {1, 0, 0, 1}), 1e-12);
  }

  @Test
  void tableOfMeans() {
    Results results =
        new Results(
            "hole | method", List.of(new Results.Metric("a", 1), new Results.Metric("b", 2)));
    results.add("disc | x", "first", 1, Double.NaN);
    results.add("disc | x", "second", 4, Double.NaN);
    results.add("disc | y", "first", 2, 0.5);
    assertEquals(2.5, results.mean("disc | x", 0), 1e-15);
    // deviations of 1.5: sqrt(4.5 / 1 / 2)
    assertEquals(1.5, results.standardError("disc | x", 0), 1e-15);
    assertEquals(
        """
        | hole | method | a | b |
        |---|---|---:|---:|
        | disc | x | 2.5 |  |
        | disc | y | 2.0 | 0.50 |
        """,
        results.table());
  }

  @Test
  void spanOfAPicture() {
    float[] grey = new float[1001];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = 5 + 0.1f * i;
    }
    Picture picture = Picture.of("ramp", new Tensor(new Shape(1, 1, 1, 1001), grey));
    Tensor units = picture.inUnits();
    assertEquals(0, units.data()[0], 1e-6);
    assertEquals(1, units.data()[998], 1e-5);
    Tensor dim = new Tensor(new Shape(1, 1, 1, 2), new float[] {3, 4});
    // 8 grey values at least
    assertArrayEquals(new float[] {0, 0.125f}, Picture.of("dim", dim).inUnits().data(), 1e-6f);
  }
}
