package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Reference;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The named tables of betas, the zero-terminal-SNR rescaling, and the way back from a ratio. */
class BetaTableTest {
  private static final JsonObject TABLES =
      Reference.load("analytic_and_tables").getAsJsonObject("schedules");
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  private static DiscreteSchedule table(String name) {
    return switch (name) {
      case "linear" -> LINEAR;
      case "quad" -> DiscreteSchedule.scaledLinear(1000, 1e-4, 0.02);
      case "scaled_linear_sd(0.00085,0.012)" -> DiscreteSchedule.scaledLinear(1000, 0.00085, 0.012);
      case "sigmoid" -> DiscreteSchedule.sigmoid(1000, 1e-4, 0.02);
      case "const" -> DiscreteSchedule.constant(1000, 0.02);
      case "warmup10" -> DiscreteSchedule.warmup(1000, 1e-4, 0.02, 0.1);
      case "warmup50" -> DiscreteSchedule.warmup(1000, 1e-4, 0.02, 0.5);
      case "jsd" -> DiscreteSchedule.jsd(1000);
      case "cosine(T=1000,s=.008,max .999)" -> DiscreteSchedule.cosine(1000);
      case "cosine(T=4000)" -> DiscreteSchedule.cosine(4000);
      case "sr3_linear(T=2000,1e-6,1e-2)" -> DiscreteSchedule.linear(2000, 1e-6, 1e-2);
      case "palette_test_linear(T=1000,1e-4,0.09)" -> DiscreteSchedule.linear(1000, 1e-4, 0.09);
      case "srdiff_cosine(T=100)" -> DiscreteSchedule.cosine(100);
      default -> throw new IllegalArgumentException(name);
    };
  }

  static Stream<String> names() {
    return TABLES.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void namedTableIsTheReference(String name) {
    JsonObject row = TABLES.getAsJsonObject(name);
    DiscreteSchedule schedule = table(name);
    assertEquals(row.get("T").getAsInt(), schedule.size());
    int[] index = Reference.ints(row.get("index"));
    double[] beta = Reference.doubles(row.get("beta"));
    double[] alphaBar = Reference.doubles(row.get("alphas_cumprod"));
    double[] posterior = Reference.doubles(row.get("posterior_variance"));
    for (int i = 0; i < index.length; i++) {
      String what = name + " at " + index[i];
      assertEquals(alphaBar[i], schedule.alphaBar(index[i]), 1e-10 * alphaBar[i], what);
      NoiseLevel t = schedule.level(index[i]);
      NoiseLevel s = schedule.level(index[i] - 1);
      DiscreteStep step = Discretization.ofLevels().step(t, s);
      assertEquals(beta[i], step.variance(), 1e-10 * beta[i] + 1e-15, what);
      double small = step.variance() * s.sigma() * s.sigma() / (t.sigma() * t.sigma());
      assertEquals(posterior[i], small, 1e-10 * posterior[i] + 1e-15, what);
    }
  }

  @Test
  void respacedBetasAreThoseBetweenVisitedLevels() {
    JsonObject row = Reference.load("analytic_and_tables").getAsJsonObject("respaced_250_linear");
    List<NoiseLevel> levels = LINEAR.levels(TimeGrid.respaced(1000, 250));
    double[] first = Reference.doubles(row.get("betas_first5"));
    double[] last = Reference.doubles(row.get("betas_last3"));
    double[] alphaBar = Reference.doubles(row.get("abar_first3"));
    for (int k = 0; k < 5; k++) {
      assertEquals(first[k], beta(levels, k), 1e-10 * first[k] + 1e-15);
    }
    for (int k = 0; k < 3; k++) {
      assertEquals(last[k], beta(levels, 247 + k), 1e-10 * last[k]);
      assertEquals(alphaBar[k], levels.get(249 - k).alphaBar(), 1e-14);
    }
    assertEquals(row.get("abar_last").getAsDouble(), levels.get(0).alphaBar(), 1e-15);
  }

  private static double beta(List<NoiseLevel> levels, int k) {
    NoiseLevel s = k == 0 ? NoiseLevel.CLEAN : levels.get(250 - k);
    return Discretization.ofLevels().step(levels.get(249 - k), s).variance();
  }

  @Test
  void levelsAreNoisiestFirst() {
    assertEquals(
        List.of(LINEAR.level(9), LINEAR.level(3), LINEAR.level(0)), LINEAR.levels(0, 3, 9));
    assertEquals(List.of(), LINEAR.levels());
  }

  @Test
  void shortTables() {
    assertTable(new double[] {0.3, 0.3}, DiscreteSchedule.constant(2, 0.3));
    assertTable(new double[] {0.5, 1}, DiscreteSchedule.jsd(2));
    assertTable(new double[] {0.01, 0.0625, 0.16}, DiscreteSchedule.scaledLinear(3, 0.01, 0.16));
    double low = 0.1 + 0.2 / (1 + Math.exp(6));
    assertTable(new double[] {low, 0.2, 0.4 - low}, DiscreteSchedule.sigmoid(3, 0.1, 0.3));
    assertTable(new double[] {0.1, 0.2, 0.3, 0.3}, DiscreteSchedule.warmup(4, 0.1, 0.3, 0.75));
    // 25 % of four is one beta: it is the first; none at all leaves the last everywhere
    assertTable(new double[] {0.1, 0.3, 0.3, 0.3}, DiscreteSchedule.warmup(4, 0.1, 0.3, 0.25));
    assertTable(new double[] {0.3, 0.3, 0.3}, DiscreteSchedule.warmup(3, 0.1, 0.3, 0));
    assertTable(new double[] {0.1, 0.2, 0.3}, DiscreteSchedule.warmup(3, 0.1, 0.3, 1));
  }

  private static void assertTable(double[] betas, DiscreteSchedule schedule) {
    assertEquals(betas.length, schedule.size());
    double product = 1;
    for (int t = 0; t < betas.length; t++) {
      product *= 1 - betas[t];
      assertEquals(product, schedule.alphaBar(t), 1e-15, "alpha-bar " + t);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyTableGetsNoisier(String name) {
    DiscreteSchedule schedule = table(name);
    for (int t = 0; t < schedule.size(); t++) {
      NoiseLevel level = schedule.level(t);
      assertTrue(schedule.level(t - 1).isCleanerThan(level), name + " at " + t);
      assertEquals(1, level.alpha() * level.alpha() + level.sigma() * level.sigma(), 1e-15, name);
    }
  }

  @Test
  void zeroTerminalSnrEndsInPureNoise() {
    for (DiscreteSchedule schedule :
        List.of(LINEAR, DiscreteSchedule.scaledLinear(1000, 0.00085, 0.012))) {
      DiscreteSchedule zero = schedule.zeroTerminalSnr();
      assertEquals(new NoiseLevel(999, 0, 1), zero.level(999));
      assertEquals(schedule.alphaBar(0), zero.alphaBar(0), 1e-15, "the first level stays");
      double a0 = Math.sqrt(schedule.alphaBar(0));
      double aT = Math.sqrt(schedule.alphaBar(999));
      for (int t = 0; t < 1000; t++) {
        double a = Math.sqrt(schedule.alphaBar(t));
        assertEquals((a - aT) * a0 / (a0 - aT), zero.level(t).alpha(), 1e-14, "alpha " + t);
        assertTrue(zero.level(t - 1).isCleanerThan(zero.level(t)), "level " + t);
      }
      // by linear interpolation the middle of the last stretch is infinitely far from its end
      NoiseLevel beyond = zero.levelOf(2 * zero.level(998).noiseToSignal());
      assertEquals(998, beyond.t());
      assertEquals(
          new NoiseLevel(999, 0, 1), zero.levelOf(Double.POSITIVE_INFINITY), "infinite ratio");
    }
  }

  @Test
  void zeroTerminalSnrChangesNothingTwice() {
    DiscreteSchedule once = LINEAR.zeroTerminalSnr();
    DiscreteSchedule twice = once.zeroTerminalSnr();
    for (int t = 0; t < 1000; t++) {
      assertEquals(once.alphaBar(t), twice.alphaBar(t), 1e-15);
    }
    Exception e =
        assertThrows(
            DiffusionException.class, () -> DiscreteSchedule.ofBetas(0.5).zeroTerminalSnr());
    assertEquals(
        "levels of the noise schedule is 1, but must be from 2 to 2147483647.", e.getMessage());
  }

  @Test
  void theTwoLevelTableRescales() {
    // alpha-bar .64, .16, so alpha .8, .4: shifted .4, 0, stretched .8, 0
    DiscreteSchedule zero = DiscreteSchedule.ofBetas(0.36, 0.75).zeroTerminalSnr();
    assertEquals(0.64, zero.alphaBar(0), 1e-15);
    assertEquals(0, zero.alphaBar(1));
  }

  @ParameterizedTest
  @MethodSource("names")
  void levelOfGoesBackToTheIndex(String name) {
    DiscreteSchedule schedule = table(name);
    for (int t = 0; t < schedule.size(); t++) {
      NoiseLevel level = schedule.level(t);
      NoiseLevel back = schedule.levelOf(level.noiseToSignal());
      assertEquals(t, back.t(), 0, name);
      assertEquals(level.alpha(), back.alpha(), 1e-14 * level.alpha(), name + " at " + t);
      assertEquals(level.sigma(), back.sigma(), 1e-14 * level.sigma(), name + " at " + t);
    }
  }

  @Test
  void levelOfInterpolatesInTheLogarithm() {
    double low = LINEAR.level(500).noiseToSignal();
    double high = LINEAR.level(501).noiseToSignal();
    NoiseLevel level = LINEAR.levelOf(Math.pow(low, 0.7) * Math.pow(high, 0.3));
    assertEquals(500.3, level.t(), 1e-9);
    assertEquals(Math.pow(low, 0.7) * Math.pow(high, 0.3), level.noiseToSignal(), 1e-14);
    assertEquals(1, level.alpha() * level.alpha() + level.sigma() * level.sigma(), 1e-15);
    assertEquals(0.5, LINEAR.levelOf(Math.sqrt(ratio(0) * ratio(1))).t(), 1e-12);
    assertEquals(998.5, LINEAR.levelOf(Math.sqrt(ratio(998) * ratio(999))).t(), 1e-9);
  }

  private static double ratio(int t) {
    return LINEAR.level(t).noiseToSignal();
  }

  @Test
  void levelOfKeepsTheRatioButLimitsTheTime() {
    NoiseLevel clean = LINEAR.levelOf(0.003);
    assertEquals(0, clean.t());
    assertEquals(0.003, clean.noiseToSignal(), 1e-17);
    NoiseLevel noisy = LINEAR.levelOf(400);
    assertEquals(999, noisy.t());
    assertEquals(400, noisy.noiseToSignal(), 1e-11);
    assertEquals(1 / Math.sqrt(160001), noisy.alpha(), 1e-18);
    assertEquals(NoiseLevel.CLEAN, LINEAR.levelOf(0));
    assertEquals(new NoiseLevel(999, 1e-200, 1), LINEAR.levelOf(1e200), "no overflow");
    for (double bad : new double[] {-1e-9, -5, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> LINEAR.levelOf(bad), "ratio " + bad);
    }
    DiscreteSchedule one = DiscreteSchedule.ofBetas(0.5);
    assertEquals(0, one.levelOf(0.1).t());
    assertEquals(0, one.levelOf(10).t());
  }

  @Test
  void levelsOfKeepsTheOrder() {
    assertEquals(
        List.of(LINEAR.levelOf(3), LINEAR.levelOf(0.5), NoiseLevel.CLEAN),
        LINEAR.levelsOf(3, 0.5, 0));
  }

  @Test
  void variancePreservingLevels() {
    NoiseLevel level = NoiseLevel.variancePreserving(7, 0.75);
    assertEquals(7, level.t());
    assertEquals(0.8, level.alpha(), 1e-16);
    assertEquals(0.6, level.sigma(), 1e-16);
  }

  @Test
  void badNumbersAreNamed() {
    assertEquals(2, DiscreteSchedule.cosine(2).size());
    String tooFew = "steps of the noise schedule is 1, but must be from 2 to 100000.";
    assertRefused(tooFew, () -> DiscreteSchedule.jsd(1));
    assertRefused(tooFew, () -> DiscreteSchedule.cosine(1));
    assertRefused(
        "beta[0] of the noise schedule is 1.5, but must be in (0, 1).",
        () -> DiscreteSchedule.constant(10, 1.5));
    for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
      assertRefused(
          "fraction is " + bad + ", but must be from 0.0 to 1.0.",
          () -> DiscreteSchedule.warmup(10, 0.1, 0.2, bad));
    }
  }

  @Test
  void timesOffTheTableAreNamed() {
    Exception e = assertThrows(IllegalArgumentException.class, () -> LINEAR.level(1000));
    assertEquals("Time 1000.0 is not on the schedule: an index from -1 to 999", e.getMessage());
  }

  private static void assertRefused(String message, Runnable call) {
    assertEquals(message, assertThrows(DiffusionException.class, call::run).getMessage());
  }
}
