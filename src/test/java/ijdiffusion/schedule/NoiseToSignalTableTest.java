package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.TimeInput;
import org.junit.jupiter.api.Test;

/** Tables made of the noise beside a signal of scale 1, and of the VP SDE. */
class NoiseToSignalTableTest {
  private static final double[] SIGMAS = {1e-6, 1e-5, 0.002, 0.01, 1, 50, 1348, 1e5, 1e6};

  @Test
  void noDigitsAreLost() {
    DiscreteSchedule table = DiscreteSchedule.ofNoiseToSignal(SIGMAS);
    for (int t = 0; t < SIGMAS.length; t++) {
      double s = SIGMAS[t];
      NoiseLevel level = table.level(t);
      assertEquals(s, level.noiseToSignal(), 4e-16 * s);
      assertEquals(1, level.alphaBar() + level.sigma() * level.sigma(), 1e-15);
      assertEquals(1 / (1 + s * s), table.alphaBar(t), 1e-16);
      NoiseLevel back = table.levelOf(s);
      assertEquals(t, back.t(), 1e-9);
      assertEquals(level.sigma(), back.sigma(), 4e-16 * level.sigma());
    }
    // between two levels the index is linear in ln(sigma)
    assertEquals(3.5, table.levelOf(Math.sqrt(0.01)).t(), 1e-12);
  }

  /** The variance of a step between neighbours is what it is for the exploding state. */
  @Test
  void stepsHaveTheVarianceOfTheLadder() {
    SigmaLadder ladder = SigmaLadder.geometric(1348, 0.01, 2000);
    double[] sigmas = new double[2000];
    for (int t = 0; t < 2000; t++) {
      sigmas[t] = ladder.sigmas()[1999 - t];
    }
    DiscreteSchedule table = DiscreteSchedule.ofNoiseToSignal(sigmas);
    for (int t : new int[] {1, 2, 700, 1998, 1999}) {
      NoiseLevel high = table.level(t);
      NoiseLevel low = table.level(t - 1);
      double beta =
          high.sigma() * high.sigma() - Math.pow(high.alpha() / low.alpha() * low.sigma(), 2);
      double added = sigmas[t] * sigmas[t] - sigmas[t - 1] * sigmas[t - 1];
      assertEquals(added, beta / high.alphaBar(), 1e-9 * added);
      assertEquals(1 - table.alphaBar(t) / table.alphaBar(t - 1), beta, 1e-9 * beta + 1e-15);
    }
  }

  @Test
  void refused() {
    String said = message(2, 1);
    assertEquals(
        "sigma[1] is 1.0, but must be above sigma[0], which is 2.0: the least noise comes first.",
        said);
    assertEquals("sigma[0] is 0.0, but must be from 1.0E-6 to 1000000.0.", message(0, 1));
    assertEquals("sigma[1] is NaN, but must be from 1.0E-6 to 1000000.0.", message(1, Double.NaN));
    assertEquals("The noise schedule has no sigmas; it needs at least one.", message());
    // two sigmas that are one alpha-bar
    assertTrue(message(1e-6, 1e-6 * (1 + 1e-12)).startsWith("sigma[1] is "));
  }

  private static String message(double... sigmas) {
    return assertThrows(DiffusionException.class, () -> DiscreteSchedule.ofNoiseToSignal(sigmas))
        .getMessage();
  }

  @Test
  void vpSdeAtTheTimesOfItsTable() {
    VpSde sde = new VpSde(0.1, 20);
    DiscreteSchedule table = sde.table(1000);
    assertEquals(1000, table.size());
    for (int t : new int[] {0, 1, 99, 500, 998, 999}) {
      double u = (t + 1) / 1000.0;
      NoiseLevel expected = sde.level(u);
      assertEquals(expected.alpha(), table.level(t).alpha(), 1e-14);
      assertEquals(expected.sigma(), table.level(t).sigma(), 1e-14);
      assertEquals(999 * u, TimeInput.CONTINUOUS.value(table.level(t), table), 1e-12);
    }
    // log alpha(1) = -19.9 / 4 - 0.05
    assertEquals(Math.exp(-10.05), table.alphaBar(999), 1e-18);
  }

  /**
   * The discrete table holds as much noise at index t as the SDE at u = (t + 1) / T, nowhere more
   * than 5 % off; at u = t / (T - 1) it would be without bounds.
   */
  @Test
  void discreteAndContinuousTimeAgree() {
    VpSde sde = new VpSde(0.1, 20);
    DiscreteSchedule discrete = sde.discrete(1000);
    for (int t = 0; t < 1000; t++) {
      NoiseLevel level = discrete.level(t);
      double u = TimeInput.CONTINUOUS.value(level, discrete) / 999;
      double off = Math.log(level.noiseToSignal() / sde.level(u).noiseToSignal());
      assertEquals(0, off, 0.05, "index " + t);
    }
  }

  /** NCSN's networks take the index on a ladder that begins with the most noise. */
  @Test
  void reversedIndexIsTheIndexOnTheLadder() {
    SigmaLadder ladder = SigmaLadder.geometric(50, 0.01, 232);
    double[] sigmas = new double[232];
    for (int t = 0; t < 232; t++) {
      sigmas[t] = ladder.sigmas()[231 - t];
    }
    DiscreteSchedule table = DiscreteSchedule.ofNoiseToSignal(sigmas);
    for (int i : new int[] {0, 1, 115, 231}) {
      NoiseLevel level = table.levelOf(ladder.sigmas()[i]);
      assertEquals(i, TimeInput.REVERSED_INDEX.value(level, table), 1e-9);
      assertEquals(ladder.sigmas()[i], TimeInput.SIGMA.value(level, table), 1e-12);
    }
  }
}
