package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.TestNoise;
import ijdiffusion.sampling.Consistency;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.DpmSolverPp;
import ijdiffusion.sampling.DpmSolverPp.SecondOrder;
import ijdiffusion.sampling.EulerAncestral;
import ijdiffusion.sampling.LinearMultistep;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.Solver;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs of diffusers' fast solvers, repeated on their levels and with their noise. */
class DiffusersSolversTest {
  static final JsonObject CASES = Reference.load("diffusers_full_loops").getAsJsonObject("cases");
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  static Stream<String> dpm() {
    return CASES.keySet().stream().filter(k -> k.startsWith("dpmpp_multistep/"));
  }

  @Test
  void noCaseIsForgotten() {
    assertEquals(5, dpm().count());
    assertEquals(6, CASES.keySet().stream().filter(k -> k.startsWith("euler/")).count());
    assertEquals(2, CASES.keySet().stream().filter(k -> k.startsWith("euler_ancestral/")).count());
    assertEquals(2, CASES.keySet().stream().filter(k -> k.startsWith("lms/")).count());
    assertEquals(1, CASES.keySet().stream().filter(k -> k.startsWith("consistency/")).count());
    assertEquals(2, CASES.keySet().stream().filter(k -> k.startsWith("repaint_diff")).count());
  }

  @ParameterizedTest
  @MethodSource("dpm")
  void dpmSolver(String name) {
    JsonObject config = CASES.getAsJsonObject(name).getAsJsonObject("config");
    assertEquals("midpoint", config.get("solver_type").getAsString());
    Sampler sampler =
        new DpmSolverPp(
            config.get("solver_order").getAsInt(),
            SecondOrder.MIDPOINT,
            false,
            config.get("lower_order_final").getAsBoolean());
    List<NoiseLevel> levels = preservingLevels(name);
    for (int i = 0; i < 10; i++) {
      // the levels are those of the table, but for float32 rounding, largest at the last: 8e-5
      NoiseLevel exact = LINEAR.level(levels.get(i).t());
      assertEquals(
          exact.noiseToSignal(), levels.get(i).noiseToSignal(), 1e-4 * exact.noiseToSignal());
    }
    Tensor x = DummyPredictor.sample();
    run(parameterization(name), sampler, levels, x, TestNoise.zero());
    assertReference(name, x);
  }

  @ParameterizedTest
  @CsvSource({
    "euler/derived_correct_use_full_loop_no_noise, euler/full_loop_no_noise",
    "euler/derived_correct_use_v, euler/v",
    "lms/derived_correct_use_full_loop_no_noise, lms/full_loop_no_noise"
  })
  void eulerAndLmsAsTheyShouldBeUsed(String name, String levelsOf) {
    Sampler sampler = name.startsWith("lms") ? new LinearMultistep() : new EulerAncestral(0);
    List<NoiseLevel> levels = preservingLevels(levelsOf);
    Tensor x = start(levels.get(0));
    run(parameterization(name), sampler, levels, x, TestNoise.zero());
    assertReference(name, x);
  }

  @ParameterizedTest
  @CsvSource({"euler_ancestral/derived_deter_noise", "euler_ancestral/sm42_correct_use"})
  void eulerAncestral(String name) {
    List<NoiseLevel> levels = preservingLevels("euler/full_loop_no_noise");
    Tensor x = start(levels.get(0));
    boolean recorded = name.endsWith("deter_noise");
    TestNoise noise = recorded ? TestNoise.repeating(DummyPredictor.noise()) : TestNoise.sm42();
    run(Parameterization.EPSILON, new EulerAncestral(), levels, x, noise);
    assertReference(name, x);
    assertEquals(10, noise.draws());
    if (!recorded) {
      assertEquals(
          CASES.getAsJsonObject(name).get("final_rng_state_hex").getAsString(),
          "0x" + Long.toHexString(noise.splitMixState()));
    }
  }

  /**
   * diffusers' own tests give step() the state that was scaled for the network, so each step begins
   * with the wrong state. Repeated here by scaling the state before each of our steps, at alpha =
   * 1.
   */
  @ParameterizedTest
  @CsvSource({
    "euler/full_loop_no_noise, 0",
    "euler/v, 0",
    "euler/karras, 0",
    "euler/with_noise, 8",
    "lms/full_loop_no_noise, 0"
  })
  void eulerAndLmsWithTheScaledStateOfTheTests(String name, int firstStep) {
    JsonObject grid = CASES.getAsJsonObject(firstStep == 0 ? name : "euler/full_loop_no_noise");
    double[] sigmas = Reference.doubles(grid.get("sigmas"));
    double[] times = Reference.doubles(grid.get("timesteps"));
    Sampler sampler = name.startsWith("lms") ? new LinearMultistep() : new EulerAncestral(0);
    Tensor x = DummyPredictor.sample();
    x.setSum(grid.get("init_noise_sigma").getAsDouble(), x, 0, x);
    if (firstStep > 0) {
      x.setSum(1, x, sigmas[firstStep], DummyPredictor.noise());
    }
    NoisePredictor predictor =
        parameterization(name) == Parameterization.V
            ? DiffusersSolversTest::velocityAtExplodingLevel
            : DummyPredictor.of(Parameterization.EPSILON);
    Solver solver = sampler.begin(predictor, x.shape());
    for (int i = firstStep; i < times.length; i++) {
      x.setSum(1 / Math.hypot(1, sigmas[i]), x, 0, x);
      NoiseLevel to = new NoiseLevel(-1, 1, sigmas[i + 1]);
      solver.step(x, new NoiseLevel(times[i], 1, sigmas[i]), to, TestNoise.zero());
    }
    assertReference(name, x);
  }

  /** x_0 = x / (sigma^2 + 1) - v sigma / sqrt(sigma^2 + 1), as in diffusers' Euler scheduler. */
  private static void velocityAtExplodingLevel(Tensor x, NoiseLevel level, Prediction out) {
    DummyPredictor.of(Parameterization.EPSILON).predict(x, level, out);
    double s = level.sigma();
    out.x0().setSum(1 / (s * s + 1), x, -s / Math.hypot(1, s), out.eps());
    out.completeFromX0(x, level);
  }

  @Test
  void consistency() {
    String name = "consistency/derived_deter_noise_106_0";
    JsonObject given = CASES.getAsJsonObject(name);
    double[] sigmas = Reference.doubles(given.get("sigmas"));
    double[] times = Reference.doubles(given.get("timesteps"));
    List<NoiseLevel> levels = new ArrayList<>();
    for (int i = 0; i < times.length; i++) {
      assertEquals(250 * Math.log(sigmas[i]), times[i], 1e-4);
      levels.add(new NoiseLevel(times[i], 1, sigmas[i]));
    }
    levels.add(new NoiseLevel(-1, 1, 0.002));
    Tensor x = DummyPredictor.sample();
    x.setSum(80, x, 0, x);
    NoisePredictor predictor = DiffusersSolversTest::consistencyDummy;
    TestNoise noise = TestNoise.repeating(DummyPredictor.noise());
    new ReverseProcess(
            predictor.clipped(-1, 1), new Consistency(), Constraint.NONE, new Trajectory(levels))
        .run(x, noise, Monitor.NONE);
    assertReference(name, x);
  }

  /** f = c_skip x + c_out F(c_in x), sigma_data 0.5, sigma_min 0.002. */
  private static void consistencyDummy(Tensor x, NoiseLevel level, Prediction out) {
    double s = level.sigma();
    double norm = Math.sqrt(s * s + 0.25);
    out.x0().setSum(1 / norm, x, 0, x);
    DummyPredictor.of(Parameterization.EPSILON).predict(out.x0().copy(), level, out);
    double skip = 0.25 / ((s - 0.002) * (s - 0.002) + 0.25);
    out.x0().setSum(skip, x, (s - 0.002) * 0.5 / norm, out.eps());
    out.completeFromX0(x, level);
  }

  /**
   * diffusers' RePaint: DDIM steps, the known part merged after each step with the step's own
   * noise, jumps that re-noise with the betas of one stride too high. Its loop is glue here, see
   * the list of differences at {@link ijdiffusion.sampling.KnownRegion}.
   */
  @ParameterizedTest
  @CsvSource({
    "repaint_diffusers/derived_eta0_deter_noise, 0",
    "repaint_diffusers/derived_eta1_deter_noise, 1"
  })
  void repaint(String name, double eta) {
    Tensor one = DummyPredictor.sample();
    one.fill(1);
    Tensor known = DummyPredictor.sample();
    known.setSum(2, known, -1, one);
    Tensor x = DummyPredictor.noise();
    x.setSum(2, x, -1, one);
    Tensor z = DummyPredictor.noise();
    TestNoise noise = TestNoise.repeating(z);
    NoisePredictor predictor =
        DummyPredictor.of(Parameterization.EPSILON).clippedKeepingNoise(-1, 1);
    Solver solver = new Ddim(eta).begin(predictor, x.shape());
    int[] times = Reference.ints(CASES.getAsJsonObject(name).get("timesteps"));
    int last = times[0] + 1;
    for (int t : times) {
      if (t < last) {
        NoiseLevel s = LINEAR.level(Math.max(-1, t - 50));
        solver.step(x, LINEAR.level(t), s, noise);
        mergeLeftHalf(known, s, z, x);
      } else {
        for (int i = last; i < last + 50; i++) {
          double beta = 1 - LINEAR.alphaBar(i) / LINEAR.alphaBar(i - 1);
          x.setSum(Math.sqrt(1 - beta), x, Math.sqrt(beta), z);
        }
      }
      last = t;
    }
    assertReference(name, x);
  }

  private static void mergeLeftHalf(Tensor known, NoiseLevel s, Tensor z, Tensor x) {
    for (int i = 0; i < x.data().length; i++) {
      if (i % 8 < 4) {
        x.data()[i] = (float) (s.alpha() * known.data()[i] + s.sigma() * z.data()[i]);
      }
    }
  }

  /** The levels of a case in sigma space, written variance-preserving, to its last sigma. */
  private static List<NoiseLevel> preservingLevels(String name) {
    double[] sigmas = Reference.doubles(CASES.getAsJsonObject(name).get("sigmas"));
    double[] times = Reference.doubles(CASES.getAsJsonObject(name).get("timesteps"));
    List<NoiseLevel> levels = new ArrayList<>();
    for (int i = 0; i < sigmas.length; i++) {
      double size = Math.hypot(1, sigmas[i]);
      double time = i < times.length ? times[i] : -1;
      levels.add(new NoiseLevel(time, 1 / size, sigmas[i] / size));
    }
    return levels;
  }

  /** The test image times the largest sigma, in the variance-preserving scale. */
  private static Tensor start(NoiseLevel level) {
    Tensor x = DummyPredictor.sample();
    x.setSum(level.sigma(), x, 0, x);
    return x;
  }

  private static void run(
      Parameterization parameterization,
      Sampler sampler,
      List<NoiseLevel> levels,
      Tensor x,
      TestNoise noise) {
    NoisePredictor predictor = DummyPredictor.of(parameterization);
    new ReverseProcess(predictor, sampler, Constraint.NONE, new Trajectory(levels))
        .run(x, noise, Monitor.NONE);
  }

  static Parameterization parameterization(String name) {
    JsonObject config = CASES.getAsJsonObject(name).getAsJsonObject("config");
    boolean velocity =
        config.has("prediction_type")
            && config.get("prediction_type").getAsString().equals("v_prediction");
    return velocity ? Parameterization.V : Parameterization.EPSILON;
  }

  static void assertReference(String name, Tensor x) {
    JsonObject expected = CASES.getAsJsonObject(name);
    double sum = 0;
    for (float v : x.data()) {
      sum += Math.abs(v);
    }
    double reference = expected.get("measured_abs_sum").getAsDouble();
    assertEquals(reference, sum, 1e-5 * reference, "sum |x| of " + name);
    double size = Math.max(1, reference / x.data().length);
    double[] first = Reference.doubles(expected.get("measured_first8"));
    double[] last = Reference.doubles(expected.get("measured_last8"));
    for (int i = 0; i < 8; i++) {
      assertEquals(first[i], x.data()[i], 2e-5 * size, name + " value " + i);
      assertEquals(last[i], x.data()[x.data().length - 8 + i], 2e-5 * size, name + " last " + i);
    }
    if (!expected.get("expected_mean").isJsonNull()) {
      double mean = sum / x.data().length;
      double literal = expected.get("expected_mean").getAsDouble();
      assertEquals(literal, mean, expected.get("tol_mean").getAsDouble(), "diffusers' own number");
    }
  }
}
