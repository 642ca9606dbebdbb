package ijdiffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntensityRangeTest {

  @ParameterizedTest
  @CsvSource({"0,65535,-1,1", "0,65535,0,1", "-100.5,70000.25,-1,1"})
  void theInverseIsExactOnAll65536GreyValues(double low, double high, double min, double max) {
    IntensityRange range = new IntensityRange(low, high, min, max);
    for (int grey = 0; grey < 65536; grey++) {
      assertEquals(grey, Math.round(range.toGrey(range.toModel(grey))));
    }
  }

  @ParameterizedTest
  @CsvSource({"0,255", "3,130", "17.25,91.5"})
  void theInverseIsExactOnEightBitValuesInsideTheLimits(double low, double high) {
    IntensityRange range = new IntensityRange(low, high, -1, 1);
    for (int grey = (int) Math.ceil(low); grey <= high; grey++) {
      assertEquals(grey, Math.round(range.toGrey(range.toModel(grey))));
    }
  }

  @Test
  void limitsGoToTheEndsOfTheModelsRangeAndBeyondIsClipped() {
    IntensityRange range = new IntensityRange(10, 30, -1, 1);
    assertEquals(-1f, range.toModel(10));
    assertEquals(0f, range.toModel(20));
    assertEquals(1f, range.toModel(30));
    assertEquals(-1f, range.toModel(-5));
    assertEquals(1f, range.toModel(1000));
    assertEquals(40f, range.toGrey(2), 1e-5);
  }

  @Test
  void percentilesAreInterpolatedAsNumpyDoes() {
    // numpy.percentile([1, 2, 4, 8, 16], [10, 90]) = [1.4, 12.8]
    IntensityRange range =
        IntensityRange.ofPercentiles(new float[] {16, 2, 8, 1, 4}, 10, 90, 0, -1, 1);
    assertEquals(1.4, range.low(), 1e-12);
    assertEquals(12.8, range.high(), 1e-12);
  }

  @Test
  void valuesThatAreNotFiniteDoNotCount() {
    float[] values = {Float.NaN, 1, 2, Float.POSITIVE_INFINITY, 3, Float.NEGATIVE_INFINITY};
    IntensityRange range = IntensityRange.ofPercentiles(values, 0, 100, 0, -1, 1);
    assertEquals(1, range.low());
    assertEquals(3, range.high());
  }

  @Test
  void aFlatImageGetsASpanThatMapsItBackToItself() {
    for (float grey : new float[] {0, 7, 65535, -3e6f, 1e-9f}) {
      IntensityRange range =
          IntensityRange.ofPercentiles(new float[] {grey, grey}, 1, 99.8, 0, -1, 1);
      assertEquals(grey, range.toGrey(range.toModel(grey)), Math.abs(grey) * 1e-6);
    }
  }

  @Test
  void theMinimumSpanKeepsNoiseFromBeingBlownUp() {
    IntensityRange range = IntensityRange.ofPercentiles(new float[] {5, 6}, 0, 100, 8, -1, 1);
    assertEquals(5, range.low());
    assertEquals(13, range.high());
  }

  @Test
  void emptyRangesCannotBeBuilt() {
    assertThrows(IllegalArgumentException.class, () -> new IntensityRange(3, 3, -1, 1));
    assertThrows(IllegalArgumentException.class, () -> new IntensityRange(0, 1, 1, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> IntensityRange.ofPercentiles(new float[] {Float.NaN}, 1, 99, 0, -1, 1));
    assertTrue(new IntensityRange(0, 1, 0, 1).toModel(0.5f) == 0.5f);
  }
}
