package ijdiffusion.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.demo.NucleiField;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.apache.commons.rng.sampling.distribution.PoissonSampler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Noise of known deviation on clean images. Rounded to whole grey values, noise of deviation sigma
 * has the variance sigma^2 + 1/12.
 */
class NoiseEstimateTest {
  private static final int W = 256;
  private static final double[] SIGMAS = {2, 3, 5, 10, 20, 30};

  @Test
  void flatAndGradientWithinThreePercent() {
    for (double sigma : SIGMAS) {
      check(0.03, rounded(noisy(image(i -> 128), sigma, 1)), sigma);
      // 256 grey values in both directions, not a multiple of anything
      check(0.03, rounded(noisy(image(i -> 0.4 * (i % W) + 0.37 * (i / W)), sigma, 2)), sigma);
      check(0.03, noisy(image(i -> 128), sigma, 3), sigma);
    }
  }

  @Test
  void oneGreyValueOfNoiseSurvivesRounding() {
    check(0.05, rounded(noisy(image(i -> 128), 1, 1)), 1);
    check(0.05, rounded(noisy(NucleiField.render(W, W, 1).clean(), 1, 1)), 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nucleiWithinFivePercent(long seed) {
    float[] clean = NucleiField.render(W, W, seed).clean();
    for (double sigma : SIGMAS) {
      check(0.05, rounded(noisy(clean, sigma, seed)), sigma);
    }
  }

  @Test
  void wavesWithinFifteenPercent() {
    // contrast 80, a wave in 16 pixels each way
    float[] waves =
        image(i -> 128 + 20 * Math.sin(i % W * Math.PI / 8) + 20 * Math.sin(i / W * Math.PI / 8));
    float[] crossed =
        image(i -> 128 + 40 * Math.sin(i % W * Math.PI / 8) * Math.sin(i / W * Math.PI / 8));
    for (double sigma : SIGMAS) {
      check(0.03, rounded(noisy(waves, sigma, 4)), sigma);
      check(0.15, rounded(noisy(crossed, sigma, 4)), sigma);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nucleiOnClippedBlackWithinTenPercent(long seed) {
    float[] clean = NucleiField.render(W, W, seed).clean();
    for (double sigma : SIGMAS) {
      float[] plane = noisy(clean, sigma, seed);
      for (int i = 0; i < plane.length; i++) {
        plane[i] = Math.max(0, Math.round(plane[i] - 5)); // more than half of the background is 0
      }
      check(0.10, plane, sigma);
    }
  }

  @Test
  void whiteMayBeClippedToo() {
    float[] plane = noisy(image(i -> i % W), 20, 5);
    for (int i = 0; i < plane.length; i++) {
      plane[i] = Math.min(200, Math.max(30, Math.round(plane[i])));
    }
    check(0.05, plane, 20);
  }

  @Test
  void aBackgroundSetToZeroDoesNotCount() {
    float[] plane = noisy(image(i -> 128), 7, 6);
    for (int i = 0; i < plane.length; i++) {
      if (i % W > 64) {
        plane[i] = 0;
      }
    }
    check(0.05, rounded(plane), 7);
  }

  @Test
  void clippedInTheMiddleWithNothingElseIsTooLowAsSaid() {
    float[] plane = noisy(image(i -> 0), 10, 7);
    for (int i = 0; i < plane.length; i++) {
      plane[i] = Math.max(0, plane[i]);
    }
    double sigma = NoiseEstimate.of(plane, W, W).sigma();
    assertTrue(sigma > 5 && sigma < 10, "half a normal distribution has sd 6.03, not " + sigma);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 2", "1, 1", "2, 0", "2, 3"})
  void shotNoiseHasGainAndOffset(double gain, double read) {
    float[] clean = NucleiField.render(512, 512, 4).clean();
    SplittableRandom random = new SplittableRandom(8);
    double power = 0;
    float[] plane = new float[clean.length];
    for (int i = 0; i < plane.length; i++) {
      plane[i] = (float) (gain * PoissonSampler.of(random::nextLong, clean[i] / gain).sample());
      power += (gain * clean[i] + read * read) / clean.length;
    }
    plane = rounded(noisy(plane, read, 8));
    NoiseEstimate estimate = NoiseEstimate.of(plane, 512, 512);
    assertEquals(gain, estimate.gain(), 0.1 * gain, "gain");
    assertEquals(Math.sqrt(power + 1 / 12.0), estimate.sigma(), 0.03 * estimate.sigma());
    for (double grey : new double[] {10, 60, 120}) {
      double expected = Math.sqrt(gain * grey + read * read + 1 / 12.0);
      assertEquals(expected, estimate.sigmaAt(grey), 0.1 * expected, "at " + grey);
    }
  }

  @Test
  void evenNoiseHasNoGain() {
    NoiseEstimate estimate =
        NoiseEstimate.of(noisy(NucleiField.render(W, W, 2).clean(), 10, 9), W, W);
    assertEquals(10, estimate.sigmaAt(0), 0.3);
    assertEquals(10, estimate.sigmaAt(130), 0.7);
  }

  @Test
  void scalesWithTheGreyValues() {
    float[] plane = noisy(image(i -> 0.5 * (i % W)), 10, 10);
    float[] wide = plane.clone();
    for (int i = 0; i < wide.length; i++) {
      wide[i] = 64 * wide[i] - 12000;
    }
    NoiseEstimate one = NoiseEstimate.of(plane, W, W);
    NoiseEstimate other = NoiseEstimate.of(wide, W, W);
    assertEquals(64 * one.sigma(), other.sigma(), 0.01 * other.sigma());
    assertEquals(64 * one.sigmaAt(50), other.sigmaAt(64 * 50 - 12000), 0.01 * other.sigma());
  }

  @Test
  void whatIsNotFiniteDoesNotCount() {
    float[] plane = noisy(image(i -> 128), 10, 11);
    for (int i = 0; i < plane.length; i += 37) {
      plane[i] = i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY;
    }
    check(0.05, plane, 10);
  }

  @Test
  void largePlanesAreSampled() {
    int w = 1500;
    Tensor z = new Tensor(new Shape(1, 1, w, w));
    KeyedNoise.of(12).next(z);
    assertEquals(1, NoiseEstimate.of(z.data(), w, w).sigma(), 0.01);
  }

  @Test
  void nothingVariesNothingIsNoise() {
    NoiseEstimate none = new NoiseEstimate(0, 0, 0);
    assertEquals(none, NoiseEstimate.of(new float[100], 10, 10));
    assertEquals(none, NoiseEstimate.of(new float[] {1, 2, 3, 4}, 2, 2));
    assertEquals(0, NoiseEstimate.of(image(i -> i % W + 2.0 * (i / W)), W, W).sigma());
    assertEquals(0, none.sigmaAt(-1));
  }

  @Test
  void refusesWhatIsNoPlane() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> NoiseEstimate.of(new float[5], 2, 2))
            .getMessage()
            .contains("5 values"));
    assertThrows(IllegalArgumentException.class, () -> new NoiseEstimate(Double.NaN, 0, 0));
  }

  private static void check(double tolerance, float[] plane, double sigma) {
    boolean whole = true;
    for (float v : plane) {
      whole &= v == Math.rint(v);
    }
    double expected = Math.sqrt(sigma * sigma + (whole ? 1 / 12.0 : 0));
    double estimate = NoiseEstimate.of(plane, W, W).sigma();
    assertEquals(expected, estimate, tolerance * expected, "sigma " + sigma);
  }

  private static float[] image(IntToDoubleFunction value) {
    float[] plane = new float[W * W];
    for (int i = 0; i < plane.length; i++) {
      plane[i] = (float) value.applyAsDouble(i);
    }
    return plane;
  }

  private static float[] noisy(float[] clean, double sigma, long seed) {
    Tensor z = new Tensor(new Shape(1, 1, 1, clean.length));
    KeyedNoise.of(seed).next(z);
    for (int i = 0; i < clean.length; i++) {
      z.data()[i] = (float) (clean[i] + sigma * z.data()[i]);
    }
    return z.data();
  }

  private static float[] rounded(float[] plane) {
    float[] whole = new float[plane.length];
    for (int i = 0; i < plane.length; i++) {
      whole[i] = Math.round(plane[i]);
    }
    return whole;
  }
}
