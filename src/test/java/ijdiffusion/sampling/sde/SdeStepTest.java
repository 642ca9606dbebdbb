package ijdiffusion.sampling.sde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import ijdiffusion.DiffusionException;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.sampling.AldCorrector;
import ijdiffusion.sampling.Ancestral;
import ijdiffusion.sampling.AnnealedLangevin;
import ijdiffusion.sampling.Corrector;
import ijdiffusion.sampling.EulerMaruyama;
import ijdiffusion.sampling.LangevinCorrector;
import ijdiffusion.sampling.PredictorCorrector;
import ijdiffusion.sampling.ReverseDiffusion;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.Solver;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.SigmaLadder;
import ijdiffusion.schedule.SubVpSde;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.schedule.VeSde;
import ijdiffusion.schedule.VpSde;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Single steps and moves, with numbers that can be checked by hand. */
class SdeStepTest {
  private static final Shape PIXEL = new Shape(1, 1, 1, 1);
  private static final Discretization LEVELS = Discretization.ofLevels();

  /** From alpha 0.4, sigma 1.5 to alpha 0.8, sigma 0.5: signal 0.5, variance 2.25 - 0.0625. */
  private static final NoiseLevel T = new NoiseLevel(0.5, 0.4, 1.5);

  private static final NoiseLevel S = new NoiseLevel(0.2, 0.8, 0.5);
  private static final double VARIANCE = 2.1875;

  /** eps = 3 everywhere. */
  private static final NoisePredictor THREE =
      (x, level, out) -> {
        out.eps().fill(3);
        out.completeFromEps(x, level);
      };

  private static float step(Sampler sampler, NoiseLevel t, NoiseLevel s, double z) {
    Tensor x = new Tensor(PIXEL, new float[] {2});
    sampler.begin(THREE, PIXEL).step(x, t, s, out -> out.fill((float) z));
    return x.data()[0];
  }

  private static void assertStep(Sampler sampler, NoiseLevel t, NoiseLevel s, double... meanStd) {
    double mean = meanStd[0];
    double std = meanStd[1];
    assertEquals(mean, step(sampler, t, s, 0), 1e-6, sampler + " mean");
    assertEquals(mean + std, step(sampler, t, s, 1), 1e-6, sampler + " noise");
    assertEquals(std > 0, sampler.isStochastic(), sampler.toString());
    // noise removal: the step to a clean level gives the mean and draws nothing
    NoiseSource none =
        z -> {
          throw new AssertionError("a draw");
        };
    Tensor x = new Tensor(PIXEL, new float[] {2});
    sampler.begin(THREE, PIXEL).step(x, t, NoiseLevel.CLEAN, none);
  }

  @Test
  void reverseDiffusion() {
    // score = -3 / 1.5 = -2
    double mean = 1.5 * 2 - VARIANCE * 2;
    assertStep(new ReverseDiffusion(LEVELS, false), T, S, mean, Math.sqrt(VARIANCE));
    assertStep(new ReverseDiffusion(LEVELS, true), T, S, 1.5 * 2 - VARIANCE, 0);
  }

  @Test
  void ancestral() {
    double mean = (2 - VARIANCE * 2) / 0.5;
    assertStep(new Ancestral(LEVELS), T, S, mean, Math.sqrt(VARIANCE));
  }

  @Test
  void explodingSteps() {
    // from sigma 4 to 2: variance 12, score -3/4, SMLD's variance 12 2^2/4^2 = 3
    NoiseLevel t = new NoiseLevel(0, 1, 4);
    NoiseLevel s = new NoiseLevel(1, 1, 2);
    assertStep(new ReverseDiffusion(LEVELS, false), t, s, 2 - 9, Math.sqrt(12));
    assertStep(new ReverseDiffusion(LEVELS, true), t, s, 2 - 4.5, 0);
    assertStep(new Ancestral(LEVELS), t, s, 2 - 9, Math.sqrt(3));
  }

  @Test
  void eulerMaruyama() {
    // beta(0.5) = 2: drift -1, g^2 = 2, step 1/4
    VpSde vp = new VpSde(1, 3);
    double mean = 1.25 * 2 - 0.5 * 2;
    assertStep(new EulerMaruyama(vp, 4, false), T, S, mean, Math.sqrt(0.5));
    assertStep(new EulerMaruyama(vp, 4, true), T, S, 1.25 * 2 - 0.5, 0);
    VeSde ve = new VeSde(1, Math.E * Math.E);
    // sigma(0.5) = e, g^2 = e^2 2 2
    double g2 = 4 * Math.E * Math.E;
    NoiseLevel t = new NoiseLevel(0.5, 1, Math.E);
    double score = -3 / Math.E;
    assertStep(new EulerMaruyama(ve, 100, false), t, S, 2 + g2 / 100 * score, Math.sqrt(g2) / 10);
  }

  @Test
  void theStepToTheCleanLevelIsTheMean() {
    // signal 0.4, variance 2.25
    assertEquals(
        1.6 * 2 - 2.25 * 2,
        step(new ReverseDiffusion(LEVELS, false), T, NoiseLevel.CLEAN, 1),
        1e-6);
    assertEquals((2 - 2.25 * 2) / 0.4, step(new Ancestral(LEVELS), T, NoiseLevel.CLEAN, 1), 1e-5);
  }

  /** Two images whose noise has norms 5 and 1, and whose eps has norms 10 and 2. */
  private static final class TwoImages {
    final Shape shape = new Shape(2, 1, 1, 2);
    final Tensor eps = new Tensor(shape, new float[] {6, 8, 0, 2});
    final Tensor z = new Tensor(shape, new float[] {-3, 4, 1, 0});
    final Tensor x = new Tensor(shape, new float[] {1, 2, 3, 4});

    void correct(Corrector corrector, NoiseLevel t, NoiseLevel s) {
      NoisePredictor network =
          (state, level, out) -> {
            out.eps().set(eps);
            out.completeFromEps(state, level);
          };
      corrector.begin(network, shape).correct(x, t, s, TestNoise.repeating(z));
    }

    void assertMoved(double size, double sigma) {
      float[] start = {1, 2, 3, 4};
      for (int i = 0; i < 4; i++) {
        double expected =
            start[i] - size * eps.data()[i] / sigma + Math.sqrt(2 * size) * z.data()[i];
        assertEquals(expected, x.data()[i], 1e-6, "pixel " + i);
      }
    }
  }

  @Test
  void langevinTakesTheMeanNormsOfTheBatch() {
    // |z| = 3, |score| = 6/2: length snr; c = (0.4/0.8)^2
    TwoImages vp = new TwoImages();
    vp.correct(new LangevinCorrector(0.5, LEVELS), new NoiseLevel(1, 0.4, 2), S);
    vp.assertMoved(2 * 0.25 * 0.25, 2);
    TwoImages ve = new TwoImages();
    ve.correct(
        new LangevinCorrector(0.5, LEVELS), new NoiseLevel(0, 1, 4), new NoiseLevel(1, 1, 2));
    ve.assertMoved(2 * 1.0, 4);
  }

  @Test
  void aldTakesTheLevelOnly() {
    TwoImages vp = new TwoImages();
    vp.correct(new AldCorrector(0.5, LEVELS), new NoiseLevel(1, 0.4, 2), S);
    vp.assertMoved(2 * 0.25 * 1, 2);
    TwoImages ve = new TwoImages();
    ve.correct(new AldCorrector(0.5, LEVELS), new NoiseLevel(0, 1, 4), new NoiseLevel(1, 1, 2));
    ve.assertMoved(2 * 4, 4);
  }

  @Test
  void aVanishingScoreMovesNothing() {
    for (double z : new double[] {0, 1}) {
      Tensor x = new Tensor(PIXEL, new float[] {0.3f});
      new LangevinCorrector(0.16, LEVELS)
          .begin((state, level, out) -> out.eps().fill(0), PIXEL)
          .correct(x, T, S, out -> out.fill((float) z));
      assertEquals(0.3f, x.data()[0], "noise " + z);
    }
  }

  @Test
  void annealedLangevinMovesAtItsLevelOnly() {
    // a = 0.01 (2 / 0.5)^2 = 0.16, twice; score -3/2
    AnnealedLangevin sampler = new AnnealedLangevin(0.01, 2, 0.5, true);
    NoiseLevel t = new NoiseLevel(3, 1, 2);
    double moved = 2 - 2 * 0.16 * 1.5;
    assertEquals(moved, step(sampler, t, new NoiseLevel(4, 1, 1), 0), 1e-6);
    double noisy = moved + 2 * Math.sqrt(0.32);
    assertEquals(noisy, step(sampler, t, new NoiseLevel(4, 1, 1), 1), 1e-6);
    assertEquals(noisy - 2 * 3, step(sampler, t, NoiseLevel.CLEAN, 1), 1e-6, "denoised");
    AnnealedLangevin plain = new AnnealedLangevin(0.01, 2, 0.5, false);
    assertEquals(noisy, step(plain, t, NoiseLevel.CLEAN, 1), 1e-6, "not denoised");
    assertTrue(sampler.isStochastic());
    SigmaLadder ladder = SigmaLadder.of(1, 0.25);
    assertEquals(new AnnealedLangevin(1e-5, 100, 0.25, false), AnnealedLangevin.ncsnPaper(ladder));
    assertEquals(new AnnealedLangevin(2e-5, 100, 0.25, false), AnnealedLangevin.ncsnCode(ladder));
    assertEquals(
        new AnnealedLangevin(3.3e-6, 5, 0.25, true), AnnealedLangevin.ncsn2(ladder, 3.3e-6));
  }

  /** A sampler that writes down its calls, and which of the draws it got. */
  private record Log(List<String> lines, boolean isStochastic, Tensor x0)
      implements Sampler, Solver {
    @Override
    public Solver begin(NoisePredictor predictor, Shape shape) {
      lines.add("begin " + shape);
      return this;
    }

    @Override
    public Solver begin(NoisePredictor predictor, Shape shape, Trajectory path) {
      lines.add("begin " + shape + " along " + path.transitions());
      return this;
    }

    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      lines.add("step " + t.t() + " " + s.t() + drawn(noise));
    }

    @Override
    public void forget() {
      lines.add("forget");
    }

    Corrector corrector() {
      return (predictor, shape) ->
          (x, t, s, noise) -> lines.add("correct " + t.t() + " " + s.t() + drawn(noise));
    }

    private static String drawn(NoiseSource noise) {
      Tensor z = new Tensor(PIXEL);
      noise.next(z);
      return " with " + (int) z.data()[0];
    }
  }

  @Test
  void correctorsGoFirstAtTheSameLevel() {
    Log log = new Log(new ArrayList<>(), false, new Tensor(PIXEL));
    Sampler sampler = new PredictorCorrector(log, log.corrector(), 2);
    Solver solver = sampler.begin(THREE, PIXEL);
    float[] draws = {0};
    solver.step(new Tensor(PIXEL), T, S, z -> z.fill(draws[0]++));
    solver.forget();
    assertEquals(
        List.of(
            "begin (1, 1, 1, 1)",
            "correct 0.5 0.2 with 0",
            "correct 0.5 0.2 with 1",
            "step 0.5 0.2 with 2",
            "forget"),
        log.lines);
    assertSame(log.x0, solver.x0());
    log.lines.clear();
    solver = sampler.begin(THREE, PIXEL, Trajectory.of(List.of(T, S)));
    solver.step(new Tensor(PIXEL), T, S, z -> z.fill(7));
    assertEquals("begin (1, 1, 1, 1) along 2", log.lines.get(0), "the predictor may look ahead");
    assertEquals(4, log.lines.size());
  }

  @Test
  void drawsAreNeededByEitherPart() {
    for (boolean stochastic : new boolean[] {false, true}) {
      Log log = new Log(new ArrayList<>(), stochastic, new Tensor(PIXEL));
      for (int corrections : new int[] {0, 1}) {
        assertEquals(
            stochastic || corrections > 0,
            new PredictorCorrector(log, log.corrector(), corrections).isStochastic());
      }
    }
    assertFalse(new ReverseDiffusion(LEVELS, true).isStochastic());
  }

  @Test
  void theEstimateIsTheLatestPrediction() {
    // x_0 = (x - sigma eps) / alpha of the state before the step
    for (Sampler sampler : List.of(new ReverseDiffusion(LEVELS, false), new Ancestral(LEVELS))) {
      Solver solver = sampler.begin(THREE, PIXEL);
      solver.step(new Tensor(PIXEL, new float[] {2}), T, S, TestNoise.zero());
      assertEquals((2 - 1.5 * 3) / 0.4, solver.x0().data()[0], 1e-6);
    }
    Solver langevin = new AnnealedLangevin(0.1, 1, 2, false).begin(THREE, PIXEL);
    NoiseLevel t = new NoiseLevel(0, 1, 2);
    langevin.step(new Tensor(PIXEL, new float[] {2}), t, NoiseLevel.CLEAN, TestNoise.zero());
    assertEquals(-4, langevin.x0().data()[0], 1e-6);
  }

  @Test
  void badNumbersAreNamed() {
    VpSde vp = new VpSde(0.1, 20);
    assertRefused(
        "scales is 0, but must be from 1 to 100000.", () -> new EulerMaruyama(vp, 0, true));
    Log log = new Log(List.of(), false, new Tensor(PIXEL));
    assertRefused(
        "corrections is -1, but must be from 0 to 10000.",
        () -> new PredictorCorrector(log, log.corrector(), -1));
    for (double bad : new double[] {-0.1, 1001, Double.NaN}) {
      String message = "snr is " + bad + ", but must be from 0.0 to 1000.0.";
      assertRefused(message, () -> new LangevinCorrector(bad, LEVELS));
      assertRefused(message, () -> new AldCorrector(bad, LEVELS));
    }
    for (double bad : new double[] {0, -1, Double.NaN}) {
      assertRefused(
          "stepSize is " + bad + ", but must be above 0.",
          () -> new AnnealedLangevin(bad, 1, 1, true));
      assertRefused(
          "smallest is " + bad + ", but must be above 0.",
          () -> new AnnealedLangevin(1, 1, bad, true));
    }
    assertRefused(
        "movesPerLevel is 0, but must be from 1 to 100000.",
        () -> new AnnealedLangevin(1, 0, 1, true));
    Discretization sub = Discretization.of(new SubVpSde(0.1, 20), 100);
    Exception e = assertThrows(IllegalArgumentException.class, () -> new Ancestral(sub));
    assertEquals(
        "Ancestral sampling is not defined for the steps of SubVpSde[betaMin=0.1, betaMax=20.0]",
        e.getMessage());
  }

  private static void assertRefused(String message, Runnable call) {
    assertEquals(message, assertThrows(DiffusionException.class, call::run).getMessage());
  }

  @Test
  void stepsAllocateNoTensor() {
    Shape shape = new Shape(1, 1, 128, 128);
    Discretization steps = Discretization.of(new VpSde(0.1, 20), 100);
    Sampler predictor = new ReverseDiffusion(steps, false);
    NoiseLevel t = new VpSde(0.1, 20).level(0.5);
    NoiseLevel s = new VpSde(0.1, 20).level(0.49);
    for (Sampler sampler :
        List.of(
            new PredictorCorrector(predictor, new LangevinCorrector(0.16, steps), 2),
            new PredictorCorrector(new Ancestral(steps), new AldCorrector(0.16, steps), 2),
            new EulerMaruyama(new VpSde(0.1, 20), 100, false),
            new AnnealedLangevin(1e-5, 5, 0.01, true))) {
      Solver solver = sampler.begin(new GaussianPredictor(0.3, 0.04), shape);
      Tensor x = new Tensor(shape);
      x.fill(1);
      long before = 0;
      for (int k = 0; k < 20; k++) {
        if (k == 10) {
          before = allocatedBytes();
        }
        solver.step(x, t, s, z -> z.fill(0.1f));
      }
      long bytes = allocatedBytes() - before;
      assertTrue(bytes < 16_384, sampler + ": " + bytes + " bytes in ten steps");
    }
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
