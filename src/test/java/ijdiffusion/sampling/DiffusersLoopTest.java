package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs of diffusers' DDPM and DDIM schedulers, repeated with the same noise. */
class DiffusersLoopTest {
  private static final JsonObject CASES =
      Reference.load("diffusers_full_loops").getAsJsonObject("cases");

  static Stream<String> ddpm() {
    return CASES.keySet().stream().filter(k -> k.startsWith("ddpm/"));
  }

  static Stream<String> ddim() {
    return CASES.keySet().stream().filter(k -> k.startsWith("ddim/"));
  }

  @Test
  void noCaseIsForgotten() {
    assertEquals(19, ddpm().count());
    assertEquals(13, ddim().count());
  }

  @ParameterizedTest
  @MethodSource("ddpm")
  void ddpmRun(String name) {
    JsonObject config = config(name);
    int steps = name.contains("50steps") ? 50 : 1000;
    int[] grid = Grids.of(text(config, "timestep_spacing", "leading"), 1000, steps);
    NoisePredictor predictor = DummyPredictor.of(parameterization(config)).clipped(-1, 1);
    Sampler sampler =
        new Ddpm(VarianceType.valueOf(text(config, "variance_type", "").toUpperCase(Locale.ROOT)));
    Tensor x = DummyPredictor.sample();
    new ReverseProcess(predictor, sampler, Constraint.NONE, Trajectory.down(schedule(config), grid))
        .run(x, noise(name), Monitor.NONE);
    assertReference(name, steps, x);
  }

  @ParameterizedTest
  @MethodSource("ddim")
  void ddimRun(String name) {
    JsonObject config = config(name);
    NoisePredictor predictor = DummyPredictor.of(parameterization(config));
    if (config.get("clip_sample").getAsBoolean()) {
      predictor = clippedImageRawNoise(predictor);
    }
    Sampler sampler = new Ddim(eta(name));
    Tensor x = DummyPredictor.sample();
    int steps = name.endsWith("_50") ? 50 : 10;
    List<NoiseLevel> levels = ddimLevels(name, config, steps);
    if (name.contains("full_loop_with_noise")) {
      NoiseLevel start = levels.get(0);
      x.setSum(start.alpha(), x, start.sigma(), DummyPredictor.noise());
    }
    TestNoise noise = noise(name);
    if (name.contains("linspace")) {
      // diffusers steps by T/n from 999, 888, ...: the levels of its steps do not chain
      Solver solver = sampler.begin(predictor, x.shape());
      DiscreteSchedule schedule = schedule(config);
      for (NoiseLevel t : levels.subList(0, steps)) {
        solver.step(x, t, schedule.level(Math.max(-1, t.t() - 100)), noise);
      }
    } else {
      new ReverseProcess(predictor, sampler, Constraint.NONE, new Trajectory(levels))
          .run(x, noise, Monitor.NONE);
    }
    assertReference(name, steps, x);
  }

  private static List<NoiseLevel> ddimLevels(String name, JsonObject config, int steps) {
    DiscreteSchedule schedule = schedule(config);
    int[] grid = Grids.of(text(config, "timestep_spacing", "leading"), 1000, steps);
    if (name.contains("full_loop_with_noise")) {
      grid = new int[] {0, 100};
    }
    List<NoiseLevel> levels = new ArrayList<>(Trajectory.down(schedule, grid).levels());
    if (name.endsWith("/no_set_alpha_to_one")) {
      // the last step goes to alpha-bar_0, where the state already is
      levels.remove(levels.size() - 1);
    }
    return levels;
  }

  /** diffusers' DDIM limits x_0 but goes on with the network's own eps. */
  private static NoisePredictor clippedImageRawNoise(NoisePredictor inner) {
    return (Tensor x, NoiseLevel level, Prediction out) -> {
      inner.predict(x, level, out);
      float[] x0 = out.x0().data();
      for (int i = 0; i < x0.length; i++) {
        x0[i] = Math.max(-1, Math.min(1, x0[i]));
      }
    };
  }

  private static void assertReference(String name, int steps, Tensor x) {
    JsonObject expected = CASES.getAsJsonObject(name);
    double sum = 0;
    for (float v : x.data()) {
      sum += Math.abs(v);
    }
    double reference = expected.get("measured_abs_sum").getAsDouble();
    assertEquals(reference, sum, (steps <= 50 ? 1e-5 : 2e-4) * reference + 1e-12, "sum |x|");
    double tolerance = steps <= 50 ? 1e-5 : 2e-4;
    assertValues(expected.get("measured_first8"), x.data(), 0, tolerance);
    assertValues(expected.get("measured_last8"), x.data(), x.data().length - 8, tolerance);
    JsonElement literal = expected.get("expected_sum");
    if (!literal.isJsonNull()) {
      assertEquals(literal.getAsDouble(), sum, expected.get("tol_sum").getAsDouble());
    }
  }

  static void assertValues(JsonElement expected, float[] actual, int from, double tolerance) {
    double[] values = Reference.doubles(expected);
    for (int i = 0; i < values.length; i++) {
      assertEquals(values[i], actual[from + i], tolerance, "value " + (from + i));
    }
  }

  private static JsonObject config(String name) {
    return CASES.getAsJsonObject(name).getAsJsonObject("config");
  }

  private static String text(JsonObject config, String key, String otherwise) {
    return config.has(key) ? config.get(key).getAsString() : otherwise;
  }

  private static DiscreteSchedule schedule(JsonObject config) {
    if (text(config, "beta_schedule", "").equals("squaredcos_cap_v2")) {
      return Grids.cosine(1000);
    }
    return DiscreteSchedule.linear(
        config.get("num_train_timesteps").getAsInt(),
        config.get("beta_start").getAsDouble(),
        config.get("beta_end").getAsDouble());
  }

  private static Parameterization parameterization(JsonObject config) {
    return switch (text(config, "prediction_type", "epsilon")) {
      case "epsilon" -> Parameterization.EPSILON;
      case "v_prediction" -> Parameterization.V;
      case "sample" -> Parameterization.X0;
      default -> throw new IllegalArgumentException(config.toString());
    };
  }

  private static double eta(String name) {
    if (name.contains("eta0.5")) {
      return 0.5;
    }
    return name.contains("eta1.0") ? 1 : 0;
  }

  private static TestNoise noise(String name) {
    if (name.contains("sm42")) {
      return TestNoise.sm42();
    }
    return name.contains("deter_noise")
        ? TestNoise.repeating(DummyPredictor.noise())
        : TestNoise.zero();
  }
}
