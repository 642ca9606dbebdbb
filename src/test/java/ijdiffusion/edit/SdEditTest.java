package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.schedule.VpSde;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SdEditTest {
  static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  static final Sampler DDPM = new Ddpm(VarianceType.FIXED_SMALL);
  static final GaussianPredictor WHITE = new GaussianPredictor(0.3, 0.04);
  static final Shape SHAPE = new Shape(2, 3, 4, 6);

  static Trajectory path(int steps) {
    return Trajectory.down(LINEAR, TimeGrid.respaced(1000, steps));
  }

  static Tensor image() {
    Tensor y = new Tensor(SHAPE);
    KeyedNoise.of(8).next(y);
    y.data()[0] = -0f;
    y.data()[1] = Float.MIN_VALUE;
    return y;
  }

  static Tensor mask() {
    Tensor m = new Tensor(new Shape(1, 1, 4, 6));
    for (int i = 0; i < 24; i++) {
      m.data()[i] = i % 6 < 3 ? 1 : 0;
    }
    return m;
  }

  static void assertSameBits(float[] expected, float[] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]));
    }
  }

  @Test
  void strengthZeroIsTheImageWithoutACall() {
    NoisePredictor none =
        (x, level, out) -> {
          throw new AssertionError("called");
        };
    Tensor y = image();
    SdEdit edit = new SdEdit(DDPM, path(20), 0, 3);
    TestNoise noise = TestNoise.sm42();
    Tensor x = edit.run(none, y, Constraint.NONE, noise, Monitor.NONE);
    assertSameBits(image().data(), x.data());
    assertNotSame(y, x);
    assertSameBits(image().data(), edit.run(none, y, mask(), noise, Monitor.NONE).data());
    assertEquals(0, noise.draws());
    assertTrue(edit.trajectory().isEmpty());
    assertEquals(0, edit.networkCalls(SamplerChoice.HEUN));
  }

  @ParameterizedTest
  @EnumSource(SamplerChoice.class)
  void strengthOneIsGenerationWhateverTheImage(SamplerChoice choice) {
    for (boolean wholeTimes : new boolean[] {false, true}) {
      Sampler sampler = choice.sampler(0.5, VarianceType.FIXED_SMALL);
      Trajectory path = choice.path(LINEAR, 15, wholeTimes);
      Tensor expected =
          new Generation(sampler, path).run(WHITE, SHAPE, KeyedNoise.of(4), Monitor.NONE);
      Tensor nothing = new Tensor(SHAPE);
      nothing.fill(Float.NaN);
      for (int repeats : new int[] {1, 3}) {
        SdEdit edit = new SdEdit(sampler, path, 1, repeats);
        Tensor x = edit.run(WHITE, nothing, Constraint.NONE, KeyedNoise.of(4), Monitor.NONE);
        assertSameBits(expected.data(), x.data());
        assertEquals(choice.networkCalls(path), edit.networkCalls(choice));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SamplerChoice.class)
  void networkCallsAreCountedForEverySampler(SamplerChoice choice) {
    for (double strength : new double[] {0.01, 0.3, 0.5, 0.97, 1}) {
      for (int repeats : new int[] {1, 2}) {
        int[] calls = {0};
        NoisePredictor counting =
            (x, level, out) -> {
              calls[0]++;
              WHITE.predict(x, level, out);
            };
        SdEdit edit =
            new SdEdit(
                choice.sampler(0, VarianceType.FIXED_SMALL),
                choice.path(LINEAR, 20, true),
                strength,
                repeats);
        List<Integer> done = new ArrayList<>();
        Tensor x =
            edit.run(
                counting,
                image(),
                Constraint.NONE,
                KeyedNoise.of(1),
                (step, total, x0) -> {
                  done.add(step);
                  int rounds = strength == 1 ? 1 : repeats;
                  assertEquals(rounds * edit.trajectory().orElseThrow().stepsDown(), total);
                });
        assertEquals(edit.networkCalls(choice), calls[0]);
        for (int i = 0; i < done.size(); i++) {
          assertEquals(i + 1, done.get(i));
        }
        for (float v : x.data()) {
          assertTrue(Math.abs(v) < 8, choice + ": " + v);
        }
      }
    }
  }

  @Test
  void onEvenlySpacedPathsStrengthIsTheShareOfSteps() {
    for (int n : new int[] {1, 2, 3, 10, 37, 250, 499, 750, 998, 999, 1000}) {
      Trajectory path = path(n);
      Trajectory sde = Trajectory.of(new VpSde(0.1, 20).levels(n));
      for (int k = 1; k <= 200; k++) {
        double strength = k / 200.0;
        int steps = Math.max(1, (int) Math.rint(strength * n));
        assertEquals(
            path.levels().subList(n - steps, n + 1),
            new SdEdit(DDPM, path, strength, 1).trajectory().orElseThrow().levels());
        assertEquals(
            sde.levels().subList(n - steps, n + 1),
            new SdEdit(DDPM, sde, strength, 1).trajectory().orElseThrow().levels());
      }
    }
  }

  @Test
  void startsAtTheSameNoiseWhicheverTheSampler() {
    int n = 50;
    for (double strength : new double[] {0.1, 0.3, 0.5, 0.7, 0.9}) {
      Trajectory even = new SdEdit(DDPM, path(n), strength, 1).trajectory().orElseThrow();
      Trajectory karras = SamplerChoice.DPMPP_2M.path(LINEAR, n, false);
      SdEdit edit = new SdEdit(DDPM, karras, strength, 1);
      Trajectory part = edit.trajectory().orElseThrow();
      double wanted = even.start().t();
      double found = Math.abs(part.start().t() - wanted);
      for (NoiseLevel level : karras.levels().subList(0, n)) {
        assertTrue(Math.abs(level.t() - wanted) >= found - 0.5);
      }
      assertEquals(wanted, part.start().t(), 20, "times of 50 Karras levels are 40 apart at most");
      assertEquals(strength * n, part.stepsDown(), 0.13 * n, "about as many steps");
    }
  }

  @Test
  void theNetworkFirstSeesTheImageDiffusedToTheLevelItIsTold() {
    Tensor y = image();
    List<NoiseLevel> levels = new ArrayList<>();
    List<Tensor> states = new ArrayList<>();
    NoisePredictor recording =
        (x, level, out) -> {
          levels.add(level);
          states.add(x.copy());
          WHITE.predict(x, level, out);
        };
    Tensor e = new Tensor(SHAPE);
    KeyedNoise.of(3).next(e);
    Tensor x =
        new SdEdit(DDPM, path(10), 0.4, 2)
            .run(recording, y, Constraint.NONE, KeyedNoise.of(3), Monitor.NONE);
    NoiseLevel start = LINEAR.level(333);
    assertEquals(start, levels.get(0));
    Tensor expected = new Tensor(SHAPE);
    expected.setSum(start.alpha(), y, start.sigma(), e);
    assertArrayEquals(expected.data(), states.get(0).data());
    assertEquals(8, levels.size());
    assertEquals(start, levels.get(4), "the second round starts there again");
    assertSameBits(image().data(), y.data());
    // the second round's guide is the first round's result
    Tensor first =
        new SdEdit(DDPM, path(10), 0.4, 1)
            .run(WHITE, y, Constraint.NONE, KeyedNoise.of(3), Monitor.NONE);
    KeyedNoise later = KeyedNoise.of(3);
    for (int draw = 0; draw < 1 + 4; draw++) {
      later.next(e);
    }
    Tensor second =
        new SdEdit(DDPM, path(10), 0.4, 1).run(WHITE, first, Constraint.NONE, later, Monitor.NONE);
    assertSameBits(second.data(), x.data());
  }

  /** x_0 = A y + B + sqrt(V) xi on pixels N(0.3, 0.04), all three in closed form. */
  @ParameterizedTest
  @CsvSource({
    "0, 10, 0.3, 1", "0, 50, 0.5, 1", "0, 50, 0.5, 3", "0, 1000, 0.4, 1",
    "1, 10, 0.3, 1", "1, 50, 0.5, 1", "1, 50, 0.5, 3", "1, 250, 0.1, 2"
  })
  void onGaussiansTheResultIsTheExactMap(int eta, int n, double strength, int repeats) {
    Sampler sampler = eta == 1 ? DDPM : new Ddim(0);
    SdEdit edit = new SdEdit(sampler, path(n), strength, repeats);
    double[] expected = {1, 0, 0};
    List<NoiseLevel> levels = edit.trajectory().orElseThrow().levels();
    for (int round = 0; round < repeats; round++) {
      double alpha = levels.get(0).alpha();
      double sigma = levels.get(0).sigma();
      expected =
          new double[] {
            alpha * expected[0], alpha * expected[1], alpha * alpha * expected[2] + sigma * sigma
          };
      for (int k = 1; k < levels.size(); k++) {
        expected = stepped(expected, levels.get(k - 1), levels.get(k), eta);
      }
    }
    Tensor y = new Tensor(new Shape(2, 1, 1, 1), new float[] {0, 10});
    TestNoise zero = TestNoise.zero();
    float[] ends = edit.run(WHITE, y, Constraint.NONE, zero, Monitor.NONE).data();
    double b = ends[0];
    double v = 0;
    Tensor zeros = new Tensor(new Shape(zero.draws(), 1, 1, 1));
    TestNoise impulses = TestNoise.impulses();
    for (float end : edit.run(WHITE, zeros, Constraint.NONE, impulses, Monitor.NONE).data()) {
      v += (end - b) * (end - b);
    }
    assertEquals(expected[0], (ends[1] - b) / 10, 5e-6, "A");
    assertEquals(expected[1], b, 5e-6, "B");
    assertEquals(expected[2], v, 5e-6, "V");
  }

  /** A, B, V after one step; eta 0 or 1, the latter DDPM with the small variance. */
  private static double[] stepped(double[] map, NoiseLevel t, NoiseLevel s, int eta) {
    double marginalT = t.alphaBar() * 0.04 + 1 - t.alphaBar();
    double varS = 1 - s.alphaBar();
    double varT = 1 - t.alphaBar();
    double factor;
    double added = 0;
    if (eta == 0) {
      factor = (s.alpha() * t.alpha() * 0.04 + Math.sqrt(varS * varT)) / marginalT;
    } else {
      double beta = 1 - t.alphaBar() / s.alphaBar();
      factor =
          s.alpha() * beta / varT * t.alpha() * 0.04 / marginalT
              + t.alpha() / s.alpha() * varS / varT;
      added = beta * varS / varT;
    }
    return new double[] {
      factor * map[0],
      factor * (map[1] - t.alpha() * 0.3) + s.alpha() * 0.3,
      factor * factor * map[2] + added
    };
  }

  @Test
  void theMoreStrengthTheLessOfTheImage() {
    double before = 1;
    for (double strength : new double[] {0.1, 0.3, 0.5, 0.8, 1}) {
      Tensor y = new Tensor(new Shape(2, 1, 1, 1), new float[] {0, 1});
      float[] ends =
          new SdEdit(DDPM, path(100), strength, 1)
              .run(WHITE, y, Constraint.NONE, TestNoise.zero(), Monitor.NONE)
              .data();
      double kept = ends[1] - ends[0];
      assertTrue(kept < before && kept >= 0, strength + ": " + kept);
      before = kept;
    }
    assertEquals(0, before);
  }

  @ParameterizedTest
  @EnumSource(SamplerChoice.class)
  void knownPixelsComeOutBitForBitAndOthersChange(SamplerChoice choice) {
    Tensor y = image();
    Tensor m = mask();
    for (double strength : new double[] {0.4, 1}) {
      Tensor x =
          new SdEdit(
                  choice.sampler(1, VarianceType.FIXED_SMALL),
                  choice.path(LINEAR, 12, false),
                  strength,
                  2)
              .run(WHITE, y, m, KeyedNoise.of(6), Monitor.NONE);
      for (int i = 0; i < x.data().length; i++) {
        int expected = Float.floatToRawIntBits(y.data()[i]);
        assertEquals(m.data()[i % 24] == 1, expected == Float.floatToRawIntBits(x.data()[i]));
      }
    }
  }

  @Test
  void knownPixelsKeepTheNoiseOfTheStartAtTheNetworksLevel() {
    Tensor y = image();
    Tensor m = mask();
    for (double strength : new double[] {0.5, 1}) {
      KeyedNoise reference = KeyedNoise.of(9);
      List<Tensor> draws = new ArrayList<>();
      for (int i = 0; i < 2 * (1 + 6); i++) {
        Tensor z = new Tensor(SHAPE);
        reference.next(z);
        draws.add(z);
      }
      int[] calls = {0};
      NoisePredictor checking =
          (x, level, out) -> {
            int inRound = strength == 1 ? calls[0] : calls[0] % 6;
            Tensor e = draws.get(strength == 1 ? 0 : calls[0] / 6 * 7);
            for (int i = 0; i < x.data().length; i++) {
              if (m.data()[i % 24] == 1 && (strength < 1 || inRound > 0)) {
                double known = level.alpha() * y.data()[i] + level.sigma() * e.data()[i];
                assertEquals(known, x.data()[i], 1e-6, "call " + calls[0]);
              }
            }
            calls[0]++;
            WHITE.predict(x, level, out);
          };
      new SdEdit(DDPM, path(12), strength, 2).run(checking, y, m, KeyedNoise.of(9), Monitor.NONE);
      assertEquals(12, calls[0]);
    }
  }

  @Test
  void unknownPixelsDoNotSeeTheMaskOfAPixelwiseModel() {
    // with pixels that are independent the changed part is that of a run without a mask
    Tensor free =
        new SdEdit(DDPM, path(12), 0.5, 1)
            .run(WHITE, image(), Constraint.NONE, KeyedNoise.of(2), Monitor.NONE);
    Tensor kept =
        new SdEdit(DDPM, path(12), 0.5, 1)
            .run(WHITE, image(), mask(), KeyedNoise.of(2), Monitor.NONE);
    for (int i = 0; i < free.data().length; i++) {
      if (mask().data()[i % 24] == 0) {
        assertEquals(free.data()[i], kept.data()[i]);
      } else {
        assertFalse(free.data()[i] == kept.data()[i]);
      }
    }
  }

  @Test
  void samplesDoNotDependOnTheirBatch() {
    Tensor one = image().image(0);
    SdEdit edit = new SdEdit(DDPM, path(12), 0.5, 2);
    Tensor three = edit.run(WHITE, one.repeat(3), Constraint.NONE, KeyedNoise.of(5), Monitor.NONE);
    Tensor third = edit.run(WHITE, one, Constraint.NONE, KeyedNoise.forSamples(5, 2), Monitor.NONE);
    assertArrayEquals(third.data(), three.image(2).data());
  }

  @Test
  void badValuesAreNamed() {
    assertMessage(
        () -> new SdEdit(DDPM, path(5), 1.1, 1), "strength is 1.1, but must be from 0.0 to 1.0.");
    assertMessage(
        () -> new SdEdit(DDPM, path(5), Double.NaN, 1),
        "strength is NaN, but must be from 0.0 to 1.0.");
    assertMessage(
        () -> new SdEdit(DDPM, path(5), 0.5, 0), "repeats is 0, but must be from 1 to 1000.");
    Trajectory jumps = Trajectory.withJumps(LINEAR, TimeGrid.respaced(1000, 8), 2, 2);
    assertThrows(IllegalArgumentException.class, () -> new SdEdit(DDPM, jumps, 0.5, 1));
  }

  private static void assertMessage(Runnable bad, String message) {
    Exception e = assertThrows(DiffusionException.class, bad::run);
    assertEquals(message, e.getMessage());
  }
}
