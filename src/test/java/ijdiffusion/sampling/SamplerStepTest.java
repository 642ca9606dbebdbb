package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Single steps against the published tables. Four one-pixel images in a batch have x_0, eps, x_t
 * and z equal to 1 in turn and 0 otherwise, so one step lays its four coefficients open.
 */
class SamplerStepTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final Shape SHAPE = new Shape(4, 1, 1, 1);
  private static final int X0 = 0;
  private static final int EPS = 1;
  private static final int X_T = 2;
  private static final int Z = 3;

  private static Tensor unit(int image) {
    Tensor x = new Tensor(SHAPE);
    x.data()[image] = 1;
    return x;
  }

  private static float[] coefficients(
      Sampler sampler, Tensor variance, NoiseLevel t, NoiseLevel s) {
    NoisePredictor predictor = new GivenPredictor(unit(X0), unit(EPS), variance);
    Tensor x = unit(X_T);
    sampler.begin(predictor, SHAPE).step(x, t, s, TestNoise.repeating(unit(Z)));
    return x.data();
  }

  /** The tables of a DDPM as its authors compute them, on a respaced chain. */
  private static final class Table {
    final int[] grid;
    final double[] alphaBar;

    Table(int... grid) {
      double[] all = new double[1000];
      double product = 1;
      for (int t = 0; t < 1000; t++) {
        product *= 1 - (1e-4 + t * (0.02 - 1e-4) / 999);
        all[t] = product;
      }
      this.grid = grid;
      this.alphaBar = IntStream.of(grid).mapToDouble(t -> all[t]).toArray();
    }

    double alphaBarBefore(int k) {
      return k == 0 ? 1 : alphaBar[k - 1];
    }

    double beta(int k) {
      return 1 - alphaBar[k] / alphaBarBefore(k);
    }

    double ofX0(int k) {
      return beta(k) * Math.sqrt(alphaBarBefore(k)) / (1 - alphaBar[k]);
    }

    double ofXt(int k) {
      return (1 - alphaBarBefore(k)) * Math.sqrt(1 - beta(k)) / (1 - alphaBar[k]);
    }

    double small(int k) {
      return beta(k) * (1 - alphaBarBefore(k)) / (1 - alphaBar[k]);
    }

    NoiseLevel level(int k) {
      return k < 0 ? NoiseLevel.CLEAN : LINEAR.level(grid[k]);
    }
  }

  private static final Table FULL = new Table(IntStream.range(0, 1000).toArray());
  private static final Table RESPACED = new Table(TimeGrid.respaced(1000, 20));

  @Test
  void alphaSigmaFormIsTheTableFormInDouble() {
    for (int k = 0; k < 1000; k++) {
      NoiseLevel t = FULL.level(k);
      NoiseLevel s = FULL.level(k - 1);
      double ratio = t.alpha() / s.alpha();
      double varT = t.sigma() * t.sigma();
      double varS = s.sigma() * s.sigma();
      double beta = varT - ratio * ratio * varS;
      assertEquals(FULL.beta(k), beta, 1e-12, "beta " + k);
      assertEquals(FULL.ofX0(k), s.alpha() * beta / varT, 2e-12, "x_0 " + k);
      assertEquals(FULL.ofXt(k), ratio * varS / varT, 2e-12, "x_t " + k);
      assertEquals(FULL.small(k), beta * varS / varT, 1e-12, "beta-tilde " + k);
    }
  }

  @Test
  void ddpmStepIsTheTablesPosterior() {
    for (Table table : new Table[] {FULL, RESPACED}) {
      for (int k = 0; k < table.grid.length; k++) {
        NoiseLevel t = table.level(k);
        NoiseLevel s = table.level(k - 1);
        float[] small = coefficients(new Ddpm(VarianceType.FIXED_SMALL), null, t, s);
        float[] large = coefficients(new Ddpm(VarianceType.FIXED_LARGE), null, t, s);
        double last = k == 0 ? 0 : 1;
        assertRelative(table.ofX0(k), small[X0], "x_0 " + k);
        assertRelative(table.ofXt(k), small[X_T], "x_t " + k);
        assertRelative(last * Math.sqrt(table.small(k)), small[Z], "small " + k);
        assertRelative(last * Math.sqrt(table.beta(k)), large[Z], "large " + k);
        assertEquals(0, small[EPS], "eps does not enter but through x_0");
        assertEquals(small[X0], large[X0]);
        assertEquals(small[X_T], large[X_T]);
      }
    }
  }

  @Test
  void learnedVariances() {
    for (double v : new double[] {-1, -0.3, 0, 0.8, 1}) {
      Tensor variance = new Tensor(SHAPE);
      variance.fill((float) v);
      for (int k = 1; k < RESPACED.grid.length; k++) {
        NoiseLevel t = RESPACED.level(k);
        NoiseLevel s = RESPACED.level(k - 1);
        double fraction = (v + 1) / 2;
        double log =
            fraction * Math.log(RESPACED.beta(k)) + (1 - fraction) * Math.log(RESPACED.small(k));
        float[] range = coefficients(new Ddpm(VarianceType.LEARNED_RANGE), variance, t, s);
        assertRelative(Math.exp(0.5 * log), range[Z], "range " + v + " " + k);
        float[] learned = coefficients(new Ddpm(VarianceType.LEARNED), variance, t, s);
        assertRelative(Math.exp(0.5 * v), learned[Z], "learned " + v + " " + k);
        assertRelative(RESPACED.ofX0(k), range[X0], "x_0 " + k);
        assertRelative(RESPACED.ofXt(k), learned[X_T], "x_t " + k);
      }
    }
  }

  @Test
  void ddimStepIsEquation12() {
    for (double eta : new double[] {0, 0.3, 1}) {
      for (int k = 0; k < RESPACED.grid.length; k++) {
        double abT = RESPACED.alphaBar[k];
        double abS = RESPACED.alphaBarBefore(k);
        double std = eta * Math.sqrt((1 - abS) / (1 - abT)) * Math.sqrt(1 - abT / abS);
        float[] c = coefficients(new Ddim(eta), null, RESPACED.level(k), RESPACED.level(k - 1));
        assertRelative(Math.sqrt(abS), c[X0], "x_0 " + k);
        assertRelative(Math.sqrt(1 - abS - std * std), c[EPS], "eps " + k);
        assertRelative(std, c[Z], "z " + k);
        assertEquals(0, c[X_T], "x_t enters through eps and x_0 only");
      }
    }
  }

  private static void assertRelative(double expected, float actual, String what) {
    assertEquals(expected, actual, 3e-7 * Math.abs(expected), what);
  }

  @Test
  void ddimWithAllNoiseIsDdpmWithSmallVariance() {
    int[] few = TimeGrid.respaced(1000, 25);
    Trajectory[] paths = {
      Trajectory.down(LINEAR, few),
      Trajectory.down(LINEAR, TimeGrid.respaced(1000, 1000)),
      Trajectory.withJumps(LINEAR, few, 5, 3)
    };
    NoisePredictor predictor = new GaussianPredictor(0.3, 0.04);
    for (Trajectory path : paths) {
      Tensor ddim = run(new Ddim(1), predictor, path);
      Tensor ddpm = run(new Ddpm(VarianceType.FIXED_SMALL), predictor, path);
      assertArrayEquals(ddpm.data(), ddim.data(), 1e-5f);
      Tensor large = run(new Ddpm(VarianceType.FIXED_LARGE), predictor, path);
      double difference = 0;
      for (int i = 0; i < 48; i++) {
        difference = Math.max(difference, Math.abs(large.data()[i] - ddpm.data()[i]));
      }
      assertTrue(difference > 1e-3, "the comparison can fail: " + difference);
    }
  }

  private static Tensor run(Sampler sampler, NoisePredictor predictor, Trajectory path) {
    Tensor x = new Tensor(new Shape(1, 3, 4, 4));
    TestNoise noise = TestNoise.sm42();
    noise.next(x);
    new ReverseProcess(predictor, sampler, Constraint.NONE, path).run(x, noise, Monitor.NONE);
    return x;
  }

  @Test
  void theLastStepGivesThePredictedImage() {
    float[] expected = {1, 0, 0, 0};
    NoiseLevel t = LINEAR.level(7);
    for (VarianceType variance : VarianceType.values()) {
      Sampler ddpm = new Ddpm(variance);
      Tensor v = variance.isLearned() ? unit(Z) : null;
      assertArrayEquals(expected, coefficients(ddpm, v, t, NoiseLevel.CLEAN), variance.name());
    }
    for (double eta : new double[] {0, 0.5, 1}) {
      assertArrayEquals(expected, coefficients(new Ddim(eta), null, t, NoiseLevel.CLEAN));
    }
  }

  @Test
  void theSolverShowsItsLatestImage() {
    NoisePredictor predictor = new GivenPredictor(unit(X0), unit(EPS), null);
    for (Sampler sampler : new Sampler[] {new Ddpm(VarianceType.FIXED_LARGE), new Ddim(0.5)}) {
      Solver solver = sampler.begin(predictor, SHAPE);
      solver.step(unit(X_T), LINEAR.level(9), LINEAR.level(5), TestNoise.zero());
      assertArrayEquals(unit(X0).data(), solver.x0().data());
    }
  }

  @Test
  void onlyDdimWithoutNoiseIsDeterministic() {
    assertFalse(new Ddim(0).isStochastic());
    assertTrue(new Ddim(0.01).isStochastic());
    assertTrue(new Ddpm(VarianceType.FIXED_SMALL).isStochastic());
    TestNoise noise = TestNoise.zero();
    new Ddim(0)
        .begin(new GivenPredictor(unit(X0), unit(EPS), null), SHAPE)
        .step(unit(X_T), LINEAR.level(9), LINEAR.level(5), noise);
    assertEquals(0, noise.draws());
  }

  @Test
  void badEtaIsNamed() {
    for (double eta : new double[] {-0.1, 1.1, Double.NaN}) {
      Exception e = assertThrows(DiffusionException.class, () -> new Ddim(eta));
      assertEquals("eta is " + eta + ", but must be from 0.0 to 1.0.", e.getMessage());
    }
  }

  @Test
  void learnedVarianceNeedsANetworkThatGivesIt() {
    NoisePredictor without = new GaussianPredictor(0, 1);
    for (VarianceType variance :
        new VarianceType[] {VarianceType.LEARNED, VarianceType.LEARNED_RANGE}) {
      Exception e =
          assertThrows(
              IllegalArgumentException.class, () -> new Ddpm(variance).begin(without, SHAPE));
      assertTrue(e.getMessage().contains(variance.name()), e.getMessage());
    }
  }
}
