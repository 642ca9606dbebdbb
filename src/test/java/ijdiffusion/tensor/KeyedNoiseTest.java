package ijdiffusion.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.junit.jupiter.api.Test;

class KeyedNoiseTest {
  private static Tensor draw(NoiseSource noise, int n, int c, int h, int w) {
    Tensor z = new Tensor(new Shape(n, c, h, w));
    noise.next(z);
    return z;
  }

  private static Tensor million(long seed) {
    return draw(KeyedNoise.of(seed), 1, 1, 1000, 1000);
  }

  /** Mean of a[i] b[i + lag]; for independent N(0, 1) values its standard deviation is n^-1/2. */
  private static double correlation(float[] a, float[] b, int lag) {
    double sum = 0;
    for (int i = 0; i + lag < a.length; i++) {
      sum += (double) a[i] * b[i + lag];
    }
    return sum / (a.length - lag);
  }

  @Test
  void momentsAreThoseOfAStandardNormal() {
    float[] z = million(1).data();
    double[] moment = new double[5];
    int beyond2 = 0;
    int beyond3 = 0;
    for (float v : z) {
      double power = 1;
      for (int k = 1; k <= 4; k++) {
        power *= v;
        moment[k] += power / z.length;
      }
      beyond2 += Math.abs(v) > 2 ? 1 : 0;
      beyond3 += Math.abs(v) > 3 ? 1 : 0;
    }
    // four standard errors at n = 1e6: sd of z^k is 1, sqrt 2, sqrt 15, sqrt 96
    assertEquals(0, moment[1], 4e-3);
    assertEquals(1, moment[2], 4e-3 * Math.sqrt(2));
    assertEquals(0, moment[3], 4e-3 * Math.sqrt(15));
    assertEquals(3, moment[4], 4e-3 * Math.sqrt(96));
    assertEquals(0.0455003, beyond2 / 1e6, 4 * Math.sqrt(0.0455 * 0.9545 / 1e6));
    assertEquals(0.0026998, beyond3 / 1e6, 4 * Math.sqrt(0.0027 * 0.9973 / 1e6));
  }

  @Test
  void neighboursAreUncorrelated() {
    float[] z = million(2).data();
    for (int lag : new int[] {1, 2, 3, 999, 1000, 1001, 2000, 64_000}) {
      assertEquals(0, correlation(z, z, lag), 4.2e-3, "lag " + lag);
    }
  }

  @Test
  void drawsSeedsSamplesAndChannelsAreUncorrelated() {
    NoiseSource noise = KeyedNoise.of(3);
    Tensor first = draw(noise, 1, 1, 1000, 1000);
    Tensor second = draw(noise, 1, 1, 1000, 1000);
    assertEquals(0, correlation(first.data(), second.data(), 0), 4e-3, "draws");
    assertEquals(0, correlation(first.data(), million(4).data(), 0), 4e-3, "seeds");
    Tensor batch = draw(KeyedNoise.of(3), 2, 1, 1000, 1000);
    float[] a = batch.image(0).data();
    float[] b = batch.image(1).data();
    assertEquals(0, correlation(a, b, 0), 4e-3, "samples");
    // sample 1 of draw 0 must not be sample 0 of draw 1
    assertEquals(0, correlation(b, second.data(), 0), 4e-3, "sample against draw");
    float[] channels = draw(KeyedNoise.of(3), 1, 2, 1000, 1000).data();
    assertEquals(0, correlation(channels, channels, 1_000_000), 4e-3, "channels");
  }

  @Test
  void aValueDependsOnItsPlaceSampleAndDrawOnly() {
    NoiseSource small = KeyedNoise.of(77);
    NoiseSource large = KeyedNoise.of(77);
    for (int d = 0; d < 3; d++) {
      Tensor a = draw(small, 1, 1, 5, 6);
      Tensor b = draw(large, 3, 2, 11, 17);
      for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 6; x++) {
          assertEquals(b.data()[y * 17 + x], a.data()[y * 6 + x], d + ": " + x + ", " + y);
        }
      }
    }
  }

  /** One of so many values that threads share it. */
  @Test
  void aLargeDrawHasTheValuesOfSmallOnes() {
    Tensor large = draw(KeyedNoise.of(5), 3, 2, 151, 97);
    for (int n = 0; n < 3; n++) {
      Tensor alone = draw(KeyedNoise.forSamples(5, n), 1, 2, 151, 97);
      assertArrayEquals(alone.data(), large.image(n).data(), "sample " + n);
    }
  }

  @Test
  void earlierImagesDoNotShiftLaterOnes() {
    Tensor batch = draw(KeyedNoise.of(5), 4, 2, 3, 3);
    for (int n = 0; n < 4; n++) {
      Tensor alone = draw(KeyedNoise.forSamples(5, n), 1, 2, 3, 3);
      assertArrayEquals(batch.image(n).data(), alone.data(), "sample " + n);
    }
  }

  @Test
  void imagesOfTheSameSampleGetTheSameNoise() {
    NoiseSource noise = KeyedNoise.forSamples(5, 2, 2, 0, 2);
    for (int d = 0; d < 2; d++) {
      Tensor z = draw(noise, 4, 1, 3, 3);
      assertArrayEquals(z.image(0).data(), z.image(1).data());
      assertArrayEquals(z.image(0).data(), z.image(3).data());
      assertTrue(z.image(0).data()[0] != z.image(2).data()[0]);
    }
  }

  @Test
  void sameSeedSameNoise() {
    assertArrayEquals(
        draw(KeyedNoise.of(-9), 2, 3, 4, 5).data(), draw(KeyedNoise.of(-9), 2, 3, 4, 5).data());
  }

  @Test
  void theIdsAreCopied() {
    int[] ids = {1};
    NoiseSource noise = KeyedNoise.forSamples(5, ids);
    ids[0] = 0;
    assertArrayEquals(
        draw(KeyedNoise.forSamples(5, 1), 1, 1, 2, 2).data(), draw(noise, 1, 1, 2, 2).data());
  }

  @Test
  void batchMustHaveAsManyImagesAsSamplesWereNamed() {
    NoiseSource noise = KeyedNoise.forSamples(5, 0, 1);
    Exception e = assertThrows(IllegalArgumentException.class, () -> draw(noise, 3, 1, 2, 2));
    assertEquals("Noise for 2 images was asked to fill a batch of 3", e.getMessage());
  }

  /** The JDK's SplittableRandom is SplitMix64, so it can stand in for hash and stream. */
  @Test
  void streamsAreThoseOfTheDocumentedKey() {
    long seed = 20_220_124;
    NoiseSource noise = KeyedNoise.of(seed);
    for (int d = 0; d < 3; d++) {
      Tensor z = draw(noise, 2, 2, 3, 4);
      int i = 0;
      for (int n = 0; n < 2; n++) {
        for (int c = 0; c < 2; c++) {
          for (int y = 0; y < 3; y++) {
            SplittableRandom row =
                new SplittableRandom(hash(hash(hash(hash(hash(seed) + n) + d) + c) + y));
            ZigguratSampler.NormalizedGaussian normal =
                ZigguratSampler.NormalizedGaussian.of(row::nextLong);
            for (int x = 0; x < 4; x++) {
              assertEquals((float) normal.sample(), z.data()[i++], "value " + i);
            }
          }
        }
      }
    }
  }

  private static long hash(long key) {
    return new SplittableRandom(key).nextLong();
  }
}
