package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BetaFamilyTest {
  @Test
  void linearByHand() {
    check(BetaFamily.LINEAR, 0.1, 0.1, 0.3);
    check(BetaFamily.LINEAR, 0.1, 0.1, 0.2, 0.3);
    check(BetaFamily.LINEAR, 0.02, 0.02, 0.07, 0.12, 0.17, 0.22);
  }

  @Test
  void fibonacciByHand() {
    check(BetaFamily.FIBONACCI, 0.1, 0.1, 0.3);
    check(BetaFamily.FIBONACCI, 0.1, 0.1, 0.2, 0.3);
    check(BetaFamily.FIBONACCI, 0.1, 0.1, 0.15, 0.25, 0.4);
    check(BetaFamily.FIBONACCI, 0.01, 0.01, 0.05, 0.06, 0.11, 0.17, 0.28);
  }

  @Test
  void theFirstBetaGivesWayWhereItIsTooMuch() {
    check(BetaFamily.LINEAR, 0.1, 0.01, 0.01, 0.01);
    check(BetaFamily.FIBONACCI, 0.1, 0.01, 0.01, 0.02, 0.03, 0.05);
  }

  @Test
  void betasEndAtTheLimit() {
    // 0.5, 0.999 and 0.999, of which a fourth beta would be above 1
    DiscreteSchedule steep = BetaFamily.LINEAR.schedule(0.5 * 0.3 * 0.1 * 0.001, 4, 0.5);
    assertEquals(0.001, steep.alphaBar(3) / steep.alphaBar(2), 1e-12);
    assertEquals(0.5 * 0.3 * 0.1 * 0.001, steep.alphaBar(3), 1e-12);
  }

  @Test
  void nearestWhereTheLimitsAreInTheWay() {
    assertEquals(0.9 * 0.001, BetaFamily.LINEAR.schedule(1e-5, 2, 0.1).alphaBar(1), 1e-12);
    // 1, 1, 2, 3, .. 144 times 1e-8 are 3.76e-6
    DiscreteSchedule clean = BetaFamily.FIBONACCI.schedule(1 - 1e-6, 12, 0.1);
    assertEquals(3.76e-6, 1 - clean.alphaBar(11), 1e-10);
  }

  @ParameterizedTest
  @EnumSource(BetaFamily.class)
  void productIsTheAlphaBarAsked(BetaFamily family) {
    for (double alphaBar : new double[] {1e-3, 0.01, 0.3, 0.9, 0.99, 0.9999, 1 - 1e-6}) {
      for (int steps : new int[] {1, 2, 3, 5, 8}) {
        if (steps == 2 && alphaBar < 0.002) {
          continue;
        }
        DiscreteSchedule schedule = family.schedule(alphaBar, steps, 1e-4);
        assertEquals(steps, schedule.size());
        assertEquals(alphaBar, schedule.alphaBar(steps - 1), 1e-12);
        for (int t = 0; t < steps; t++) {
          assertTrue(schedule.alphaBar(t) < schedule.alphaBar(t - 1));
        }
      }
    }
  }

  @Test
  void refusesWhatIsNoLevel() {
    for (double alphaBar : new double[] {0, 1, -0.2, Double.NaN}) {
      assertTrue(
          assertThrows(
                  DiffusionException.class, () -> BetaFamily.LINEAR.schedule(alphaBar, 3, 0.01))
              .getMessage()
              .contains("alphaBar is " + alphaBar));
    }
    assertThrows(DiffusionException.class, () -> BetaFamily.LINEAR.schedule(0.5, 0, 0.01));
    assertThrows(DiffusionException.class, () -> BetaFamily.LINEAR.schedule(0.5, 3, 0));
  }

  private static void check(BetaFamily family, double first, double... betas) {
    double alphaBar = 1;
    for (double beta : betas) {
      alphaBar *= 1 - beta;
    }
    DiscreteSchedule schedule = family.schedule(alphaBar, betas.length, first);
    for (int t = 0; t < betas.length; t++) {
      double beta = 1 - schedule.alphaBar(t) / schedule.alphaBar(t - 1);
      assertEquals(betas[t], beta, 1e-12, family + " beta " + t);
    }
  }
}
