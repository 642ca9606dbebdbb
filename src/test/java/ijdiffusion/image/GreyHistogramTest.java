package ijdiffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.process.ByteProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Percentiles over planes against those of all values sorted, as numpy.percentile has them. */
class GreyHistogramTest {
  private static final double[] PERCENTS = {0, 0.1, 1, 37.7, 50, 99, 99.8, 100};

  private static ImageProcessor plane(int depth, Random random) {
    ImageProcessor ip =
        switch (depth) {
          case 8 -> new ByteProcessor(13, 11);
          case 16 -> new ShortProcessor(13, 11);
          default -> new FloatProcessor(13, 11);
        };
    for (int i = 0; i < 143; i++) {
      double g = Math.abs(random.nextGaussian());
      switch (depth) {
        case 8 -> ip.set(i, (int) Math.min(255, 60 * g));
        case 16 -> ip.set(i, (int) Math.min(65535, 20000 * g));
        default -> ip.setf(i, (float) (random.nextGaussian() * 1e3));
      }
    }
    return ip;
  }

  private static double sorted(double[] values, double percent) {
    double[] s = values.clone();
    Arrays.sort(s);
    double at = percent / 100 * (s.length - 1);
    int below = (int) at;
    int above = Math.min(s.length - 1, below + 1);
    return s[below] + (at - below) * (s[above] - s[below]);
  }

  private static double[] fill(GreyHistogram h, int depth, boolean holes) {
    Random random = new Random(depth);
    List<Plane> planes =
        random.ints(4).mapToObj(k -> new Plane(List.of(plane(depth, random)))).toList();
    if (holes) {
      planes.get(0).processors().get(0).setf(5, Float.NaN);
      planes.get(1).processors().get(0).setf(0, Float.POSITIVE_INFINITY);
      planes.get(2).processors().get(0).setf(142, Float.NEGATIVE_INFINITY);
    }
    if (h.needsMeasuring()) {
      planes.forEach(p -> h.measure(p, 0));
    }
    planes.forEach(p -> h.add(p, 0));
    return planes.stream()
        .flatMapToDouble(p -> IntStream.range(0, 143).mapToDouble(i -> p.value(0, i)))
        .filter(Double::isFinite)
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32})
  void percentilesAreExact(int depth) {
    GreyHistogram h = new GreyHistogram(depth == 32 ? 0 : 1 << depth);
    double[] values = fill(h, depth, depth == 32);
    assertEquals(depth == 32 ? 4 * 143 - 3 : 4 * 143, values.length);
    for (double percent : PERCENTS) {
      double expected = sorted(values, percent);
      assertEquals(expected, h.percentile(percent), 1e-12 * Math.abs(expected));
    }
  }

  @Test
  void beyondSoManyValuesTheyAreCountedInAMillionBins() {
    GreyHistogram exact = new GreyHistogram(0, 4 * 143);
    GreyHistogram binned = new GreyHistogram(0, 400);
    double[] values = fill(exact, 32, true);
    fill(binned, 32, true);
    double span = sorted(values, 100) - sorted(values, 0);
    boolean differs = false;
    for (double percent : PERCENTS) {
      double expected = sorted(values, percent);
      assertEquals(expected, exact.percentile(percent), 1e-12 * Math.abs(expected));
      assertEquals(expected, binned.percentile(percent), span / (1 << 20));
      differs |= exact.percentile(percent) != binned.percentile(percent);
    }
    assertTrue(differs, "nothing was binned");
    assertEquals(1 << 24, GreyHistogram.MOST_KEPT);
  }

  @Test
  void nothingButHolesIsEmpty() {
    GreyHistogram h = new GreyHistogram(0);
    FloatProcessor ip = new FloatProcessor(3, 3);
    ip.setValue(Double.NaN);
    ip.fill();
    Plane plane = new Plane(List.of(ip));
    h.measure(plane, 0);
    h.add(plane, 0);
    assertTrue(h.isEmpty());
  }
}
