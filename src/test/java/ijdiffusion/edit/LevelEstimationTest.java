package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoiseLevelNetwork;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.BetaFamily;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pixels N(0.3, 0.04). Their mean square says how noisy a state of many pixels is: mean(x^2) =
 * alpha-bar (0.3^2 + 0.04) + 1 - alpha-bar.
 */
class LevelEstimationTest {
  private static final double MEAN = 0.3;
  private static final double VARIANCE = 0.04;
  private static final double POWER = MEAN * MEAN + VARIANCE;
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final int SIDE = 64;
  private static final NoiseLevelNetwork EXACT =
      x -> {
        int size = x.shape().imageSize();
        double[] alphaBars = new double[x.shape().n()];
        for (int n = 0; n < alphaBars.length; n++) {
          double sum = 0;
          for (int i = n * size; i < (n + 1) * size; i++) {
            sum += (double) x.data()[i] * x.data()[i];
          }
          alphaBars[n] = seen(sum / size);
        }
        return alphaBars;
      };

  @Test
  void whatNetworksSay() {
    double alphaBar = 0.37;
    assertEquals(
        alphaBar,
        NoiseLevelNetwork.Output.LOG_ONE_MINUS_ALPHA_BAR.alphaBar(Math.log(1 - alphaBar)),
        1e-15);
    assertEquals(alphaBar, NoiseLevelNetwork.Output.ALPHA_BAR.alphaBar(alphaBar));
    assertEquals(
        alphaBar, NoiseLevelNetwork.Output.SQRT_ALPHA_BAR.alphaBar(Math.sqrt(alphaBar)), 1e-15);
    assertEquals(-0.25, NoiseLevelNetwork.Output.SQRT_ALPHA_BAR.alphaBar(-0.5));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.1, 0.5, 1, 5})
  void findsTheNoiseOfAnImageOfUnknownScale(double noise) {
    Tensor y = state(1, noise);
    assertEquals(noise, plain(3).noise(EXACT, y), 2e-5 * Math.max(1, 0.02 / noise) * noise + 1e-5);
  }

  @Test
  void noiseEndsWhereTheScheduleEnds() {
    double largest = Denoising.largest(LINEAR);
    assertEquals(largest, plain(3).noise(x -> new double[] {-1}, state(1, 1)), 1e-4 * largest);
    assertEquals(1e-3, plain(3).noise(x -> new double[] {2}, state(1, 1)), 1e-3 * 0.06);
  }

  @ParameterizedTest
  @EnumSource(BetaFamily.class)
  void levelsAreThoseTheNetworkAskedFor(BetaFamily family) {
    double[] says = {0.2, 0.5, 0.8};
    int[] calls = {0};
    NoiseLevelNetwork network = x -> new double[] {says[calls[0]++]};
    List<NoiseLevel> levels = new ArrayList<>();
    NoisePredictor recording =
        (x, level, out) -> {
          levels.add(level);
          new GaussianPredictor(MEAN, VARIANCE).predict(x, level, out);
        };
    LevelEstimation run = new LevelEstimation(family, 6, Set.of(5, 3), LINEAR, false);
    TestNoise noise = TestNoise.zero();
    run.run(recording, network, state(1, 1), noise, Monitor.NONE);
    assertEquals(3, calls[0], "at the start and after steps 5 and 3");
    assertEquals(6, levels.size());
    assertEquals(5, noise.draws(), "the last step draws none");
    double first = 1 - LINEAR.alphaBar(0);
    DiscreteSchedule[] expected = {
      family.schedule(0.2, 6, first), family.schedule(0.5, 4, first), family.schedule(0.8, 2, first)
    };
    int[] of = {0, 0, 1, 1, 2, 2};
    for (int k = 0; k < 6; k++) {
      double alphaBar = expected[of[k]].alphaBar(5 - k);
      assertEquals(alphaBar, levels.get(k).alphaBar(), 1e-12, "call " + k);
      assertEquals(
          LINEAR.levelOf(levels.get(k).noiseToSignal()).t(),
          levels.get(k).t(),
          1e-9,
          "time of " + k);
    }
    assertEquals(0.2, levels.get(0).alphaBar(), 1e-12);
    assertEquals(0.5, levels.get(2).alphaBar(), 1e-12);
    assertEquals(0.8, levels.get(4).alphaBar(), 1e-12);
  }

  @Test
  void wholeTimesAreTheNoisierEndOfTheBracket() {
    double between = (LINEAR.alphaBar(299) + 3 * LINEAR.alphaBar(300)) / 4;
    for (double alphaBar : new double[] {between, LINEAR.alphaBar(300)}) {
      List<NoiseLevel> levels = new ArrayList<>();
      new LevelEstimation(BetaFamily.LINEAR, 1, Set.of(), LINEAR, true)
          .run(
              (x, level, out) -> levels.add(level),
              x -> new double[] {alphaBar},
              state(1, 1),
              TestNoise.zero(),
              Monitor.NONE);
      assertEquals(300, levels.get(0).t());
      assertEquals(alphaBar, levels.get(0).alphaBar(), 1e-12);
    }
  }

  /** Draws of exact moments make mean and variance of the pixels those of the distribution. */
  @ParameterizedTest
  @EnumSource(BetaFamily.class)
  void resultIsDistributedAsPropagated(BetaFamily family) {
    int steps = 6;
    for (Set<Integer> updates : List.of(Set.<Integer>of(), Set.of(3), Set.of(6, 5, 4, 3, 2))) {
      double noise = 2;
      Tensor start = state(1 / Math.sqrt(1 + noise * noise), noise / Math.sqrt(1 + noise * noise));
      Tensor x =
          new LevelEstimation(family, steps, updates, LINEAR, false)
              .run(
                  new GaussianPredictor(MEAN, VARIANCE),
                  EXACT,
                  start,
                  uncorrelated(start),
                  Monitor.NONE);
      double[] expected = propagated(family, steps, updates, noise);
      double n = SIDE * SIDE;
      double mean = 0;
      double squares = 0;
      for (float v : x.data()) {
        mean += v / n;
        squares += (double) v * v / n;
      }
      assertEquals(expected[0], mean, 1e-5, "mean " + updates);
      assertEquals(expected[1], squares - mean * mean, 1e-5, "variance " + updates);
    }
  }

  @Test
  void refusesWhatCannotBe() {
    assertThrows(DiffusionException.class, () -> plain(0));
    for (int n : new int[] {1, 7}) {
      String message =
          assertThrows(
                  DiffusionException.class,
                  () -> new LevelEstimation(BetaFamily.LINEAR, 6, Set.of(n), LINEAR, false))
              .getMessage();
      assertTrue(message.contains("is " + n + ", but must be from 2 to 6"), message);
    }
    assertThrows(
        DiffusionException.class,
        () -> new LevelEstimation(BetaFamily.LINEAR, 1, Set.of(2), LINEAR, false));
    assertThrows(
        IllegalArgumentException.class, () -> plain(2).noise(EXACT, state(1, 1).repeat(2)));
    assertThrows(
        DiffusionException.class,
        () ->
            plain(2)
                .run(
                    new GaussianPredictor(MEAN, VARIANCE),
                    x -> new double[] {Double.NaN},
                    state(1, 1),
                    TestNoise.zero(),
                    Monitor.NONE));
  }

  private static LevelEstimation plain(int steps) {
    return new LevelEstimation(BetaFamily.LINEAR, steps, Set.of(), LINEAR, false);
  }

  private static double seen(double meanSquare) {
    return (1 - meanSquare) / (1 - POWER);
  }

  /** alpha x_0 + sigma eps whose mean and mean square are exactly those of its distribution. */
  private static Tensor state(double alpha, double sigma) {
    Tensor x = new Tensor(new Shape(1, 1, SIDE, SIDE));
    KeyedNoise.of(2).next(x);
    double n = x.data().length;
    double mean = 0;
    double squares = 0;
    for (float v : x.data()) {
      mean += v / n;
      squares += (double) v * v / n;
    }
    double scale = Math.sqrt((alpha * alpha * VARIANCE + sigma * sigma) / (squares - mean * mean));
    for (int i = 0; i < n; i++) {
      x.data()[i] = (float) (alpha * MEAN + scale * (x.data()[i] - mean));
    }
    return x;
  }

  /** Draws of mean 0 and mean square 1, without correlation to each other or to the start. */
  private static NoiseSource uncorrelated(Tensor start) {
    KeyedNoise random = KeyedNoise.of(5);
    Tensor ones = new Tensor(start.shape());
    ones.fill(1);
    List<Tensor> before = new ArrayList<>(List.of(ones, start.copy()));
    before.get(1).setSum(1, start, -dot(start, ones), ones);
    return z -> {
      random.next(z);
      for (Tensor other : before) {
        z.setSum(1, z, -dot(z, other) / dot(other, other), other);
      }
      z.setSum(1 / Math.sqrt(dot(z, z)), z, 0, z);
      before.add(z.copy());
    };
  }

  private static double dot(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.data().length; i++) {
      sum += (double) a.data()[i] * b.data()[i];
    }
    return sum / a.data().length;
  }

  /** Mean and variance through the affine steps, after Ho et al. 2020, equations 6 and 7. */
  private static double[] propagated(
      BetaFamily family, int steps, Set<Integer> updates, double noise) {
    double first = 1 - LINEAR.alphaBar(0);
    double alphaBar = 1 / (1 + noise * noise);
    double mean = Math.sqrt(alphaBar) * MEAN;
    double variance = alphaBar * VARIANCE + 1 - alphaBar;
    DiscreteSchedule schedule = family.schedule(alphaBar, steps, first);
    for (int n = steps; n >= 1; n--) {
      double t = schedule.alphaBar(n - 1);
      double s = schedule.alphaBar(n - 2);
      double beta = 1 - t / s;
      double toX0 = Math.sqrt(s) * beta / (1 - t);
      double toX = Math.sqrt(t / s) * (1 - s) / (1 - t);
      double gain = Math.sqrt(t) * VARIANCE / (t * VARIANCE + 1 - t); // of E[x_0 | x_t]
      double slope = toX0 * gain + toX;
      mean = slope * mean + toX0 * (MEAN - gain * Math.sqrt(t) * MEAN);
      variance *= slope * slope;
      if (updates.contains(n)) {
        double limited = Math.min(1 - 1e-6, seen(mean * mean + variance));
        schedule = family.schedule(limited, n - 1, first);
      }
      variance += n > 1 ? beta * (1 - s) / (1 - t) : 0;
    }
    return new double[] {mean, variance};
  }
}
