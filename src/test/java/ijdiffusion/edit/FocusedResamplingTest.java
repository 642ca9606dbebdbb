package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.TestNoise;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FocusedResamplingTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  @Test
  void levelsAreThoseOfKarrasAndJumpsStartInTheBandOnly() {
    int jump = 2;
    Trajectory path = new FocusedResampling(40, jump, 5).trajectory(LINEAR, false);
    List<NoiseLevel> levels = path.levels();
    assertEquals(60, levels.get(0).noiseToSignal(), 1e-9);
    assertEquals(0.02, levels.get(levels.size() - 2).noiseToSignal(), 1e-9);
    assertEquals(0, levels.get(levels.size() - 1).sigma());
    double step = (Math.pow(0.02, 1 / 7.0) - Math.pow(60, 1 / 7.0)) / 39;
    assertEquals(
        Math.pow(Math.pow(60, 1 / 7.0) + step, 7), levels.get(1).noiseToSignal(), 1e-9, "second");
    int jumps = 0;
    for (int i = 1; i < levels.size(); i++) {
      boolean up = levels.get(i - 1).isCleanerThan(levels.get(i));
      boolean begins = up && levels.get(i - 2).noiseToSignal() > levels.get(i - 1).noiseToSignal();
      if (begins) {
        double from = levels.get(i - 1).noiseToSignal();
        assertTrue(from >= 0.1 && from <= 3, "jump from " + from);
        jumps++;
      }
    }
    assertEquals(40 + jumps * jump, path.stepsDown());
    assertEquals(0, jumps % 4, "each is repeated");
    assertTrue(jumps > 0);
  }

  @Test
  void oneResamplingIsNoJump() {
    assertEquals(24, new FocusedResampling(24, 1, 1).trajectory(LINEAR, false).stepsDown());
  }

  @Test
  void aNetworkOfWholeTimesIsAskedForThoseOnly() {
    Trajectory path = new FocusedResampling(60, 1, 3).trajectory(LINEAR, true);
    for (NoiseLevel level : path.levels().subList(0, path.levels().size() - 1)) {
      assertEquals(Math.rint(level.t()), level.t());
    }
  }

  @Test
  void aShortScheduleIsNotLeft() {
    DiscreteSchedule mild = DiscreteSchedule.linear(100, 1e-3, 0.05);
    List<NoiseLevel> levels = new FocusedResampling(12, 1, 2).trajectory(mild, false).levels();
    assertEquals(mild.level(99).noiseToSignal(), levels.get(0).noiseToSignal(), 1e-9);
    assertEquals(
        mild.level(0).noiseToSignal(), levels.get(levels.size() - 2).noiseToSignal(), 1e-9);
  }

  /**
   * Two pixels with variance 0.25 and correlation 0.8: the unknown one should be N(0.8, 0.09) given
   * a known 1. The figures are from a propagation of mean and covariance in Python; RePaint itself
   * reaches 0.600 with 110 calls (40 levels, jump 5, 3 resamplings) and 0.754 with the paper's
   * 2410.
   */
  @ParameterizedTest
  @CsvSource({
    "24, 1, 7, 78, 0.6752, 0.0724",
    "40, 2, 5, 96, 0.6439, 0.0872",
    "48, 3, 10, 210, 0.7015, 0.0853"
  })
  void itIsLessBiasedThanRePaintWithAsManyCalls(
      int steps, int jump, int resamplings, int calls, double expected, double variance) {
    Trajectory path = new FocusedResampling(steps, jump, resamplings).trajectory(LINEAR, false);
    assertEquals(calls, path.stepsDown());
    TestNoise zero = TestNoise.zero();
    assertEquals(expected, CorrelatedPair.inpaint(path, 1, 1, zero)[1], 1e-3);
    float[] responses = CorrelatedPair.inpaint(path, 0, 2 * zero.draws(), TestNoise.impulses());
    double sum = 0;
    for (int i = 1; i < responses.length; i += 2) {
      sum += (double) responses[i] * responses[i];
    }
    assertEquals(variance, sum, 1e-3);
    double paper =
        CorrelatedPair.inpaint(new RePaint(40, 5, 3, 1).trajectory(LINEAR), 1, 1, TestNoise.zero())[
            1];
    assertTrue(0.8 - expected < 0.8 - paper, expected + " " + paper);
  }

  @Test
  void badSettingsAreNamed() {
    assertMessage(
        "steps is 1, but must be from 2 to 100000.",
        assertThrows(DiffusionException.class, () -> new FocusedResampling(1, 1, 1)));
    assertMessage(
        "jump is 0, but must be from 1 to 100000.",
        assertThrows(DiffusionException.class, () -> new FocusedResampling(2, 0, 1)));
    assertMessage(
        "resamplings is 0, but must be from 1 to 1000.",
        assertThrows(DiffusionException.class, () -> new FocusedResampling(2, 1, 0)));
  }

  private static void assertMessage(String expected, DiffusionException e) {
    assertEquals(expected, e.getMessage());
  }
}
