package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.tensor.Reference;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiffusersBetasTest {
  @ParameterizedTest
  @CsvSource({
    "LINEAR, linear, 1e-4, 0.02",
    "SCALED_LINEAR, quad, 1e-4, 0.02",
    "SCALED_LINEAR, 'scaled_linear_sd(0.00085,0.012)', 0.00085, 0.012",
    "SIGMOID, sigmoid, 1e-4, 0.02",
    "SQUAREDCOS_CAP_V2, 'cosine(T=1000,s=.008,max .999)', 0.5, 0.5",
    "SQUAREDCOS_CAP_V2, 'cosine(T=4000)', 0.5, 0.5",
  })
  void referenceTables(DiffusersBetas schedule, String name, double start, double end) {
    JsonObject row =
        Reference.load("analytic_and_tables").getAsJsonObject("schedules").getAsJsonObject(name);
    double[] betas = DiffusersBetas.of(schedule, row.get("T").getAsInt(), start, end);
    int[] index = Reference.ints(row.get("index"));
    double[] expected = Reference.doubles(row.get("beta"));
    for (int i = 0; i < index.length; i++) {
      assertEquals(expected[i], betas[index[i]], 1e-10 * expected[i]);
    }
  }

  /** What is left of the signal is a quotient of the function at both ends, up to the cap. */
  private static void assertSignal(
      double[] betas, int steps, double relative, DoubleUnaryOperator alphaBar) {
    double product = 1;
    for (int t = 0; t < steps; t++) {
      product *= 1 - betas[t];
      if (betas[t] < 0.999) {
        double expected =
            alphaBar.applyAsDouble((t + 1.0) / betas.length) / alphaBar.applyAsDouble(0);
        assertEquals(expected, product, relative * expected, "index " + t);
      }
    }
  }

  @Test
  void exponential() {
    double[] betas = DiffusersBetas.of(DiffusersBetas.EXP, 1000, 0, 0);
    assertSignal(betas, 1000, 1e-10, u -> Math.exp(-12 * u));
    assertEquals(0.01192828713807, betas[0], 1e-14);
    assertEquals(0.01192828713807, betas[999], 1e-14);
  }

  /** The signal to noise ratio r of the laplace schedule is sqrt(m), m = 2 min(u, 1 - u) + 1e-6. */
  @Test
  void laplace() {
    double[] betas = DiffusersBetas.of(DiffusersBetas.LAPLACE, 1000, 0, 0);
    assertSignal(
        betas,
        1000,
        1e-9,
        u -> {
          double m = Math.sqrt(2 * Math.min(u, 1 - u) + 1e-6);
          return 1 / Math.sqrt(1 + (u <= 0.5 ? m : 1 / m));
        });
    for (double beta : betas) {
      assertTrue(beta > 0 && beta <= 0.999);
    }
  }
}
