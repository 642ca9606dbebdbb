package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.sampling.DpmSolverPp;
import ijdiffusion.sampling.DpmSolverPp.SecondOrder;
import ijdiffusion.sampling.LinearMultistep;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.Solver;
import ijdiffusion.sampling.UniPc;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single steps of the multistep solvers: what they integrate exactly, and what they remember. */
class MultistepTest {
  /** Uneven on purpose. */
  private static final double[] N = {9, 5, 4, 2.2, 1.3, 0.6};

  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "3, true", "4, true", "1, false", "4, false"})
  void linearMultistepIntegratesPolynomialsInTheNoise(int order, boolean preserving) {
    DoubleFunction<NoiseLevel> levels = levels(preserving);
    DoubleUnaryOperator eps = n -> 0.7 + polynomial(order - 1, n / 4);
    Oracle.Scripted script = new Oracle.Scripted(n -> 0.2 - eps.applyAsDouble(n) * n, eps);
    Tensor x = Oracle.one(0);
    Solver solver = new LinearMultistep(order).begin(script, x.shape());
    for (int i = 0; i + 1 < N.length; i++) {
      NoiseLevel t = levels.apply(N[i]);
      NoiseLevel s = levels.apply(N[i + 1]);
      // the script's state: x_0 + n eps = 0.2 at alpha = 1, at every level
      solver.step(x, t, s, TestNoise.zero());
      if (i >= order - 1) {
        double exact = s.alpha() * (0.2 + Oracle.integral(eps, N[i], N[i + 1]));
        assertEquals(exact, x.data()[0], 2e-6, "step " + i);
      }
    }
    assertEquals(script.x0().applyAsDouble(1.3), solver.x0().data()[0], 1e-6);
  }

  @ParameterizedTest
  @CsvSource({
    "1, MIDPOINT, false, true",
    "2, HEUN, false, true",
    "2, HEUN, false, false",
    "3, MIDPOINT, false, true",
    "1, MIDPOINT, true, true",
    "2, HEUN, true, true",
    "3, HEUN, true, false"
  })
  void dpmSolverIntegratesStraightLinesInLambda(
      int order, SecondOrder rule, boolean stochastic, boolean preserving) {
    int degree = Math.min(order - 1, 1);
    DoubleUnaryOperator m = lambda -> 0.4 + polynomial(degree, lambda);
    DpmSolverPp solver = new DpmSolverPp(order, rule, stochastic, false);
    for (int i = order - 1; i + 1 < N.length; i++) {
      assertEquals(
          exactDpm(m, i, stochastic, preserving),
          dpmStep(solver, m, i, preserving),
          2e-6,
          "step " + i);
    }
  }

  @Test
  void midpointTakesHalfTheGainOfTheStepForTheSlope() {
    DoubleUnaryOperator m = lambda -> 0.4 - 2 * lambda;
    for (boolean stochastic : new boolean[] {false, true}) {
      double h = Math.log(N[3] / N[4]);
      double gain = 1 - Math.exp(stochastic ? -2 * h : -h);
      NoiseLevel t = Oracle.preserving(N[3]);
      NoiseLevel s = Oracle.preserving(N[4]);
      double decay = stochastic ? Math.exp(-h) : 1;
      double expected =
          s.sigma() / t.sigma() * decay * 0.9
              + s.alpha() * gain * (0.4 - 2 * Oracle.lambda(t) + 0.5 * (-2 * h));
      DpmSolverPp solver = new DpmSolverPp(2, SecondOrder.MIDPOINT, stochastic, false);
      assertEquals(expected, dpmStep(solver, m, 3, true), 2e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void thirdOrderGivesTheCurvatureHalfItsWeight(boolean stochastic) {
    // as the authors do: the exact integral of lambda^2 has 2 phi3 where the formula has phi3
    DoubleUnaryOperator m = lambda -> lambda * lambda;
    DpmSolverPp solver = new DpmSolverPp(3, SecondOrder.HEUN, stochastic, false);
    for (int i = 2; i + 1 < N.length; i++) {
      double h = Math.log(N[i] / N[i + 1]);
      double g = stochastic ? 2 * h : h;
      double phi3 = (1 - (1 - Math.exp(-g)) / g) / g - 0.5;
      double alpha = Oracle.preserving(N[i + 1]).alpha();
      double expected = exactDpm(m, i, stochastic, true) + alpha * phi3 * h * h;
      assertEquals(expected, dpmStep(solver, m, i, true), 3e-6, "step " + i);
    }
  }

  /** A step from N[i] with x = 0.9, after the steps before it. */
  private static double dpmStep(
      DpmSolverPp sampler, DoubleUnaryOperator m, int i, boolean preserving) {
    Oracle.Scripted script =
        new Oracle.Scripted(n -> m.applyAsDouble(-Math.log(n)), n -> Double.NaN);
    Tensor x = Oracle.one(0);
    Solver solver = sampler.begin(script, x.shape());
    for (int k = 0; k <= i; k++) {
      x.fill(0.9f);
      NoiseLevel t = levels(preserving).apply(N[k]);
      solver.step(x, t, levels(preserving).apply(N[k + 1]), TestNoise.zero());
      assertEquals(m.applyAsDouble(Oracle.lambda(t)), solver.x0().data()[0], 1e-6);
    }
    return x.data()[0];
  }

  /** Variation of constants: k = 1 for the ODE, 2 for the mean of the SDE. */
  private static double exactDpm(
      DoubleUnaryOperator m, int i, boolean stochastic, boolean preserving) {
    NoiseLevel t = levels(preserving).apply(N[i]);
    NoiseLevel s = levels(preserving).apply(N[i + 1]);
    double start = Oracle.lambda(t);
    double h = Oracle.lambda(s) - start;
    double k = stochastic ? 2 : 1;
    double integral =
        Oracle.integral(u -> k * Math.exp(-k * (h - u)) * m.applyAsDouble(start + u), 0, h);
    double decay = stochastic ? Math.exp(-h) : 1;
    return s.sigma() / t.sigma() * decay * 0.9 + s.alpha() * integral;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void uniPcOfOrderThreeIntegratesParabolas(boolean preserving) {
    DoubleUnaryOperator m = lambda -> 0.4 + polynomial(2, lambda);
    Oracle.Scripted script =
        new Oracle.Scripted(n -> m.applyAsDouble(-Math.log(n)), n -> Double.NaN);
    Tensor x = Oracle.one(0);
    Solver solver = new UniPc(3, false).begin(script, x.shape());
    for (int i = 0; i + 1 < N.length; i++) {
      x.fill(0.9f);
      NoiseLevel t = levels(preserving).apply(N[i]);
      solver.step(x, t, levels(preserving).apply(N[i + 1]), TestNoise.zero());
      if (i >= 3) {
        // predictor and corrector of the step before were exact: nothing is left to correct
        assertEquals(exactDpm(m, i, false, preserving), x.data()[0], 3e-6, "step " + i);
      }
    }
    assertEquals(m.applyAsDouble(-Math.log(N[4])), solver.x0().data()[0], 1e-6);
  }

  @Test
  void uniPcCorrectsByTheDifferenceToTheNextPrediction() {
    // order 1: predictor x_s = c x + g m, corrector adds g (m_s - m) / 2 before the next step
    double m = 0.25;
    double next = -0.5;
    Oracle.Scripted script = new Oracle.Scripted(n -> n == 4 ? m : next, n -> Double.NaN);
    NoiseLevel a = new NoiseLevel(0, 1, 4);
    NoiseLevel b = new NoiseLevel(0, 1, 3);
    NoiseLevel c = new NoiseLevel(0, 1, 1);
    Tensor x = Oracle.one(2);
    Solver solver = new UniPc(1, true).begin(script, x.shape());
    solver.step(x, a, b, TestNoise.zero());
    double predicted = 0.75 * 2 + 0.25 * m;
    assertEquals(predicted, x.data()[0], 1e-6);
    solver.step(x, b, c, TestNoise.zero());
    double corrected = predicted + 0.25 * (next - m) / 2;
    assertEquals(corrected / 3 + (1 - 1 / 3.0) * next, x.data()[0], 1e-6);
    // a jump: neither memory nor correction
    solver.forget();
    x.fill(2);
    solver.step(x, b, c, TestNoise.zero());
    assertEquals(2 / 3.0 + (1 - 1 / 3.0) * next, x.data()[0], 1e-6);
  }

  static Stream<Sampler> withMemory() {
    return Stream.of(
        new LinearMultistep(4),
        new DpmSolverPp(2, SecondOrder.MIDPOINT, false, true),
        new DpmSolverPp(3, SecondOrder.HEUN, true, true),
        new UniPc(2, true),
        new UniPc(3, false));
  }

  @ParameterizedTest
  @MethodSource("withMemory")
  void forgettingIsBeginningAnew(Sampler sampler) {
    Oracle.Scripted script = new Oracle.Scripted(n -> 2 / (1 + n), n -> n / (1 + n));
    Tensor remembered = Oracle.one(0.4);
    Tensor forgotten = Oracle.one(0.4);
    Tensor fresh = Oracle.one(0.4);
    NoiseLevel t = Oracle.preserving(N[3]);
    NoiseLevel s = Oracle.preserving(N[4]);
    afterThreeSteps(sampler, script).step(remembered, t, s, TestNoise.zero());
    Solver solver = afterThreeSteps(sampler, script);
    solver.forget();
    solver.step(forgotten, t, s, TestNoise.zero());
    sampler.begin(script, fresh.shape()).step(fresh, t, s, TestNoise.zero());
    assertEquals(fresh.data()[0], forgotten.data()[0]);
    assertTrue(Math.abs(fresh.data()[0] - remembered.data()[0]) > 1e-3);
  }

  private static Solver afterThreeSteps(Sampler sampler, NoisePredictor predictor) {
    Tensor x = Oracle.one(0.4);
    Solver solver = sampler.begin(predictor, x.shape());
    for (int i = 0; i < 3; i++) {
      solver.step(x, Oracle.preserving(N[i]), Oracle.preserving(N[i + 1]), TestNoise.zero());
    }
    return solver;
  }

  @ParameterizedTest
  @MethodSource("withMemory")
  void aLevelWithoutSignalIsNotRemembered(Sampler sampler) {
    // zero-terminal-SNR schedules start at alpha = 0, where lambda and n are infinite
    Oracle.Scripted script = new Oracle.Scripted(n -> n > 100 ? 0.5 : 0.2, n -> 0.3);
    NoiseLevel top = new NoiseLevel(9, 0, 1);
    NoiseLevel t = Oracle.preserving(9);
    NoiseLevel s = Oracle.preserving(5);
    Tensor x = Oracle.one(0.3);
    Solver solver = sampler.begin(script, x.shape());
    solver.step(x, top, t, TestNoise.zero());
    double carried = sampler.isStochastic() ? 0 : t.sigma() * 0.3;
    assertEquals(t.alpha() * 0.5 + carried, x.data()[0], 1e-6);
    Tensor fresh = x.copy();
    solver.step(x, t, s, TestNoise.zero());
    sampler.begin(script, x.shape()).step(fresh, t, s, TestNoise.zero());
    assertEquals(fresh.data()[0], x.data()[0]);
  }

  @ParameterizedTest
  @CsvSource({"14, true, true", "15, true, false", "14, false, false"})
  void dpmSolverLowersItsOrderAtTheEndOfShortRuns(int steps, boolean wanted, boolean lowered) {
    DpmSolverPp sampler = new DpmSolverPp(3, SecondOrder.HEUN, false, wanted);
    assertLowered(sampler, steps, lowered);
  }

  @ParameterizedTest
  @CsvSource({"14, true, true", "20, true, true", "14, false, false"})
  void uniPcLowersItsOrderAtTheEnd(int steps, boolean wanted, boolean lowered) {
    assertLowered(new UniPc(3, wanted), steps, lowered);
  }

  /** The last step, and the one before, against steps without memory, or with too much of it. */
  private static void assertLowered(Sampler sampler, int steps, boolean lowered) {
    GaussianPredictor predictor = new GaussianPredictor(0.3, 0.25);
    Trajectory path = Oracle.evenly(8, 0.05, steps, true);
    List<NoiseLevel> levels = path.levels();
    Tensor x = Oracle.one(0.4);
    Solver known = sampler.begin(predictor, x.shape(), path);
    Solver unknown = sampler.begin(predictor, x.shape());
    Tensor y = x.copy();
    for (int i = 0; i < steps; i++) {
      boolean same = x.data()[0] == y.data()[0];
      assertEquals(i < steps - 1 || !lowered, same, "before step " + i);
      known.step(x, levels.get(i), levels.get(i + 1), TestNoise.zero());
      unknown.step(y, levels.get(i), levels.get(i + 1), TestNoise.zero());
    }
  }

  @Test
  void theUsualSettings() {
    assertEquals(new LinearMultistep(4), new LinearMultistep());
    assertEquals(new UniPc(2, true), new UniPc());
    assertEquals(new DpmSolverPp(2, SecondOrder.MIDPOINT, false, true), DpmSolverPp.ode(2));
    assertEquals(new DpmSolverPp(3, SecondOrder.MIDPOINT, true, true), DpmSolverPp.sde(3));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void illegalOrdersAreRefused(int order) {
    assertThrows(DiffusionException.class, () -> DpmSolverPp.ode(order));
    assertThrows(DiffusionException.class, () -> new UniPc(order, true));
    int linear = order == 4 ? 5 : order;
    assertThrows(DiffusionException.class, () -> new LinearMultistep(linear));
    assertThrows(IllegalArgumentException.class, () -> new DpmSolverPp(2, null, false, true));
  }

  private static DoubleFunction<NoiseLevel> levels(boolean preserving) {
    return preserving ? Oracle::preserving : Oracle::exploding;
  }

  private static double polynomial(int degree, double v) {
    double[] coefficients = {0.3, -0.8, 0.5, 0.25};
    double sum = 0;
    for (int k = degree; k >= 0; k--) {
      sum = sum * v + coefficients[k];
    }
    return sum;
  }
}
