package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Solver;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** diffusers' DDIM, whose clipping of x_0 leaves eps alone: each step from t to t - T/n. */
class DiffusersDdimTest {
  static Stream<String> ddim() {
    return DiffusersSolversTest.CASES.keySet().stream().filter(k -> k.startsWith("ddim/"));
  }

  @Test
  void noCaseIsForgotten() {
    assertEquals(13, ddim().count());
  }

  @ParameterizedTest
  @MethodSource("ddim")
  void run(String name) {
    JsonObject config = DiffusersSolversTest.CASES.getAsJsonObject(name).getAsJsonObject("config");
    DiscreteSchedule schedule =
        DiscreteSchedule.linear(
            1000, config.get("beta_start").getAsDouble(), config.get("beta_end").getAsDouble());
    NoisePredictor predictor = DummyPredictor.of(DiffusersSolversTest.parameterization(name));
    if (config.get("clip_sample").getAsBoolean()) {
      predictor = predictor.clippedKeepingNoise(-1, 1);
    }
    int steps = name.endsWith("_50") ? 50 : 10;
    double eta = name.contains("eta0.5") ? 0.5 : name.contains("eta1.0") ? 1 : 0;
    NoiseLevel end = name.endsWith("/no_set_alpha_to_one") ? schedule.level(0) : NoiseLevel.CLEAN;
    Tensor x = DummyPredictor.sample();
    int first = 0;
    if (name.endsWith("full_loop_with_noise")) {
      first = 8;
      NoiseLevel start = schedule.level(100);
      x.setSum(start.alpha(), x, start.sigma(), DummyPredictor.noise());
    }
    TestNoise noise =
        name.contains("sm42") ? TestNoise.sm42() : TestNoise.repeating(DummyPredictor.noise());
    Solver solver = new Ddim(eta).begin(predictor, x.shape());
    for (int k = first; k < steps; k++) {
      int t = time(name, k, steps);
      int s = t - 1000 / steps;
      solver.step(x, schedule.level(t), s < 0 ? end : schedule.level(s), noise);
    }
    assertTrue(eta > 0 || noise.draws() == 0);
    DiffusersSolversTest.assertReference(name, x);
  }

  private static int time(String name, int k, int steps) {
    int stride = 1000 / steps;
    if (name.endsWith("trailing")) {
      return 999 - k * stride;
    }
    return name.endsWith("linspace") ? 999 - 111 * k : (steps - 1 - k) * stride;
  }
}
