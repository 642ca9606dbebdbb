package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.CorrelatedPredictor;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pixels N(0.3, 0.04), alone or correlated, seen through noise: p(x_0 | y) is Gaussian and known.
 * Runs are affine, so their mean and variance are measured without random numbers.
 */
class DenoisingTest {
  private static final double MEAN = 0.3;
  private static final double VARIANCE = 0.04;
  private static final NoisePredictor GAUSSIAN = new GaussianPredictor(MEAN, VARIANCE);
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  /** Nearly the same levels in ten times as many steps, for what holds in the limit. */
  private static final DiscreteSchedule FINE = DiscreteSchedule.linear(10_000, 1e-5, 0.002);

  @ParameterizedTest
  @ValueSource(doubles = {0.0101, 0.05, 0.2, 1, 30})
  void posteriorMeanOfIndependentPixels(double noise) {
    Tensor y = row(-1.2f, -0.3f, 0, 0.3f, 0.8f, 1.7f);
    Tensor mean = new Denoising(LINEAR, false, noise).posteriorMean(GAUSSIAN, y);
    for (int i = 0; i < 6; i++) {
      double expected = posteriorMean(y.data()[i], noise);
      assertEquals(expected, mean.data()[i], 1e-5 * Math.max(1, noise), "noise " + noise);
    }
    assertArrayEquals(new float[] {-1.2f, -0.3f, 0, 0.3f, 0.8f, 1.7f}, y.data());
  }

  @Test
  void posteriorMeanOfCorrelatedPixels() {
    Tensor y = new Tensor(new Shape(2, 1, 1, 2), new float[] {1, -0.5f, 0.2f, 0.7f});
    Tensor mean =
        new Denoising(LINEAR, false, 0.4).posteriorMean(new CorrelatedPredictor(0.25, 0.8), y);
    double[][] gain = gain(0.25, 0.8, 0.4);
    for (int n = 0; n < 2; n++) {
      for (int i = 0; i < 2; i++) {
        double expected = gain[i][0] * y.data()[2 * n] + gain[i][1] * y.data()[2 * n + 1];
        assertEquals(expected, mean.data()[2 * n + i], 1e-5);
      }
    }
  }

  @Test
  void wholeTimesTakeTheNearestLevelAndItsNoise() {
    Denoising denoising = new Denoising(LINEAR, true, 0.2);
    NoiseLevel start = denoising.start();
    assertEquals(LINEAR.level(start.t()), start);
    assertEquals(LINEAR.levelOf(0.2).t(), start.t(), 0.5);
    assertEquals(0.2, start.noiseToSignal(), 0.01 * 0.2);
    assertEquals(
        posteriorMean(0.7, start.noiseToSignal()),
        denoising.posteriorMean(GAUSSIAN, row(0.7f)).data()[0],
        1e-5);
  }

  /** The flow keeps quantiles; Euler's steps in sigma / alpha are known one by one. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 50, 2000})
  void ddimIsTheKnownLinearMap(int steps) {
    double noise = 0.5;
    Trajectory path = new Denoising(FINE, false, noise).path(SamplerChoice.DDIM, steps);
    double gain = 1;
    for (int k = 0; k < path.transitions(); k++) {
      double t = path.levels().get(k).noiseToSignal();
      double s = path.levels().get(k + 1).noiseToSignal();
      gain *= 1 + (s - t) * t / (VARIANCE + t * t);
    }
    Tensor x = sample(GAUSSIAN, new Ddim(0), path, row(0.3f, 1.3f, -0.7f), TestNoise.zero());
    assertEquals(MEAN, x.data()[0], 1e-5);
    assertEquals(MEAN + gain, x.data()[1], 1e-5);
    assertEquals(MEAN - gain, x.data()[2], 1e-5);
    if (steps == 2000) {
      assertEquals(Math.sqrt(VARIANCE / (VARIANCE + noise * noise)), gain, 5e-4);
    }
  }

  @Test
  void ancestralSamplesHaveThePosteriorsMeanAndInTheLimitItsVariance() {
    double noise = 0.3;
    double variance = VARIANCE * noise * noise / (VARIANCE + noise * noise);
    Denoising denoising = new Denoising(FINE, false, noise);
    double before = Double.POSITIVE_INFINITY;
    for (int steps : new int[] {5, 20, 80, 320, 1280}) {
      Trajectory path = denoising.path(SamplerChoice.DDPM, steps);
      for (Sampler sampler : List.of(new Ddpm(VarianceType.FIXED_SMALL), new Ddim(1))) {
        float[] means = sample(GAUSSIAN, sampler, path, row(0, 1), TestNoise.zero()).data();
        // each step's mean is E[x_s | x_t], so the whole run's is E[x_0 | y], with any steps
        assertEquals(posteriorMean(0, noise), means[0], 2e-5);
        assertEquals(posteriorMean(1, noise), means[1], 2e-5);
        double measured = variances(GAUSSIAN, sampler, path, 1)[0][0];
        // the state is rounded to 24 bits at every step
        double rounding = (2e-5 + 1.2e-7 * steps) * measured;
        assertEquals(propagated(path), measured, rounding, steps + " steps");
      }
      double missing = 1 - propagated(path) / variance;
      assertTrue(missing > 0 && missing < before / 2, missing + " with " + steps + " steps");
      before = missing;
    }
    assertTrue(before < 0.01, "missing variance " + before);
  }

  @Test
  void samplesOfCorrelatedPixelsHaveThePosteriorsCovariance() {
    double noise = 0.4;
    NoisePredictor predictor = new CorrelatedPredictor(0.25, 0.8);
    Trajectory path = new Denoising(FINE, false, noise).path(SamplerChoice.DDPM, 2000);
    Sampler sampler = new Ddpm(VarianceType.FIXED_SMALL);
    double[][] gain = gain(0.25, 0.8, noise);
    Tensor y = new Tensor(new Shape(1, 1, 1, 2), new float[] {1, -0.5f});
    float[] mean = sample(predictor, sampler, path, y, TestNoise.zero()).data();
    double[][] covariance = variances(predictor, sampler, path, 2);
    for (int i = 0; i < 2; i++) {
      assertEquals(gain[i][0] - 0.5 * gain[i][1], mean[i], 2e-5);
      for (int j = 0; j < 2; j++) {
        // the posterior's covariance is noise^2 times its gain
        double expected = noise * noise * gain[i][j];
        assertEquals(expected, covariance[i][j], 0.01 * noise * noise * gain[0][0]);
      }
    }
  }

  @Test
  void randomSamplesScatterAsTheyShould() {
    double noise = 0.3;
    int n = 40_000;
    Tensor y = row(1).repeat(n);
    Denoising denoising = new Denoising(LINEAR, true, noise);
    Trajectory path = denoising.path(SamplerChoice.DDPM, 50);
    Tensor x = sample(GAUSSIAN, new Ddpm(VarianceType.FIXED_SMALL), path, y, KeyedNoise.of(3));
    double sum = 0;
    double squares = 0;
    double expected = posteriorMean(1, denoising.start().noiseToSignal());
    for (float v : x.data()) {
      sum += v - expected;
      squares += (v - expected) * (v - expected);
    }
    double variance = propagated(path);
    assertEquals(0, sum / n, 4 * Math.sqrt(variance / n), "mean, 4 standard errors");
    assertEquals(variance, squares / n, 4 * variance * Math.sqrt(2.0 / n), "variance");
  }

  @Test
  void oneStepIsThePosteriorMean() {
    Denoising denoising = new Denoising(LINEAR, false, 0.3);
    Trajectory path = denoising.path(SamplerChoice.HEUN, 1);
    assertEquals(List.of(denoising.start(), NoiseLevel.CLEAN), path.levels());
    Tensor y = row(0.9f, -0.1f);
    assertArrayEquals(
        denoising.posteriorMean(GAUSSIAN, y).data(),
        sample(GAUSSIAN, new Ddim(0), path, y, TestNoise.zero()).data(),
        1e-6f);
  }

  @ParameterizedTest
  @EnumSource(SamplerChoice.class)
  void pathsAreSpacedAsThoseOfGeneration(SamplerChoice sampler) {
    for (boolean whole : new boolean[] {true, false}) {
      // the schedule's own noisiest level: the very path of generation
      Denoising all = new Denoising(LINEAR, whole, Denoising.largest(LINEAR));
      List<NoiseLevel> expected = sampler.path(LINEAR, 20, whole).levels();
      List<NoiseLevel> levels = all.path(sampler, 20).levels();
      assertEquals(expected.size(), levels.size());
      for (int i = 0; i < levels.size(); i++) {
        assertEquals(expected.get(i).t(), levels.get(i).t(), 1e-6);
        assertEquals(expected.get(i).alpha(), levels.get(i).alpha(), 1e-9);
        assertEquals(expected.get(i).sigma(), levels.get(i).sigma(), 1e-9);
      }

      Denoising part = new Denoising(LINEAR, whole, 0.2);
      levels = part.path(sampler, 10).levels();
      assertEquals(part.start(), levels.get(0));
      assertEquals(11, levels.size());
      assertEquals(LINEAR.level(0).sigma(), levels.get(9).sigma(), 1e-9);
      for (NoiseLevel level : levels.subList(0, 10)) {
        assertEquals(LINEAR.levelOf(level.noiseToSignal()).t(), level.t(), 1e-6);
        assertFalse(whole && level.t() != Math.rint(level.t()), level.toString());
      }
    }
  }

  @Test
  void evenStepsAreEvenInTime() {
    Denoising denoising = new Denoising(LINEAR, true, LINEAR.level(90).noiseToSignal());
    double[] times =
        denoising.path(SamplerChoice.DDPM, 10).levels().stream()
            .mapToDouble(NoiseLevel::t)
            .toArray();
    assertArrayEquals(new double[] {90, 80, 70, 60, 50, 40, 30, 20, 10, 0, -1}, times);
  }

  @Test
  void stepsBeyondTheTableAreAllOfIt() {
    Denoising denoising = new Denoising(LINEAR, false, LINEAR.level(3).noiseToSignal() * 1.01);
    double[] times =
        denoising.path(SamplerChoice.DDIM, 100).levels().stream()
            .mapToDouble(NoiseLevel::t)
            .toArray();
    assertEquals(6, times.length);
    assertTrue(times[0] > 3 && times[0] < 4);
    assertArrayEquals(new double[] {3, 2, 1, 0, -1}, Arrays.copyOfRange(times, 1, 6), 0);
  }

  @Test
  void lessNoiseThanTheScheduleKnowsLeavesTheImage() {
    double smallest = LINEAR.level(0).noiseToSignal();
    assertFalse(new Denoising(LINEAR, true, smallest).isBelowSchedule());
    for (double noise : new double[] {0, 0.99 * smallest}) {
      Denoising denoising = new Denoising(LINEAR, true, noise);
      assertTrue(denoising.isBelowSchedule());
      assertEquals(NoiseLevel.CLEAN, denoising.start());
      Tensor y = row(0.25f, -2);
      Tensor same = denoising.posteriorMean(GAUSSIAN, y);
      assertNotSame(y, same);
      assertArrayEquals(y.data(), same.data());
      assertThrows(IllegalStateException.class, () -> denoising.path(SamplerChoice.DDIM, 5));
    }
  }

  @Test
  void refusesNoiseBeyondTheSchedule() {
    double largest = LINEAR.level(999).noiseToSignal();
    new Denoising(LINEAR, true, largest);
    for (double noise : new double[] {-0.1, 1.01 * largest, Double.NaN}) {
      String message =
          assertThrows(DiffusionException.class, () -> new Denoising(LINEAR, true, noise))
              .getMessage();
      assertTrue(message.contains("noise"), message);
      assertTrue(message.contains(" is " + noise + ","), message);
      assertTrue(message.contains("from 0.0 to " + largest), message);
    }
    DiscreteSchedule dark = LINEAR.zeroTerminalSnr();
    assertEquals(dark.level(998).noiseToSignal(), Denoising.largest(dark));
    assertThrows(
        DiffusionException.class,
        () -> new Denoising(LINEAR, true, 0.1).path(SamplerChoice.DDIM, 0));
  }

  private static double posteriorMean(double y, double noise) {
    return (VARIANCE * y + noise * noise * MEAN) / (VARIANCE + noise * noise);
  }

  /** C (C + noise^2)^-1 of two pixels. */
  private static double[][] gain(double variance, double rho, double noise) {
    double d = variance + noise * noise;
    double o = variance * rho;
    double det = d * d - o * o;
    double same = (variance * d - o * o) / det;
    double other = (o * d - variance * o) / det;
    return new double[][] {{same, other}, {other, same}};
  }

  /** Variance of x_0 given y that DDPM with small variance has, step by step in x / alpha. */
  private static double propagated(Trajectory path) {
    double v = 0;
    for (int k = 0; k < path.transitions(); k++) {
      double t = square(path.levels().get(k).noiseToSignal());
      double s = square(path.levels().get(k + 1).noiseToSignal());
      // z_s = z_t + (1 - s / t) (E[x_0 | z_t] - z_t) + noise of variance s (t - s) / t
      double slope = 1 - (1 - s / t) * t / (VARIANCE + t);
      v = slope * slope * v + s * (t - s) / t;
    }
    return v;
  }

  /** Covariance of one image's pixels, the sum over the responses to each single draw. */
  private static double[][] variances(
      NoisePredictor predictor, Sampler sampler, Trajectory path, int pixels) {
    int images = pixels * path.stepsDown();
    float[] zero =
        sample(predictor, sampler, path, new Tensor(new Shape(1, 1, 1, pixels)), TestNoise.zero())
            .data();
    Tensor x =
        sample(
            predictor,
            sampler,
            path,
            new Tensor(new Shape(images, 1, 1, pixels)),
            TestNoise.impulses());
    double[][] sum = new double[pixels][pixels];
    for (int n = 0; n < images; n++) {
      for (int i = 0; i < pixels; i++) {
        for (int j = 0; j < pixels; j++) {
          sum[i][j] +=
              ((double) x.data()[n * pixels + i] - zero[i])
                  * ((double) x.data()[n * pixels + j] - zero[j]);
        }
      }
    }
    return sum;
  }

  private static Tensor sample(
      NoisePredictor predictor, Sampler sampler, Trajectory path, Tensor y, TestNoise noise) {
    return Denoising.sample(predictor, sampler, path, y, noise, Monitor.NONE);
  }

  private static Tensor sample(
      NoisePredictor predictor, Sampler sampler, Trajectory path, Tensor y, KeyedNoise noise) {
    return Denoising.sample(predictor, sampler, path, y, noise, Monitor.NONE);
  }

  private static Tensor row(float... values) {
    return new Tensor(new Shape(1, 1, 1, values.length), values);
  }

  private static double square(double v) {
    return v * v;
  }
}
