package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.DpmSolverPp;
import ijdiffusion.sampling.EulerAncestral;
import ijdiffusion.sampling.Heun;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.UniPc;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** x_0 = A x_T + B on pixels N(0.3, 0.04), against the same solvers of diffusers and EDM. */
class GaussianSolverMapTest {
  private static final GaussianPredictor PREDICTOR = new GaussianPredictor(0.3, 0.04);
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final JsonObject TABLES = Reference.load("analytic_and_tables");
  private static final JsonObject SOLVERS = TABLES.getAsJsonObject("gaussian_map_solvers");
  private static final JsonObject EDM = TABLES.getAsJsonObject("edm_gaussian_map");

  static Stream<String> rows() {
    return SOLVERS.keySet().stream().filter(k -> !k.equals("fixture"));
  }

  @Test
  void noRowIsForgotten() {
    assertEquals(28, rows().count());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void diffusersSolver(String row) {
    String[] parts = row.split("_", -1);
    JsonObject expected = SOLVERS.getAsJsonObject(row);
    if (parts[0].equals("ddim")) {
      int n = Integer.parseInt(parts[1]);
      int[] grid = new int[n];
      for (int k = 0; k < n; k++) {
        grid[k] = k * (1000 / n);
      }
      assertMap(expected, new Ddim(0), Trajectory.down(LINEAR, grid), 1);
    } else if (parts[0].equals("dpmpp")) {
      int order = parts[1].charAt(0) - '0';
      int n = Integer.parseInt(parts[2]);
      assertMap(expected, DpmSolverPp.ode(order), linspaceWithoutZero(n), 1);
    } else {
      int order = Integer.parseInt(parts[2]);
      int n = Integer.parseInt(parts[3]);
      assertMap(expected, new UniPc(order, true), linspaceWithoutZero(n), 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"heun9, 9", "heun18, 18", "heun36, 36", "euler18, 18"})
  void edm(String row, int steps) {
    Sampler sampler = row.startsWith("heun") ? new Heun() : new EulerAncestral(0);
    assertMap(EDM.getAsJsonObject(row), sampler, karras(steps), 80);
  }

  @Test
  void edmStepsComeCloserToTheExactFlow() {
    double exact = EDM.getAsJsonObject("exact").get("A").getAsDouble();
    double before = 1;
    for (int steps : new int[] {9, 18, 36}) {
      Trajectory path = karras(steps);
      double a =
          Oracle.run(PREDICTOR, new Heun(), path, 80) - Oracle.run(PREDICTOR, new Heun(), path, 0);
      assertTrue(Math.abs(a - exact) < before);
      before = Math.abs(a - exact);
    }
  }

  private static void assertMap(
      JsonObject expected, Sampler sampler, Trajectory path, double unit) {
    double b = Oracle.run(PREDICTOR, sampler, path, 0);
    double a = Oracle.run(PREDICTOR, sampler, path, unit) - b;
    assertEquals(expected.get("B").getAsDouble(), b, 2e-5, "B");
    assertEquals(expected.get("A").getAsDouble(), a, 2e-5, "A");
  }

  /**
   * n + 1 indices from 0 to 999, without the 0, and the clean level: diffusers' linspace for DPM.
   */
  private static Trajectory linspaceWithoutZero(int n) {
    int[] grid = new int[n];
    for (int k = 0; k < n; k++) {
      grid[k] = (int) Math.rint((k + 1) * 999.0 / n);
    }
    return Trajectory.down(LINEAR, grid);
  }

  /** EDM's levels from 80 to 0.002, rho 7, and the clean one. */
  static Trajectory karras(int steps) {
    List<NoiseLevel> levels = new ArrayList<>();
    double most = Math.pow(80, 1 / 7.0);
    double least = Math.pow(0.002, 1 / 7.0);
    for (int i = 0; i < steps; i++) {
      levels.add(Oracle.exploding(Math.pow(most + i / (steps - 1.0) * (least - most), 7)));
    }
    levels.add(NoiseLevel.CLEAN);
    return new Trajectory(levels);
  }
}
