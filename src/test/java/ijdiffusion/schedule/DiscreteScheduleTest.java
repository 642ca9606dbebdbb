package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Reference;
import org.junit.jupiter.api.Test;

class DiscreteScheduleTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  @Test
  void linearEndsAtThePublishedValue() {
    assertEquals(1000, LINEAR.size());
    assertEquals(4.0358e-5, LINEAR.alphaBar(999), 5e-10);
    assertEquals(0.9999, LINEAR.alphaBar(0), 1e-15);
  }

  @Test
  void linearGivesTheReferenceTables() {
    assertTable(LINEAR, "linear");
    assertTable(DiscreteSchedule.linear(2000, 1e-6, 1e-2), "sr3_linear(T=2000,1e-6,1e-2)");
    assertTable(DiscreteSchedule.linear(1000, 1e-4, 0.09), "palette_test_linear(T=1000,1e-4,0.09)");
  }

  @Test
  void explicitBetasGiveTheReferenceTables() {
    double[] quad = new double[1000];
    double[] cosine = new double[1000];
    for (int t = 0; t < 1000; t++) {
      quad[t] = Math.pow(0.01 + t * (Math.sqrt(0.02) - 0.01) / 999, 2);
      cosine[t] = Math.min(1 - cosine(t + 1) / cosine(t), 0.999);
    }
    assertTable(DiscreteSchedule.ofBetas(quad), "quad");
    assertTable(DiscreteSchedule.ofBetas(cosine), "cosine(T=1000,s=.008,max .999)");
  }

  private static double cosine(int t) {
    return Math.pow(Math.cos((t / 1000.0 + 0.008) / 1.008 * Math.PI / 2), 2);
  }

  private static void assertTable(DiscreteSchedule schedule, String name) {
    JsonObject row =
        Reference.load("analytic_and_tables").getAsJsonObject("schedules").getAsJsonObject(name);
    assertEquals(row.get("T").getAsInt(), schedule.size());
    int[] index = Reference.ints(row.get("index"));
    double[] beta = Reference.doubles(row.get("beta"));
    double[] alphaBar = Reference.doubles(row.get("alphas_cumprod"));
    double[] posterior = Reference.doubles(row.get("posterior_variance"));
    for (int i = 0; i < index.length; i++) {
      String what = name + " at " + index[i];
      NoiseLevel t = schedule.level(index[i]);
      NoiseLevel s = schedule.level(index[i] - 1);
      assertEquals(index[i], t.t(), what);
      assertEquals(alphaBar[i], schedule.alphaBar(index[i]), 1e-10 * alphaBar[i], what);
      assertEquals(alphaBar[i], t.alphaBar(), 1e-10 * alphaBar[i], what);
      double b = t.sigma() * t.sigma() - Math.pow(t.alpha() / s.alpha() * s.sigma(), 2);
      assertEquals(beta[i], b, 1e-10 * beta[i] + 1e-15, what);
      double small = b * Math.pow(s.sigma() / t.sigma(), 2);
      assertEquals(posterior[i], small, 1e-10 * posterior[i] + 1e-15, what);
    }
  }

  @Test
  void levelsPreserveVarianceAndGetNoisier() {
    NoiseLevel previous = LINEAR.level(-1);
    assertEquals(NoiseLevel.CLEAN, previous);
    for (int t = 0; t < 1000; t++) {
      NoiseLevel level = LINEAR.level(t);
      assertEquals(1, level.alpha() * level.alpha() + level.sigma() * level.sigma(), 1e-15);
      assertTrue(previous.isCleanerThan(level), "level " + t);
      assertTrue(level.alpha() < previous.alpha() && level.sigma() > previous.sigma());
      previous = level;
    }
  }

  @Test
  void theLastBetaMayBeOne() {
    NoiseLevel last = DiscreteSchedule.ofBetas(0.5, 1).level(1);
    assertEquals(0, last.alpha());
    assertEquals(1, last.sigma());
  }

  @Test
  void badBetasAreNamed() {
    for (double bad : new double[] {0, -0.1, 1, 1.5, Double.NaN}) {
      Exception e =
          assertThrows(DiffusionException.class, () -> DiscreteSchedule.ofBetas(0.1, bad, 0.2));
      assertEquals(
          "beta[1] of the noise schedule is " + bad + ", but must be in (0, 1).", e.getMessage());
    }
    Exception e = assertThrows(DiffusionException.class, DiscreteSchedule::ofBetas);
    assertTrue(e.getMessage().contains("at least one"), e.getMessage());
  }

  @Test
  void linearNeedsTwoSteps() {
    Exception e =
        assertThrows(DiffusionException.class, () -> DiscreteSchedule.linear(1, 1e-4, 0.02));
    assertEquals("steps of the noise schedule is 1, but must be from 2 to 100000.", e.getMessage());
  }

  @Test
  void timesOffTheTableAreRefused() {
    for (double t : new double[] {-2, 0.5, 1000, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> LINEAR.level(t), "time " + t);
    }
  }
}
