package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NoiseLevelTest {
  @Test
  void comparesNoiseBesideSignal() {
    NoiseLevel half = new NoiseLevel(1, 0.5, 1);
    NoiseLevel full = new NoiseLevel(2, 1, 1.5);
    assertTrue(full.isCleanerThan(half), "1.5 beside 1 is less than 1 beside 0.5");
    assertFalse(half.isCleanerThan(full));
    assertFalse(half.isCleanerThan(half));
    assertTrue(NoiseLevel.CLEAN.isCleanerThan(full));
    assertEquals(2, half.noiseToSignal());
    assertEquals(0.25, half.alphaBar());
  }

  @Test
  void pureNoiseIsTheNoisiestLevel() {
    NoiseLevel pure = new NoiseLevel(999, 0, 1);
    NoiseLevel almost = new NoiseLevel(998, 1e-9, 1);
    assertTrue(almost.isCleanerThan(pure));
    assertFalse(pure.isCleanerThan(almost));
  }

  @Test
  void impossibleLevelsAreRefused() {
    for (double alpha : new double[] {-1e-9, 1.0001, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new NoiseLevel(0, alpha, 1));
    }
    for (double sigma : new double[] {-1e-9, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new NoiseLevel(0, 1, sigma));
    }
  }
}
