package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.CorrelatedPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.KnownRegion;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FocusedResamplingTest {
  private static final NoisePredictor PREDICTOR = new CorrelatedPredictor(0.25, 0.8);
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
    assertEquals(expected, run(path, 1, 1, zero)[1], 1e-3);
    float[] responses = run(path, 0, 2 * zero.draws(), TestNoise.impulses());
    double sum = 0;
    for (int i = 1; i < responses.length; i += 2) {
      sum += (double) responses[i] * responses[i];
    }
    assertEquals(variance, sum, 1e-3);
    double paper = run(new RePaint(40, 5, 3, 1).trajectory(LINEAR), 1, 1, TestNoise.zero())[1];
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

  /** The final states of a batch of pairs (known, unknown), all with the same known value. */
  private static float[] run(Trajectory path, float known, int batch, TestNoise noise) {
    Tensor image = new Tensor(new Shape(batch, 1, 1, 2));
    for (int n = 0; n < batch; n++) {
      image.data()[2 * n] = known;
      image.data()[2 * n + 1] = Float.NaN;
    }
    Tensor mask = new Tensor(new Shape(1, 1, 1, 2), new float[] {1, 0});
    Tensor x = new Tensor(image.shape());
    noise.next(x);
    new ReverseProcess(
            PREDICTOR,
            new Ddpm(VarianceType.FIXED_SMALL),
            new KnownRegion(image, mask, false),
            path)
        .run(x, noise, Monitor.NONE);
    return x.data();
  }
}
