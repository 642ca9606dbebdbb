package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.LowPass.Variant;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ILVR's constraint: the authors' run draw by draw, and exact propagation on Gaussians. */
class LowPassTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final Sampler DDPM = new Ddpm(VarianceType.FIXED_SMALL);

  private static Trajectory path(int steps) {
    return Trajectory.down(LINEAR, TimeGrid.respaced(1000, steps));
  }

  private static Tensor random(Shape shape, long seed) {
    Tensor x = new Tensor(shape);
    KeyedNoise.of(seed).next(x);
    return x;
  }

  private static Tensor filtered(LowPassFilter phi, Tensor x) {
    Tensor out = new Tensor(x.shape());
    phi.apply(x, out);
    return out;
  }

  @Test
  void theAuthorsRun() {
    JsonObject expected =
        Reference.load("original_code_loops")
            .getAsJsonObject("cases")
            .getAsJsonObject("sm42_ilvr_original/n20_N4_range0");
    Tensor one = new Tensor(new Shape(4, 3, 8, 8));
    one.fill(1);
    Tensor x = DummyPredictor.noise();
    x.setSum(2, x, -1, one);
    Tensor y = DummyPredictor.sample();
    y.setSum(2, y, -1, one);
    Trajectory path = path(20);
    LowPass lowPass =
        new LowPass(
            LowPassFilter.bicubic(8, 8, 4), y, Variant.CODE, LowPass.lastSteps(path, 0 + 1));
    TestNoise noise = TestNoise.sm42();
    new ReverseProcess(
            DummyPredictor.of(Parameterization.EPSILON).clipped(-1, 1), DDPM, lowPass, path)
        .run(x, noise, Monitor.NONE);
    double absolute = 0;
    double sum = 0;
    for (float v : x.data()) {
      absolute += Math.abs(v);
      sum += v;
    }
    double reference = expected.get("measured_abs_sum").getAsDouble();
    assertEquals(reference, absolute, 1e-5 * reference, "sum |x|");
    assertEquals(expected.get("measured_sum").getAsDouble(), sum, 1e-5 * reference, "sum x");
    DiffusersLoopTest.assertValues(expected.get("measured_first8"), x.data(), 0, 1e-5);
    DiffusersLoopTest.assertValues(expected.get("measured_last8"), x.data(), 760, 1e-5);
    assertEquals(20 + 19, noise.draws());
    assertEquals(
        expected.getAsJsonObject("config").get("final_rng_state_hex").getAsString(),
        "0x" + Long.toHexString(noise.splitMixState()));
  }

  @Test
  void theLowPassIsReplacedAndNothingElse() {
    Shape shape = new Shape(2, 3, 8, 4);
    Tensor y = random(shape, 1);
    Tensor z = random(shape, 2);
    Tensor before = random(shape, 3);
    NoiseLevel t = LINEAR.level(300);
    NoiseLevel s = LINEAR.level(250);
    for (Variant variant : Variant.values()) {
      NoiseLevel level = variant == Variant.CODE ? t : s;
      LowPassFilter phi = LowPassFilter.bicubic(8, 4, 2);
      Tensor noisy = new Tensor(shape);
      noisy.setSum(level.alpha(), y, level.sigma(), z);
      Tensor expected = new Tensor(shape);
      expected.setSum(1, before, -1, filtered(phi, before), 1, filtered(phi, noisy));
      Tensor x = before.copy();
      TestNoise noise = TestNoise.repeating(z);
      new LowPass(phi, y, variant, NoiseLevel.CLEAN).afterStep(x, t, s, noise);
      assertArrayEquals(expected.data(), x.data(), 2e-6f);
      assertEquals(1, noise.draws());
    }
  }

  @Test
  void stepsFromTheFreeLevelOnAreFree() {
    // the authors condition position i of the respaced schedule where i > range_t
    Trajectory path = path(10);
    Tensor y = random(new Shape(1, 1, 4, 4), 1);
    for (int rangeT = 0; rangeT < 10; rangeT++) {
      NoiseLevel free = LowPass.lastSteps(path, rangeT + 1);
      LowPass lowPass = new LowPass(LowPassFilter.bicubic(4, 4, 2), y, Variant.CODE, free);
      for (int k = 0; k < 10; k++) {
        int position = 9 - k;
        Tensor x = new Tensor(y.shape());
        TestNoise noise = TestNoise.sm42();
        lowPass.afterStep(x, path.levels().get(k), path.levels().get(k + 1), noise);
        assertEquals(position > rangeT ? 1 : 0, noise.draws());
        assertEquals(position > rangeT, x.data()[5] != 0);
      }
    }
    assertEquals(NoiseLevel.CLEAN, LowPass.lastSteps(path, 0));
  }

  @Test
  void withAProjectionThePapersLowPassIsExactInTheEnd() {
    Shape shape = new Shape(2, 2, 8, 8);
    Tensor y = random(shape, 5);
    LowPassFilter phi = LowPassFilter.blockMean(8, 8, 4);
    for (Sampler sampler : new Sampler[] {DDPM, new Ddim(0), DpmSolverPp.ode(2)}) {
      Tensor x = random(shape, 6);
      new ReverseProcess(
              new GaussianPredictor(0.3, 0.04),
              sampler,
              new LowPass(phi, y, Variant.PAPER, NoiseLevel.CLEAN),
              path(25))
          .run(x, KeyedNoise.of(7), Monitor.NONE);
      assertArrayEquals(filtered(phi, y).data(), filtered(phi, x).data(), 1e-6f);
      float highest = 0;
      for (int i = 0; i < x.data().length; i++) {
        highest = Math.max(highest, Math.abs(x.data()[i] - y.data()[i]));
      }
      assertTrue(highest > 0.3, "the rest is drawn anew");
    }
  }

  /**
   * White data, 2 x 2 pixels and their mean. The mean of the pixels ends as alpha y + sigma z / 2
   * of level 1 taken through one step; the variance of the three differences beside that of the
   * data is that of plain DDPM, computed independently.
   */
  @ParameterizedTest
  @CsvSource({"250, 0.0132, 0.94406", "1000, 0.0074, 0.98450"})
  void onWhiteDataTheCodesLowPassIsNearAndTheRestUnbiased(
      int steps, double lowPassStd, double ratio) {
    Trajectory path = path(steps);
    GaussianPredictor white = new GaussianPredictor(0.3, 0.25);
    LowPassFilter phi = LowPassFilter.blockMean(2, 2, 2);
    double[] y = {0.5, 0.9, -0.1, 0.3};
    Run run = measure(white, phi, path, Variant.CODE, 1, y, 2, 2);
    double low = 0;
    double all = 0;
    for (double[] response : run.responses) {
      double mean = 0;
      for (double v : response) {
        mean += v / 4;
        all += v * v;
      }
      low += mean * mean;
    }
    NoiseLevel last = path.levels().get(steps - 1);
    NoiseLevel before = path.levels().get(steps - 2);
    double a = last.alpha();
    double gain = a * 0.25 / (a * a * 0.25 + last.sigma() * last.sigma());
    assertEquals(gain * before.sigma() / 2, Math.sqrt(low), 2e-6, "low-pass std");
    assertEquals(lowPassStd, Math.sqrt(low), 5e-5, "low-pass std");
    double mean = 0;
    for (double v : run.mean) {
      mean += v / 4;
    }
    assertEquals(0.3 + gain * (before.alpha() * 0.4 - a * 0.3), mean, 1e-6, "low-pass mean");
    assertEquals(0.4, mean, 6e-4, "low-pass mean");
    for (double v : run.mean) {
      assertEquals(mean, v, 1e-6, "the fine part does not see the reference's");
    }
    assertEquals(ratio, (all - 4 * low) / 3 / 0.25, 2e-5, "variance of the fine part");
  }

  /** Correlated data and the true filter: no closed form, so mean and covariance are propagated. */
  @ParameterizedTest
  @CsvSource({"CODE, 1", "CODE, 7", "PAPER, 0", "PAPER, 5"})
  void onCorrelatedDataARunIsItsExactPropagation(Variant variant, int free) {
    int n = 16;
    double[] mu = new double[n];
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      mu[i] = 0.3 - 0.02 * i;
      y[i] = 0.6 * Math.sin(i / 2.0);
    }
    FieldPredictor field = new FieldPredictor(mu, FieldPredictor.autoregressive(0.25, 0.9, 4, 4));
    LowPassFilter phi = LowPassFilter.bicubic(4, 4, 2);
    Trajectory path = path(20);
    Run run = measure(field, phi, path, variant, free, y, 4, 4);
    Gaussian expected = propagate(field, Matrices.of(phi, 4, 4), path, variant, free, y);
    double[][] covariance = new double[n][n];
    for (double[] response : run.responses) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          covariance[i][j] += response[i] * response[j];
        }
      }
    }
    assertArrayEquals(expected.mean, run.mean, 1e-5);
    for (int i = 0; i < n; i++) {
      assertArrayEquals(expected.covariance[i], covariance[i], 1e-5, "row " + i);
    }
    assertTrue(expected.covariance[5][5] > 0.01, "there is something to compare");
  }

  /** The mean of what the reference does not say stays biased, however many steps. */
  @Test
  void fineStructureThatHangsOnTheCoarseIsBiased() {
    int n = 16;
    double[][] p = new double[n][n];
    double[][] sums = new double[4][n];
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      y[i] = 0.6 * Math.sin(i / 2.0);
      sums[i / 4][i] = 0.25;
      for (int j = i / 4 * 4; j < i / 4 * 4 + 4; j++) {
        p[i][j] = 0.25;
      }
    }
    double[][] s = FieldPredictor.autoregressive(0.25, 0.9, 1, n);
    double[][] gain =
        Matrices.times(
            Matrices.times(s, Matrices.transposed(sums)),
            Matrices.inverse(Matrices.around(sums, s)));
    double[] truth = Matrices.times(gain, Matrices.times(sums, y));
    LowPassFilter phi =
        (in, out) -> {
          for (int i = 0; i < in.data().length; i += 4) {
            for (int j = 0; j < 4; j++) {
              out.data()[i + j] =
                  (in.data()[i] + in.data()[i + 1] + in.data()[i + 2] + in.data()[i + 3]) / 4;
            }
          }
        };
    FieldPredictor field = new FieldPredictor(new double[n], s);
    for (int steps : new int[] {50, 250, 1000}) {
      double[] mean = mean(field, phi, path(steps), Variant.PAPER, 0, y, 1, n);
      double error = 0;
      double size = 0;
      double[] coarseTruth = Matrices.times(p, truth);
      for (int i = 0; i < n; i++) {
        error += Math.pow(mean[i] - truth[i], 2);
        size += Math.pow(truth[i] - coarseTruth[i], 2);
      }
      assertEquals(0.3, Math.sqrt(error / size), 0.04, "error beside the truth's fine part");
    }
  }

  private static final class Run {
    final double[] mean;
    final double[][] responses;

    Run(double[] mean, double[][] responses) {
      this.mean = mean;
      this.responses = responses;
    }
  }

  private static final class Gaussian {
    final double[] mean;
    final double[][] covariance;

    Gaussian(double[] mean, double[][] covariance) {
      this.mean = mean;
      this.covariance = covariance;
    }
  }

  /** The run's mean, and its response to a unit of each pixel of each draw. */
  private static Run measure(
      NoisePredictor predictor,
      LowPassFilter phi,
      Trajectory path,
      Variant variant,
      int free,
      double[] y,
      int height,
      int width) {
    double[] mean = mean(predictor, phi, path, variant, free, y, height, width);
    int draws = 1 + path.stepsDown() + path.stepsDown();
    int n = height * width;
    float[] ends =
        run(predictor, phi, path, variant, free, y, draws * n, height, width, TestNoise.impulses());
    double[][] responses = new double[draws * n][n];
    for (int i = 0; i < ends.length; i++) {
      responses[i / n][i % n] = ends[i] - mean[i % n];
    }
    return new Run(mean, responses);
  }

  private static double[] mean(
      NoisePredictor predictor,
      LowPassFilter phi,
      Trajectory path,
      Variant variant,
      int free,
      double[] y,
      int height,
      int width) {
    float[] end = run(predictor, phi, path, variant, free, y, 1, height, width, TestNoise.zero());
    double[] mean = new double[end.length];
    for (int i = 0; i < end.length; i++) {
      mean[i] = end[i];
    }
    return mean;
  }

  private static float[] run(
      NoisePredictor predictor,
      LowPassFilter phi,
      Trajectory path,
      Variant variant,
      int free,
      double[] y,
      int batch,
      int height,
      int width,
      TestNoise noise) {
    Tensor reference = new Tensor(new Shape(batch, 1, height, width));
    for (int i = 0; i < reference.data().length; i++) {
      reference.data()[i] = (float) y[i % y.length];
    }
    Tensor x = new Tensor(reference.shape());
    noise.next(x);
    LowPass lowPass = new LowPass(phi, reference, variant, LowPass.lastSteps(path, free));
    new ReverseProcess(predictor, DDPM, lowPass, path).run(x, noise, Monitor.NONE);
    return x.data();
  }

  private static Gaussian propagate(
      FieldPredictor field, double[][] p, Trajectory path, Variant variant, int free, double[] y) {
    int n = y.length;
    double[][] unit = Matrices.identity(n);
    double[][] rest = Matrices.sum(1, unit, -1, p);
    double[] coarse = Matrices.times(p, y);
    double[] mean = new double[n];
    double[][] covariance = unit;
    for (int k = 0; k < path.transitions(); k++) {
      NoiseLevel t = path.levels().get(k);
      NoiseLevel s = path.levels().get(k + 1);
      // DDPM's posterior with the exact x_0 = mu + alpha S C^-1 (x - alpha mu)
      double varT = 1 - t.alphaBar();
      double varS = 1 - s.alphaBar();
      double beta = 1 - t.alphaBar() / s.alphaBar();
      double onX0 = s.alpha() * beta / varT;
      double onX = t.alpha() / s.alpha() * varS / varT;
      double[][] x0 =
          Matrices.times(field.covariance(), Matrices.inverse(field.stateCovariance(t)));
      double[][] step = Matrices.sum(onX0 * t.alpha(), x0, onX, unit);
      double[] shift = Matrices.times(x0, field.mean());
      double[] moved = Matrices.times(step, mean);
      for (int i = 0; i < n; i++) {
        mean[i] = moved[i] + onX0 * (field.mean()[i] - t.alphaBar() * shift[i]);
      }
      covariance = Matrices.sum(1, Matrices.around(step, covariance), beta * varS / varT, unit);
      if (k < path.transitions() - free) {
        NoiseLevel level = variant == Variant.CODE ? t : s;
        mean = Matrices.times(rest, mean);
        for (int i = 0; i < n; i++) {
          mean[i] += level.alpha() * coarse[i];
        }
        covariance =
            Matrices.sum(
                1,
                Matrices.around(rest, covariance),
                1 - level.alphaBar(),
                Matrices.around(p, unit));
      }
    }
    return new Gaussian(mean, covariance);
  }
}
