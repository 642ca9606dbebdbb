package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.sampling.Heun;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.Solver;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heun's steps against EDM's algorithm 2, written out. */
class HeunTest {
  private static final Oracle.Scripted SCRIPT =
      new Oracle.Scripted(n -> 0.1 + n * n, n -> 0.3 - n * n * n);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void stepIsEulerWithACorrection(boolean preserving) {
    DoubleFunction<NoiseLevel> levels = preserving ? Oracle::preserving : Oracle::exploding;
    NoiseLevel s = levels.apply(1.5);
    Tensor x = Oracle.one(7);
    Solver solver = new Heun().begin(SCRIPT, x.shape());
    solver.step(x, levels.apply(2), s, TestNoise.zero());
    double euler = s.alpha() * (0.1 + 4) + s.sigma() * (0.3 - 8);
    double expected = euler + s.alpha() * (1.5 - 2) * ((0.3 - 3.375) - (0.3 - 8)) / 2;
    assertEquals(expected, x.data()[0], 1e-5);
    assertEquals(4.1, solver.x0().data()[0], 1e-6, "x_0 is that of the first prediction");
  }

  @Test
  void isEdmsLoopOnVarianceExplodingLevels() {
    GaussianPredictor predictor = new GaussianPredictor(0.3, 0.04);
    double x = 55;
    double[] sigmas = {80, 40, 10, 2, 0.5, 0.1, 0};
    Tensor ours = Oracle.one(x);
    Solver solver = new Heun().begin(predictor, ours.shape());
    for (int i = 0; i < 6; i++) {
      double t = sigmas[i];
      double next = sigmas[i + 1];
      double d = (x - denoised(x, t)) / t;
      double euler = x + (next - t) * d;
      x = next == 0 ? euler : x + (next - t) * (d + (euler - denoised(euler, next)) / next) / 2;
      NoiseLevel to = next == 0 ? NoiseLevel.CLEAN : Oracle.exploding(next);
      solver.step(ours, Oracle.exploding(t), to, TestNoise.zero());
      assertEquals(x, ours.data()[0], 1e-5 * Math.max(1, next));
    }
  }

  private static double denoised(double x, double sigma) {
    return (0.04 * x + sigma * sigma * 0.3) / (0.04 + sigma * sigma);
  }

  @Test
  void theStepToTheCleanLevelIsEulersAlone() {
    Oracle.Witness witness = new Oracle.Witness(SCRIPT);
    Tensor x = Oracle.one(7);
    new Heun()
        .begin(witness, x.shape())
        .step(x, Oracle.preserving(2), NoiseLevel.CLEAN, TestNoise.zero());
    assertEquals(4.1, x.data()[0], 1e-6);
    assertEquals(List.of(Oracle.preserving(2)), witness.asked());
  }

  @Test
  void aLevelWithoutSignalIsLeftByEuler() {
    Oracle.Witness witness = new Oracle.Witness(new Oracle.Scripted(n -> 0.4, n -> 0.5));
    Tensor x = Oracle.one(7);
    NoiseLevel s = Oracle.preserving(3);
    new Heun().begin(witness, x.shape()).step(x, new NoiseLevel(9, 0, 1), s, TestNoise.zero());
    assertEquals(s.alpha() * 0.4 + s.sigma() * 0.5, x.data()[0], 1e-6);
    assertEquals(1, witness.asked().size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void churnDiffusesTheStateBeforeTheStep(boolean preserving) {
    DoubleFunction<NoiseLevel> levels = preserving ? Oracle::preserving : Oracle::exploding;
    NoiseLevel t = levels.apply(2);
    NoiseLevel up = levels.apply(2.5);
    NoiseLevel s = levels.apply(1);
    List<Double> seen = new ArrayList<>();
    List<NoiseLevel> asked = new ArrayList<>();
    NoisePredictor predictor =
        (x, level, out) -> {
          seen.add((double) x.data()[0]);
          asked.add(level);
          SCRIPT.predict(x, level, out);
        };
    Heun heun = new Heun(0.25, 0, 10, 1.1, levels);
    assertTrue(heun.isStochastic());
    Tensor x = Oracle.one(0.9);
    TestNoise noise = TestNoise.repeating(Oracle.one(0.7));
    heun.begin(predictor, x.shape()).step(x, t, s, noise);
    assertEquals(List.of(up, s), asked);
    double churned = up.alpha() * (0.9 / t.alpha() + Math.sqrt(2.5 * 2.5 - 4) * 1.1 * 0.7);
    assertEquals(churned, seen.get(0), 1e-5);
    double euler = s.alpha() * (0.1 + 6.25) + s.sigma() * (0.3 - 15.625);
    assertEquals(euler, seen.get(1), 1e-4);
    assertEquals(
        euler + s.alpha() * (1 - 2.5) / 2 * ((0.3 - 1) - (0.3 - 15.625)), x.data()[0], 1e-4);
    assertEquals(1, noise.draws());
  }

  @Test
  void churnOnlyBetweenItsLimits() {
    assertEquals(2.5, asked(new Heun(0.25, 2, 2, 1, Oracle::exploding)), "limits included");
    assertEquals(2, asked(new Heun(0.25, 2.01, 5, 1, Oracle::exploding)));
    assertEquals(2, asked(new Heun(0.25, 0, 1.99, 1, Oracle::exploding)));
    assertEquals(2, asked(new Heun(0, 0, 10, 1, Oracle::exploding)));
  }

  @Test
  void noChurnWhereTheScheduleHasNothingNoisier() {
    assertEquals(2, asked(new Heun(0.25, 0, 5, 1, n -> Oracle.exploding(2))));
    assertEquals(2, asked(new Heun(0.25, 0, 5, 1, n -> Oracle.exploding(1.9))));
    assertEquals(2.1, asked(new Heun(0.25, 0, 5, 1, n -> Oracle.exploding(2.1))));
  }

  /** n of the first prediction of a step from n = 2. */
  private static double asked(Heun heun) {
    Oracle.Witness witness = new Oracle.Witness(SCRIPT);
    Tensor x = Oracle.one(0.9);
    TestNoise noise = TestNoise.zero();
    heun.begin(witness, x.shape()).step(x, Oracle.exploding(2), Oracle.exploding(1), noise);
    double n = witness.asked().get(0).sigma();
    assertEquals(n == 2 ? 0 : 1, noise.draws());
    return n;
  }

  @Test
  void aTableOfLevelsIsTakenAtItsWord() {
    // asked for 2.5 it has 2.2 only: the noise added must lead there
    List<Double> seen = new ArrayList<>();
    NoisePredictor predictor =
        (x, level, out) -> {
          seen.add((double) x.data()[0]);
          SCRIPT.predict(x, level, out);
        };
    Tensor x = Oracle.one(0.9);
    new Heun(0.25, 0, 5, 1, n -> Oracle.exploding(2.2))
        .begin(predictor, x.shape())
        .step(x, Oracle.exploding(2), Oracle.exploding(1), TestNoise.repeating(Oracle.one(1)));
    assertEquals(0.9 + Math.sqrt(2.2 * 2.2 - 4), seen.get(0), 1e-6);
  }

  @Test
  void aScheduleGivesTheLevelsOfChurn() {
    DiscreteSchedule linear = DiscreteSchedule.linear(1000, 1e-4, 0.02);
    for (int t : new int[] {500, 999}) {
      Oracle.Witness witness = new Oracle.Witness(SCRIPT);
      Tensor x = Oracle.one(0.9);
      new Heun(0.2, 0, 1e9, 1, linear::levelOf)
          .begin(witness, x.shape())
          .step(x, linear.level(t), linear.level(100), TestNoise.zero());
      NoiseLevel up = witness.asked().get(0);
      assertEquals(1.2 * linear.level(t).noiseToSignal(), up.noiseToSignal(), 1e-9);
      // above the table's end the network is told the last time it knows
      assertTrue(t == 999 ? up.t() == 999 : up.t() > 500 && up.t() < 600, up.toString());
    }
  }

  @Test
  void thePapersParameters() {
    DoubleFunction<NoiseLevel> levels = Oracle::exploding;
    Heun heun = Heun.withChurn(40, 256, 0.05, 50, 1.003, levels);
    assertEquals(40.0 / 256, heun.gamma());
    assertEquals(0.05, heun.minNoise());
    assertEquals(50, heun.maxNoise());
    assertEquals(1.003, heun.inflation());
    assertSame(levels, heun.levels());
    assertEquals(Math.sqrt(2) - 1, Heun.withChurn(80, 18, 0, 1, 1, levels).gamma());
    Sampler plain = new Heun();
    assertFalse(plain.isStochastic());
    assertEquals(new Heun(0, 0, Double.POSITIVE_INFINITY, 1, null), plain);
  }

  @Test
  void illegalSettingsAreRefused() {
    DoubleFunction<NoiseLevel> levels = Oracle::exploding;
    assertThrows(DiffusionException.class, () -> new Heun(-0.1, 0, 1, 1, levels));
    assertThrows(DiffusionException.class, () -> new Heun(0.42, 0, 1, 1, levels));
    assertThrows(DiffusionException.class, () -> new Heun(0.1, -1, 1, 1, levels));
    assertThrows(DiffusionException.class, () -> new Heun(0.1, 2, 1, 1, levels));
    assertThrows(DiffusionException.class, () -> new Heun(0.1, 0, 1, 0, levels));
    assertThrows(IllegalArgumentException.class, () -> new Heun(0.1, 0, 1, 1, null));
    assertThrows(DiffusionException.class, () -> Heun.withChurn(-1, 5, 0, 1, 1, levels));
    assertThrows(DiffusionException.class, () -> Heun.withChurn(1, 0, 0, 1, 1, levels));
  }
}
