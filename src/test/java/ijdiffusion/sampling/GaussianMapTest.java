package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For pixels N(0.3, 0.04) and their exact predictor every run is an affine map, x_0 = A x_T + B +
 * sqrt(V) xi. A, B and V are measured on the real loop without random numbers and compared with
 * their exact propagation.
 */
class GaussianMapTest {
  private static final GaussianPredictor PREDICTOR = new GaussianPredictor(0.3, 0.04);
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final JsonObject CASES = Reference.load("gaussian_maps").getAsJsonObject("cases");
  private static final Pattern DDPM_1000 = Pattern.compile("ddpm_(linear|cosine)1000_(\\w+)");
  private static final Pattern DDPM = Pattern.compile("ddpm_small_(\\d+)_(\\w+)");
  private static final Pattern SIGMA_HAT = Pattern.compile("ddim_sigmahat_(\\d+)_(\\w+)");
  private static final Pattern DDIM =
      Pattern.compile("ddim_eta([.\\d]+)_(\\d+)(?:_(leading|trailing|linspace))?");

  private record Map(double a, double b, double v) {}

  /** All rows but encoding, which {@code edit.InversionTest} has. */
  static Stream<String> rows() {
    return CASES.keySet().stream().filter(k -> !k.startsWith("recon"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void runIsTheExactMap(String row) {
    JsonObject expected = CASES.getAsJsonObject(row);
    Map map = measure(row);
    assertEquals(expected.get("A").getAsDouble(), map.a, 2e-5, "A");
    assertEquals(expected.get("B").getAsDouble(), map.b, 2e-5, "B");
    assertEquals(expected.get("V").getAsDouble(), map.v, 2e-5, "V");
  }

  @Test
  void noRowIsForgotten() {
    assertEquals(25, rows().count());
  }

  @Test
  void ddimAgreesWithTheSolverTable() {
    JsonObject table =
        Reference.load("analytic_and_tables").getAsJsonObject("gaussian_map_solvers");
    for (int n : new int[] {5, 10, 20, 50}) {
      JsonObject row = table.getAsJsonObject("ddim_" + n + "_leading");
      Map map = measure(new Ddim(0), Trajectory.down(LINEAR, Grids.leading(1000, n)));
      assertEquals(row.get("A").getAsDouble(), map.a, 2e-5, "A " + n);
      assertEquals(row.get("B").getAsDouble(), map.b, 2e-5, "B " + n);
    }
  }

  @Test
  void ddimConvergesToTheFlowAtFirstOrder() {
    // the probability flow maps quantiles to quantiles: A = sd of x_0 over sd of x_T
    double exact = 0.2 / Math.sqrt(LINEAR.alphaBar(999) * 0.04 + 1 - LINEAR.alphaBar(999));
    double before = Double.NaN;
    for (int n : new int[] {50, 100, 200, 400}) {
      double error =
          exact - measure(new Ddim(0), Trajectory.down(LINEAR, Grids.trailing(1000, n))).a;
      assertTrue(error > 0 && (n == 50 || (before / error > 1.8 && before / error < 2.2)));
      before = error;
    }
  }

  private static Map measure(String row) {
    Matcher m = DDPM_1000.matcher(row);
    if (m.matches()) {
      DiscreteSchedule schedule = m.group(1).equals("linear") ? LINEAR : Grids.cosine(1000);
      VarianceType variance =
          m.group(2).equals("small") ? VarianceType.FIXED_SMALL : VarianceType.FIXED_LARGE;
      return measure(new Ddpm(variance), Trajectory.down(schedule, Grids.leading(1000, 1000)));
    }
    m = DDPM.matcher(row);
    if (m.matches()) {
      int[] grid = Grids.of(m.group(2), 1000, Integer.parseInt(m.group(1)));
      return measure(new Ddpm(VarianceType.FIXED_SMALL), Trajectory.down(LINEAR, grid));
    }
    m = SIGMA_HAT.matcher(row);
    if (m.matches()) {
      // Song et al. 2021, appendix D.3: variance 1 - alpha-bar_t / alpha-bar_s, which is beta
      int[] grid = Grids.of(m.group(2), 1000, Integer.parseInt(m.group(1)));
      return measure(new Ddpm(VarianceType.FIXED_LARGE), Trajectory.down(LINEAR, grid));
    }
    m = DDIM.matcher(row);
    assertTrue(m.matches(), row);
    String spacing = m.group(3) == null ? "leading" : m.group(3);
    int[] grid = Grids.of(spacing, 1000, Integer.parseInt(m.group(2)));
    return measure(new Ddim(Double.parseDouble(m.group(1))), Trajectory.down(LINEAR, grid));
  }

  private static Map measure(Sampler sampler, Trajectory path) {
    // a start of 100 instead of 1 shows the small A of ancestral sampling above float rounding
    Tensor start = new Tensor(new Shape(2, 1, 1, 1), new float[] {0, 100});
    float[] ends = run(sampler, path, start, TestNoise.zero());
    double b = ends[0];
    double a = (ends[1] - b) / 100;
    // image k gets its only noise in draw k; independent draws add up in the square
    Tensor zeros = new Tensor(new Shape(path.stepsDown(), 1, 1, 1));
    double v = 0;
    for (float end : run(sampler, path, zeros, TestNoise.impulses())) {
      v += (end - b) * (end - b);
    }
    return new Map(a, b, v);
  }

  private static float[] run(Sampler sampler, Trajectory path, Tensor x, TestNoise noise) {
    new ReverseProcess(PREDICTOR, sampler, Constraint.NONE, path).run(x, noise, Monitor.NONE);
    return x.data();
  }
}
