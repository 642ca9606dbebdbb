package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Reference;
import java.util.List;
import org.junit.jupiter.api.Test;

class SdeTest {
  private static final VpSde VP = new VpSde(0.1, 20);
  private static final SubVpSde SUB_VP = new SubVpSde(0.1, 20);
  private static final VeSde VE = new VeSde(0.01, 50);
  private static final List<Sde> ALL = List.of(VP, SUB_VP, VE);

  @Test
  void vpLevelsAreTheClosedForm() {
    for (double u : new double[] {0, 1e-3, 0.25, 0.5, 1}) {
      NoiseLevel level = VP.level(u);
      double logAlpha = -u * u * 19.9 / 4 - u * 0.05;
      assertEquals(u, level.t());
      assertEquals(Math.exp(logAlpha), level.alpha(), 1e-15);
      assertEquals(Math.sqrt(1 - Math.exp(2 * logAlpha)), level.sigma(), 1e-13);
    }
    // beta u / 2 for small u: 1 - exp(-v) would lose all digits
    assertEquals(Math.sqrt(0.1e-12), VP.level(1e-12).sigma(), 1e-16);
    assertEquals(Math.exp(-5.025), VP.level(1).alpha(), 1e-16);
  }

  @Test
  void subVpHasNoRootInSigma() {
    for (double u : new double[] {0, 1e-3, 0.25, 0.5, 1}) {
      assertEquals(VP.level(u).alpha(), SUB_VP.level(u).alpha());
      assertEquals(u, SUB_VP.level(u).t());
      assertEquals(Math.pow(VP.level(u).sigma(), 2), SUB_VP.level(u).sigma(), 1e-15);
    }
    assertEquals(0.1e-12, SUB_VP.level(1e-12).sigma(), 1e-22);
  }

  @Test
  void veIsGeometric() {
    assertEquals(new NoiseLevel(0, 1, 0.01), VE.level(0));
    assertEquals(50, VE.level(1).sigma(), 1e-13);
    assertEquals(Math.sqrt(0.5), VE.level(0.5).sigma(), 1e-15);
    assertEquals(0.25, VE.level(0.25).t());
    assertEquals(1, VE.level(0.25).alpha());
  }

  /**
   * d alpha / du = drift alpha and d sigma^2 / du = 2 drift sigma^2 + g^2, by central differences.
   */
  @Test
  void driftAndDiffusionDriveTheLevels() {
    double h = 1e-5;
    for (Sde sde : ALL) {
      for (double u : new double[] {0.01, 0.3, 0.7, 0.99}) {
        NoiseLevel at = sde.level(u);
        NoiseLevel before = sde.level(u - h);
        NoiseLevel after = sde.level(u + h);
        double alphaSlope = (after.alpha() - before.alpha()) / (2 * h);
        assertEquals(sde.drift(u) * at.alpha(), alphaSlope, 1e-7, sde + " drift " + u);
        double slope = (Math.pow(after.sigma(), 2) - Math.pow(before.sigma(), 2)) / (2 * h);
        double g = sde.diffusion(u);
        double expected = 2 * sde.drift(u) * at.sigma() * at.sigma() + g * g;
        assertEquals(expected, slope, 1e-6 * (1 + expected), sde + " diffusion " + u);
      }
    }
    assertEquals(-5.025, VP.drift(0.5), 1e-14);
    assertEquals(Math.sqrt(10.05), VP.diffusion(0.5), 1e-14);
    assertEquals(-5.025, SUB_VP.drift(0.5), 1e-14);
    assertEquals(
        Math.sqrt(10.05 * (1 - Math.exp(-2 * 0.1 * 0.5 - 19.9 * 0.25))),
        SUB_VP.diffusion(0.5),
        1e-14);
    assertEquals(0, VE.drift(0.5));
    assertEquals(Math.sqrt(0.5) * Math.sqrt(2 * Math.log(5000)), VE.diffusion(0.5), 1e-13);
  }

  @Test
  void levelOfInvertsLevel() {
    List<Sde> more = List.of(VP, SUB_VP, VE, new VpSde(2, 2), new SubVpSde(3, 3));
    for (Sde sde : more) {
      for (int i = 1; i <= 200; i++) {
        double u = i / 200.0;
        NoiseLevel level = sde.level(u);
        NoiseLevel back = sde.levelOf(level.noiseToSignal());
        assertEquals(u, back.t(), 1e-12, sde + " time");
        assertEquals(level.alpha(), back.alpha(), 1e-13 * level.alpha(), sde + " alpha " + u);
        assertEquals(level.sigma(), back.sigma(), 1e-13 * level.sigma(), sde + " sigma " + u);
      }
      NoiseLevel tiny = sde.level(1e-9);
      assertEquals(1e-9, sde.levelOf(tiny.noiseToSignal()).t(), 1e-13, sde + " near 0");
    }
    // near 0 relative precision too
    assertEquals(1e-9, VP.levelOf(VP.level(1e-9).noiseToSignal()).t(), 1e-18);
    assertEquals(1e-9, SUB_VP.levelOf(SUB_VP.level(1e-9).noiseToSignal()).t(), 1e-18);
  }

  @Test
  void levelOfKeepsTheRatioButLimitsTheTime() {
    for (Sde sde : ALL) {
      assertEquals(NoiseLevel.CLEAN, sde.levelOf(0));
      NoiseLevel noisy = sde.levelOf(1e4);
      assertEquals(1, noisy.t(), sde.toString());
      assertEquals(1e4, noisy.noiseToSignal(), 1e-7);
      for (double bad : new double[] {-0.5, -3, Double.NaN}) {
        assertThrows(IllegalArgumentException.class, () -> sde.levelOf(bad), sde + " " + bad);
      }
    }
    NoiseLevel clean = VE.levelOf(0.001);
    assertEquals(0, clean.t());
    assertEquals(0.001, clean.sigma());
    assertEquals(new NoiseLevel(1, 0, 1), VP.levelOf(Double.POSITIVE_INFINITY));
    NoiseLevel sub = SUB_VP.levelOf(1e4);
    assertEquals(1 - sub.alpha() * sub.alpha(), sub.sigma(), 1e-15);
  }

  @Test
  void everySdeGetsNoisier() {
    for (Sde sde : ALL) {
      for (int i = 1; i <= 100; i++) {
        assertTrue(sde.level((i - 1) / 100.0).isCleanerThan(sde.level(i / 100.0)), sde + " " + i);
      }
    }
  }

  @Test
  void levelsRunFromOneToTheSmallestTime() {
    assertEquals(1e-3, VP.smallestTime());
    assertEquals(1e-3, SUB_VP.smallestTime());
    assertEquals(1e-5, VE.smallestTime());
    for (Sde sde : ALL) {
      List<NoiseLevel> levels = sde.levels(1000);
      assertEquals(1000, levels.size());
      for (int k = 0; k < 1000; k++) {
        double u = 1 + k * (sde.smallestTime() - 1) / 999;
        assertEquals(u, levels.get(k).t(), 1e-15);
        assertEquals(sde.level(levels.get(k).t()), levels.get(k));
        // the scale of the k-th level is N-1-k
        assertEquals(999 - k, DiscreteStep.scale(u, 1000));
      }
      assertEquals(List.of(sde.level(1)), sde.levels(1));
      assertEquals(
          "steps is 0, but must be from 1 to 100000.",
          assertThrows(DiffusionException.class, () -> sde.levels(0)).getMessage());
    }
  }

  @Test
  void scalesAreWholeNumbersOfTheTime() {
    for (int n : new int[] {2, 7, 1000, 2000}) {
      for (int i = 0; i < n; i++) {
        // (i / (n-1)) (n-1) may come out just below i
        assertEquals(i, DiscreteStep.scale((double) i / (n - 1), n));
        assertEquals(i, DiscreteStep.scale(i == n - 1 ? 1 - 1e-13 : (i + 0.999) / (n - 1), n));
      }
    }
    assertEquals(0, DiscreteStep.scale(1, 1));
    assertEquals(998, DiscreteStep.scale(1 - 1e-6, 1000));
  }

  @Test
  void timesOutsideAreNamed() {
    List<String> names = List.of("VP", "sub-VP", "VE");
    for (int i = 0; i < 3; i++) {
      Sde sde = ALL.get(i);
      for (double bad : new double[] {-1e-9, 1.001, Double.NaN}) {
        Exception e = assertThrows(DiffusionException.class, () -> sde.level(bad));
        assertEquals(
            "time of the " + names.get(i) + " SDE is " + bad + ", but must be from 0.0 to 1.0.",
            e.getMessage());
      }
      Exception e = assertThrows(DiffusionException.class, () -> sde.step(1.5, 1000));
      assertEquals("time of the SDE is 1.5, but must be from 0.0 to 1.0.", e.getMessage());
    }
  }

  @Test
  void vpStepsAreTheDiscreteBetas() {
    for (int i : new int[] {0, 1, 500, 999}) {
      double beta = 1e-4 + i * (0.02 - 1e-4) / 999;
      DiscreteStep step = VP.step(i / 999.0, 1000);
      assertEquals(beta, step.variance(), 1e-16);
      assertEquals(beta, step.ancestral(), 1e-16);
      assertEquals(Math.sqrt(1 - beta), step.signal(), 1e-15);
      assertEquals(1 - beta, step.langevin(), 1e-15);
    }
    // 30 scales: betas up to 20/30
    assertEquals(0.1 / 30, VP.step(0, 30).variance(), 1e-15);
    assertEquals(20.0 / 30, VP.step(1, 30).variance(), 1e-15);
    assertEquals((0.1 + 19.9 / 29) / 30, VP.step(1.5 / 29, 30).variance(), 1e-15);
    assertEquals(0.3, new VpSde(0.3, 0.6).step(1, 1).variance(), 1e-15);
  }

  @Test
  void vpInDiscreteTimeIsTheLinearTable() {
    DiscreteSchedule ours = VP.discrete(1000);
    DiscreteSchedule ddpm = DiscreteSchedule.linear(1000, 1e-4, 0.02);
    for (int t = 0; t < 1000; t++) {
      assertEquals(ddpm.alphaBar(t), ours.alphaBar(t), 1e-12 * ddpm.alphaBar(t));
    }
  }

  /** The tables of DDGAN: T levels cut out of the VP SDE, u_k = eps + k (1 - eps) / T, eps 1e-3. */
  @Test
  void coarseStepsOfTheVpSdeAreThoseOfDdgan() {
    JsonObject tables = Reference.load("analytic_and_tables").getAsJsonObject("ddgan");
    for (int n : new int[] {2, 4}) {
      JsonObject row = tables.getAsJsonObject("T=" + n);
      double[] beta = Reference.doubles(row.get("betas"));
      double[] alphaBar = Reference.doubles(row.get("alphas_cumprod"));
      double product = 1;
      for (int k = 0; k < n; k++) {
        NoiseLevel t = VP.level(1e-3 + (k + 1) * (1 - 1e-3) / n);
        NoiseLevel s = VP.level(1e-3 + k * (1 - 1e-3) / n);
        DiscreteStep step = Discretization.ofLevels().step(t, s);
        assertEquals(beta[k], step.variance(), 1e-10 * beta[k], "beta " + k + " of " + n);
        product *= step.langevin();
        assertEquals(alphaBar[k], product, 1e-9 * alphaBar[k]);
      }
    }
  }

  @Test
  void veStepsAreDifferencesOfTheLadder() {
    double[] ladder = SigmaLadder.geometric(50, 0.01, 1000).sigmas();
    for (int i : new int[] {0, 1, 2, 500, 999}) {
      DiscreteStep step = VE.step(i == 999 ? 1 : (i + 0.5) / 999, 1000);
      double sigma = ladder[999 - i];
      double below = i == 0 ? 0 : ladder[1000 - i];
      double variance = sigma * sigma - below * below;
      assertEquals(variance, step.variance(), 1e-10 * variance, "scale " + i);
      double ancestral = below * below * variance / (sigma * sigma);
      assertEquals(ancestral, step.ancestral(), 1e-10 * ancestral, "scale " + i);
      assertEquals(1, step.signal());
      assertEquals(1, step.langevin());
    }
    assertEquals(1e-4, VE.step(1, 1).variance(), 1e-18);
    assertEquals(0, VE.step(1, 1).ancestral());
    assertEquals(2500 - 1e-4, VE.step(1, 2).variance(), 1e-9);
  }

  @Test
  void subVpStepsAreEulers() {
    DiscreteStep step = SUB_VP.step(0.5, 1000);
    assertEquals(1 - 10.05 / 2000, step.signal(), 1e-15);
    assertEquals(Math.pow(SUB_VP.diffusion(0.5), 2) / 1000, step.variance(), 1e-16);
    assertTrue(Double.isNaN(step.ancestral()));
    assertEquals(VP.step(0.5, 1000).langevin(), step.langevin());
  }

  @Test
  void stepsBetweenLevelsAreExact() {
    Discretization levels = Discretization.ofLevels();
    DiscreteSchedule linear = DiscreteSchedule.linear(1000, 1e-4, 0.02);
    DiscreteStep step = levels.step(linear.level(500), linear.level(499));
    double beta = 1e-4 + 500 * 0.0199 / 999;
    assertEquals(beta, step.variance(), 1e-14);
    assertEquals(beta, step.ancestral(), 1e-14);
    assertEquals(Math.sqrt(1 - beta), step.signal(), 1e-14);
    assertEquals(1 - beta, step.langevin(), 1e-14);
    // with a signal that shrinks and a variance that is not preserved
    step = levels.step(new NoiseLevel(2, 0.4, 1.5), new NoiseLevel(1, 0.8, 0.5));
    assertEquals(0.5, step.signal());
    assertEquals(2.25 - 0.0625, step.variance());
    assertEquals(2.25 - 0.0625, step.ancestral());
    assertEquals(0.25, step.langevin());
    step = levels.step(new NoiseLevel(0, 1, 4), new NoiseLevel(1, 1, 2));
    assertEquals(new DiscreteStep(1, 12, 3, 1), step);
    step = levels.step(new NoiseLevel(0, 1, 4), NoiseLevel.CLEAN);
    assertEquals(new DiscreteStep(1, 16, 0, 1), step);
    assertEquals(VP.step(0.3, 77), Discretization.of(VP, 77).step(VP.level(0.3), VP.level(0.2)));
  }

  @Test
  void ladders() {
    SigmaLadder ladder = SigmaLadder.geometric(1, 0.01, 10);
    assertEquals(10, ladder.size());
    double[] sigmas = ladder.sigmas();
    for (int i = 0; i < 10; i++) {
      assertEquals(Math.pow(0.01, i / 9.0), sigmas[i], 1e-15);
      assertEquals(new NoiseLevel(i, 1, sigmas[i]), ladder.level(i));
      assertEquals(i, ladder.levelOf(sigmas[i]).t());
      assertEquals(ladder.level(i), ladder.levels().get(i));
    }
    assertEquals(sigmas[9], ladder.smallest());
    assertEquals(3.25, ladder.levelOf(Math.pow(0.01, 3.25 / 9)).t(), 1e-12);
    assertEquals(new NoiseLevel(0, 1, 7), ladder.levelOf(7));
    assertEquals(new NoiseLevel(9, 1, 0.001), ladder.levelOf(0.001));
    assertEquals(NoiseLevel.CLEAN, ladder.levelOf(0));
    assertThrows(IllegalArgumentException.class, () -> ladder.levelOf(-1));
    for (double bad : new double[] {-1, 0.5, 10, Double.NaN}) {
      Exception e = assertThrows(IllegalArgumentException.class, () -> ladder.level(bad));
      assertEquals("Time " + bad + " is not on the ladder: an index from 0 to 9", e.getMessage());
    }
    ladder.sigmas()[0] = 99;
    assertEquals(1, ladder.sigmas()[0], "a copy");
  }

  @Test
  void karrasIsTheReference() {
    JsonObject rows = Reference.load("analytic_and_tables").getAsJsonObject("edm_sigmas");
    for (int n : new int[] {5, 18}) {
      double[] expected = Reference.doubles(rows.get(Integer.toString(n)));
      double[] sigmas = SigmaLadder.karras(80, 0.002, 7, n).sigmas();
      assertEquals(n, sigmas.length);
      for (int i = 0; i < n; i++) {
        assertEquals(expected[i], sigmas[i], 1e-10 * expected[i]);
      }
    }
    assertArrayEquals(new double[] {4, 2.25, 1}, SigmaLadder.karras(4, 1, 2, 3).sigmas(), 1e-15);
  }

  @Test
  void badNumbersAreNamed() {
    assertRefused("The ladder has no sigmas; it needs at least one.", SigmaLadder::of);
    assertRefused(
        "sigma[1] of the ladder is 2.0, but must be in (0, 2.0).", () -> SigmaLadder.of(2, 2));
    assertRefused(
        "sigma[0] of the ladder is 0.0, but must be in (0, Infinity).", () -> SigmaLadder.of(0));
    assertRefused(
        "sigma[0] of the ladder is NaN, but must be in (0, Infinity).",
        () -> SigmaLadder.of(Double.NaN));
    assertRefused(
        "sigmas is 1, but must be from 2 to 100000.", () -> SigmaLadder.geometric(1, 0.1, 1));
    assertRefused(
        "sigmas is 1, but must be from 2 to 100000.", () -> SigmaLadder.karras(1, 0.1, 7, 1));
    for (double bad : new double[] {0, -1, Double.NaN}) {
      assertRefused(
          "rho is " + bad + ", but must be above 0.", () -> SigmaLadder.karras(1, 0.1, bad, 9));
      assertRefused("betaMin is " + bad + ", but must be above 0.", () -> new VpSde(bad, 20));
      assertRefused("betaMin is " + bad + ", but must be above 0.", () -> new SubVpSde(bad, 20));
      assertRefused("sigmaMin is " + bad + ", but must be above 0.", () -> new VeSde(bad, 20));
    }
    for (double bad : new double[] {0.05, Double.POSITIVE_INFINITY, Double.NaN}) {
      assertRefused(
          "betaMax is " + bad + ", but must be at least betaMin, 0.1, and finite.",
          () -> new VpSde(0.1, bad));
    }
    for (double bad : new double[] {0.1, Double.POSITIVE_INFINITY, Double.NaN}) {
      assertRefused(
          "sigmaMax is " + bad + ", but must be above sigmaMin, 0.1, and finite.",
          () -> new VeSde(0.1, bad));
    }
    for (Sde sde : List.of(VP, SUB_VP)) {
      assertRefused(
          "steps is 20, but must be above betaMax, 20.0: else a discrete beta is not below 1.",
          () -> Discretization.of(sde, 20));
      assertFalse(Discretization.of(sde, 21).step(sde.level(1), sde.level(0)).langevin() <= 0);
    }
    assertRefused("scales is 0, but must be from 1 to 100000.", () -> Discretization.of(VE, 0));
  }

  private static void assertRefused(String message, Runnable call) {
    assertEquals(message, assertThrows(DiffusionException.class, call::run).getMessage());
  }
}
