package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Consistency;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.DpmSolverPp;
import ijdiffusion.sampling.DpmSolverPp.SecondOrder;
import ijdiffusion.sampling.EulerAncestral;
import ijdiffusion.sampling.LinearMultistep;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.Solver;
import ijdiffusion.sampling.UniPc;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Solvers that draw noise: which, how much, and to which of the others they are equal. */
class StochasticSolversTest {
  private static final GaussianPredictor PREDICTOR = new GaussianPredictor(0.3, 0.04);
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final Shape SHAPE = new Shape(1, 1, 4, 5);

  @Test
  void firstOrderWithNoiseIsDdimWithEtaOneIsDdpmIsEulerAncestral() {
    Trajectory path = leading(20);
    float[] ddim = run(new Ddim(1), path);
    assertClose(ddim, run(DpmSolverPp.sde(1), path), 5e-6);
    assertClose(ddim, run(new EulerAncestral(), path), 0);
    assertClose(ddim, run(new Ddpm(VarianceType.FIXED_SMALL), path), 5e-6);
    assertClose(run(new Ddim(0.4), path), run(new EulerAncestral(0.4), path), 0);
  }

  @Test
  void firstOrderWithoutNoiseIsDdimWithEtaZeroIsEuler() {
    Trajectory path = leading(20);
    float[] ddim = run(new Ddim(0), path);
    assertClose(ddim, run(DpmSolverPp.ode(1), path), 5e-6);
    assertClose(ddim, run(new EulerAncestral(0), path), 0);
    // Euler's method in sigma space, written out: x/alpha += (n_s - n_t) eps
    Tensor start = new Tensor(SHAPE);
    TestNoise.sm42().next(start);
    for (int i = 0; i < ddim.length; i++) {
      double state = start.data()[i] / path.start().alpha();
      for (int k = 0; k < 20; k++) {
        NoiseLevel t = path.levels().get(k);
        double n = t.noiseToSignal();
        double eps = n * (state - 0.3) / (0.04 + n * n);
        state += (path.levels().get(k + 1).noiseToSignal() - n) * eps;
      }
      assertEquals(state, ddim[i], 5e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 50})
  void meanAndVarianceAreThoseOfTheAncestralChain(int steps) {
    JsonObject row =
        Reference.load("gaussian_maps")
            .getAsJsonObject("cases")
            .getAsJsonObject("ddim_eta1_" + steps + "_leading");
    for (Sampler sampler : List.of(DpmSolverPp.sde(1), new EulerAncestral())) {
      double b = end(sampler, leading(steps), 0);
      assertEquals(row.get("B").getAsDouble(), b, 2e-5);
      assertEquals(row.get("A").getAsDouble(), (end(sampler, leading(steps), 100) - b) / 100, 2e-5);
      assertEquals(row.get("V").getAsDouble(), variance(sampler, leading(steps)), 2e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void higherOrdersComeCloserToTheDatasVariance(int order) {
    // even steps in lambda: a last step longer than those before makes high orders extrapolate
    Trajectory path = Oracle.evenly(80, 0.02, 60, true);
    NoiseLevel last = path.levels().get(60);
    double exact = 0.04 * last.alphaBar() + last.sigma() * last.sigma();
    double first = variance(DpmSolverPp.sde(1), path);
    double higher = variance(DpmSolverPp.sde(order), path);
    assertEquals(exact, higher, 0.4 * Math.abs(first - exact), "order 1: " + first);
    assertEquals(0.3 * last.alpha(), end(DpmSolverPp.sde(order), path, 0), 1e-3);
  }

  @Test
  void noiseOfADpmStep() {
    NoiseLevel t = Oracle.preserving(3);
    NoiseLevel s = Oracle.preserving(1);
    Oracle.Scripted nothing = new Oracle.Scripted(n -> 0, n -> 0);
    for (int order = 1; order <= 3; order++) {
      Tensor x = Oracle.one(0);
      TestNoise noise = TestNoise.repeating(Oracle.one(2));
      DpmSolverPp.sde(order).begin(nothing, x.shape()).step(x, t, s, noise);
      // e^-h = n_s / n_t
      assertEquals(2 * s.sigma() * Math.sqrt(1 - 1 / 9.0), x.data()[0], 1e-6);
      assertEquals(1, noise.draws());
      DpmSolverPp.sde(order).begin(nothing, x.shape()).step(x, s, NoiseLevel.CLEAN, noise);
      assertEquals(0, x.data()[0]);
      assertEquals(1, noise.draws(), "no noise on the way to the clean level");
    }
  }

  @Test
  void whoDraws() {
    assertTrue(DpmSolverPp.sde(2).isStochastic());
    assertFalse(DpmSolverPp.ode(2).isStochastic());
    assertTrue(new EulerAncestral().isStochastic());
    assertTrue(new EulerAncestral(0.01).isStochastic());
    assertFalse(new EulerAncestral(0).isStochastic());
    assertTrue(new Consistency().isStochastic());
    assertFalse(new UniPc().isStochastic());
    assertFalse(new LinearMultistep().isStochastic());
    assertThrows(DiffusionException.class, () -> new EulerAncestral(1.01));
    assertThrows(DiffusionException.class, () -> new EulerAncestral(-0.01));
  }

  @Test
  void consistencyDiffusesTheImageAgain() {
    Oracle.Scripted script = new Oracle.Scripted(n -> n / 10, n -> Double.NaN);
    TestNoise noise = TestNoise.repeating(Oracle.one(-0.7));
    Tensor x = Oracle.one(5);
    Solver solver = new Consistency(0.5).begin(script, x.shape());
    NoiseLevel s = Oracle.preserving(1.3);
    solver.step(x, Oracle.preserving(4), s, noise);
    assertEquals(s.alpha() * (0.4 - 1.2 * 0.7), x.data()[0], 1e-6, "sqrt(1.69 - 0.25) = 1.2");
    assertEquals(0.4, solver.x0().data()[0], 1e-6);
    assertEquals(1, noise.draws());
    for (NoiseLevel last : List.of(Oracle.preserving(0.5), Oracle.preserving(0.4))) {
      solver.step(x, Oracle.preserving(2), last, noise);
      assertEquals(last.alpha() * 0.2, x.data()[0], 1e-6);
    }
    solver.step(x, Oracle.preserving(3), NoiseLevel.CLEAN, noise);
    assertEquals(0.3, x.data()[0], 1e-6);
    assertEquals(1, noise.draws(), "none at the smallest level and below");
    assertEquals(new Consistency(0.002), new Consistency());
    assertThrows(DiffusionException.class, () -> new Consistency(-1));
  }

  @Test
  void dpmSettingsReachTheSolver() {
    Trajectory path = leading(20);
    float[] midpoint = run(new DpmSolverPp(2, SecondOrder.MIDPOINT, true, true), path);
    float[] heun = run(new DpmSolverPp(2, SecondOrder.HEUN, true, true), path);
    assertTrue(Math.abs(midpoint[3] - heun[3]) > 1e-4);
  }

  private static Trajectory leading(int steps) {
    int[] grid = new int[steps];
    for (int k = 0; k < steps; k++) {
      grid[k] = k * (1000 / steps);
    }
    return Trajectory.down(LINEAR, grid);
  }

  private static double end(Sampler sampler, Trajectory path, double start) {
    return Oracle.run(PREDICTOR, sampler, path, start);
  }

  /** Sum of squares of what a unit of noise in each single draw does to the end. */
  private static double variance(Sampler sampler, Trajectory path) {
    Tensor x = new Tensor(new Shape(path.stepsDown(), 1, 1, 1));
    new ReverseProcess(PREDICTOR, sampler, Constraint.NONE, path)
        .run(x, TestNoise.impulses(), Monitor.NONE);
    double b = end(sampler, path, 0);
    double v = 0;
    for (float e : x.data()) {
      v += (e - b) * (e - b);
    }
    return v;
  }

  private static float[] run(Sampler sampler, Trajectory path) {
    TestNoise noise = TestNoise.sm42();
    Tensor x = new Tensor(SHAPE);
    noise.next(x);
    new ReverseProcess(PREDICTOR, sampler, Constraint.NONE, path).run(x, noise, Monitor.NONE);
    return x.data();
  }

  private static void assertClose(float[] expected, float[] actual, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance, "value " + i);
    }
  }
}
