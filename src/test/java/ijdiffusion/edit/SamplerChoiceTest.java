package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a run's levels are, and that few of them do, whatever the schedule begins with. */
class SamplerChoiceTest {
  private static final double MEAN = 0.3;
  private static final double SD = 0.5;
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  private static DiscreteSchedule schedule(String name) {
    return switch (name) {
      case "cosine" -> DiscreteSchedule.cosine(1000);
      case "palette" -> DiscreteSchedule.linear(1000, 1e-4, 0.09);
      default -> LINEAR.zeroTerminalSnr();
    };
  }

  /**
   * Says what pixels N(0.3, 0.25) are, exactly; a network for x_0, so that it knows without signal
   * too.
   */
  private static final class Exact implements NoisePredictor {
    int calls;

    @Override
    public void predict(Tensor x, NoiseLevel level, Prediction out) {
      calls++;
      double a = level.alpha();
      double s = level.sigma();
      double gain = a * SD * SD / (a * a * SD * SD + s * s);
      float[] x0 = out.x0().data();
      for (int i = 0; i < x0.length; i++) {
        x0[i] = (float) (MEAN + gain * (x.data()[i] - a * MEAN));
      }
      out.completeFromX0(x, level);
    }
  }

  /** Mean and standard deviation of what a run draws, and its calls. */
  private static double[] drawn(SamplerChoice choice, DiscreteSchedule schedule, int steps) {
    Trajectory path = choice.path(schedule, steps, false);
    assertEquals(steps, path.stepsDown());
    Tensor x = new Tensor(new Shape(1, 1, 128, 128));
    NoiseSource noise = KeyedNoise.of(3);
    noise.next(x);
    Exact exact = new Exact();
    new ReverseProcess(exact, choice.sampler(0, VarianceType.FIXED_SMALL), Constraint.NONE, path)
        .run(x, noise, Monitor.NONE);
    assertEquals(exact.calls, choice.networkCalls(path), choice.key());
    double sum = 0;
    double squares = 0;
    for (float v : x.data()) {
      sum += v;
      squares += (double) v * v;
    }
    double mean = sum / x.data().length;
    return new double[] {mean, Math.sqrt(squares / x.data().length - mean * mean)};
  }

  static Stream<Arguments> everySchedule() {
    return Stream.of("cosine", "palette", "zero")
        .flatMap(
            schedule ->
                SamplerChoice.keys().stream()
                    .filter(key -> !key.matches("ddpm|ddim|euler_ancestral"))
                    .map(key -> Arguments.of(schedule, key)));
  }

  /** Those of first order visit even indices, as their papers do. */
  @ParameterizedTest
  @MethodSource("everySchedule")
  void fewLevelsDoAsWellAsOnTheUsualSchedule(String schedule, String sampler) {
    SamplerChoice choice = SamplerChoice.parse(sampler);
    for (int steps : new int[] {2, 5, 10, 20}) {
      double[] usual = drawn(choice, LINEAR, steps);
      double[] made = drawn(choice, schedule(schedule), steps);
      assertEquals(MEAN, made[0], 0.01, steps + " steps");
      if (steps > 2) {
        assertEquals(1, made[1] / usual[1], steps == 5 ? 0.2 : 0.05, steps + " steps");
      }
    }
  }

  @Test
  void levelsAreThoseOfKarrasFromTheNoisiestOnOrFromEighty() {
    List<NoiseLevel> usual = SamplerChoice.DPMPP_2M.path(LINEAR, 8, false).levels();
    assertEquals(9, usual.size());
    assertEquals(LINEAR.level(999).noiseToSignal(), usual.get(0).noiseToSignal(), 1e-9);
    assertEquals(LINEAR.level(0).noiseToSignal(), usual.get(7).noiseToSignal(), 1e-9);
    DiscreteSchedule cosine = schedule("cosine");
    List<NoiseLevel> far = SamplerChoice.DPMPP_2M.path(cosine, 8, false).levels();
    assertEquals(9, far.size());
    assertEquals(cosine.level(999), far.get(0));
    assertEquals(80, far.get(1).noiseToSignal(), 1e-6);
    double second = Math.pow(80, 1 / 7.0);
    double last = Math.pow(cosine.level(0).noiseToSignal(), 1 / 7.0);
    assertEquals(
        Math.pow(second + (last - second) / 6, 7), far.get(2).noiseToSignal(), 1e-6, "third");
    assertEquals(cosine.level(0).noiseToSignal(), far.get(7).noiseToSignal(), 1e-9);
    for (NoiseLevel level : SamplerChoice.HEUN.path(cosine, 20, true).levels().subList(0, 10)) {
      assertEquals(Math.rint(level.t()), level.t());
    }
  }

  @Test
  void heunHasOneCallForTheStepFromNothingButNoise() {
    DiscreteSchedule palette = schedule("palette");
    assertEquals(18, SamplerChoice.HEUN.networkCalls(SamplerChoice.HEUN.path(palette, 10, false)));
    assertEquals(19, SamplerChoice.HEUN.networkCalls(SamplerChoice.HEUN.path(LINEAR, 10, false)));
    Trajectory one = new Trajectory(List.of(palette.level(999), NoiseLevel.CLEAN));
    assertEquals(1, SamplerChoice.HEUN.networkCalls(one));
    assertTrue(palette.level(999).noiseToSignal() > 1000);
  }
}
