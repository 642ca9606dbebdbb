package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RePaintTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final Shape SHAPE = new Shape(1, 1, 6, 6);

  /** Known border, unknown middle. */
  private static Tensor mask() {
    Tensor m = new Tensor(new Shape(1, 1, 6, 6));
    m.fill(1);
    for (int i : new int[] {14, 15, 20, 21, 22}) {
      m.data()[i] = 0;
    }
    return m;
  }

  private static Tensor image() {
    Tensor y = new Tensor(SHAPE);
    KeyedNoise.of(8).next(y);
    return y;
  }

  private static Tensor run(RePaint repaint, NoisePredictor predictor, Tensor y, NoiseSource z) {
    return repaint.run(predictor, LINEAR, VarianceType.FIXED_SMALL, y, mask(), z, Monitor.NONE);
  }

  @Test
  void thePapersSettingTakes2410Calls() {
    RePaint paper = new RePaint(250, 10, 10, 1);
    assertEquals(2410, paper.networkCalls());
    assertEquals(2410, paper.trajectory(LINEAR).stepsDown());
  }

  @Test
  void networkCallsAreTheTrajectorysStepsDown() {
    for (int steps : new int[] {2, 3, 7, 10, 20, 21, 50, 100}) {
      for (int jump : new int[] {1, 2, 3, 5, 6, 7, 9, 10, 11, 19, 20, 21, 49, 50, 99, 500}) {
        for (int resamplings : new int[] {1, 2, 3, 10}) {
          RePaint repaint = new RePaint(steps, jump, resamplings, 1);
          assertEquals(
              repaint.trajectory(LINEAR).stepsDown(), repaint.networkCalls(), repaint.toString());
        }
      }
    }
  }

  @Test
  void theNetworkIsCalledThatOften() {
    int[] calls = {0};
    NoisePredictor counting =
        (x, level, out) -> {
          calls[0]++;
          new GaussianPredictor(0, 1).predict(x, level, out);
        };
    List<Integer> done = new ArrayList<>();
    RePaint repaint = new RePaint(12, 3, 4, 1);
    repaint.run(
        counting,
        LINEAR,
        VarianceType.FIXED_SMALL,
        image(),
        mask(),
        KeyedNoise.of(1),
        (step, total, x0) -> {
          assertEquals(repaint.networkCalls(), total);
          done.add(step);
        });
    assertEquals(12 + 3 * 3 * 3, calls[0]);
    assertEquals(calls[0], done.size());
    assertEquals(calls[0], done.get(done.size() - 1));
  }

  /** The authors' run, with their values where they let the network choose, and ours elsewhere. */
  @Test
  void fillsAsTheAuthorsCodeDoes() {
    JsonObject expected =
        Reference.load("original_code_loops")
            .getAsJsonObject("cases")
            .getAsJsonObject("sm42_repaint_original/n20_jl5_r3");
    Tensor one = new Tensor(new Shape(4, 3, 8, 8));
    one.fill(1);
    Tensor start = DummyPredictor.noise();
    start.setSum(2, start, -1, one);
    Tensor known = DummyPredictor.sample();
    known.setSum(2, known, -1, one);
    Tensor mask = new Tensor(new Shape(1, 1, 8, 8));
    for (int i = 0; i < 64; i++) {
      mask.data()[i] = i % 8 < 4 ? 1 : 0;
    }
    Tensor x =
        new RePaint(20, 5, 3, 1)
            .run(
                new DummyPredictor(Parameterization.EPSILON, 0).clipped(-1, 1),
                LINEAR,
                VarianceType.LEARNED_RANGE,
                known,
                mask,
                TestNoise.startingWith(start, TestNoise.sm42()),
                Monitor.NONE);
    double[] first = Reference.doubles(expected.get("measured_first8"));
    double[] last = Reference.doubles(expected.get("measured_last8"));
    for (int i = 4; i < 8; i++) {
      assertEquals(first[i], x.data()[i], 1e-5);
      assertEquals(last[i], x.data()[760 + i], 1e-5);
    }
    for (int i = 0; i < x.data().length; i++) {
      if (i % 8 < 4) {
        assertEquals(known.data()[i], x.data()[i]);
      }
    }
  }

  @Test
  void etaBelowOneStepsWithDdim() {
    // after the start, DDIM without noise and without jumps draws for the known region only
    TestNoise noise = TestNoise.sm42();
    run(new RePaint(10, 10, 1, 0), new GaussianPredictor(0, 1), image(), noise);
    assertEquals(1 + 9, noise.draws());
    TestNoise half = TestNoise.sm42();
    run(new RePaint(10, 10, 1, 0.5), new GaussianPredictor(0, 1), image(), half);
    assertEquals(1 + 9 + 10, half.draws());
  }

  @Test
  void etaOneUsesTheNetworksVariance() {
    Tensor y = image();
    RePaint repaint = new RePaint(10, 5, 2, 1);
    NoisePredictor predictor = new GaussianPredictor(0.3, 0.04);
    float[] small = run(repaint, predictor, y, KeyedNoise.of(3)).data();
    Tensor large =
        repaint.run(
            predictor, LINEAR, VarianceType.FIXED_LARGE, y, mask(), KeyedNoise.of(3), Monitor.NONE);
    float[] ddim = run(new RePaint(10, 5, 2, 0.999_999), predictor, y, KeyedNoise.of(3)).data();
    assertArrayEquals(small, ddim, 1e-3f);
    assertTrue(Math.abs(small[14] - large.data()[14]) > 0.01, "another variance, other pixels");
  }

  @Test
  void theFirstOfFourSamplesIsTheOnlyOneOfOne() {
    Tensor y = image();
    RePaint repaint = new RePaint(15, 4, 2, 1);
    NoisePredictor predictor = new GaussianPredictor(0.3, 0.04);
    Tensor one = run(repaint, predictor, y, KeyedNoise.of(42));
    Tensor four = run(repaint, predictor, y.repeat(4), KeyedNoise.of(42));
    assertArrayEquals(one.data(), four.image(0).data());
    for (int n = 1; n < 4; n++) {
      assertTrue(one.data()[14] != four.image(n).data()[14], "sample " + n + " differs");
    }
    Tensor third = run(repaint, predictor, y, KeyedNoise.forSamples(42, 2));
    assertArrayEquals(third.data(), four.image(2).data());
  }

  @Test
  void theInputIsLeftAsItIs() {
    Tensor y = image();
    Tensor m = mask();
    new RePaint(5, 2, 2, 1)
        .run(
            new GaussianPredictor(0, 1),
            LINEAR,
            VarianceType.FIXED_SMALL,
            y,
            m,
            KeyedNoise.of(1),
            Monitor.NONE);
    assertArrayEquals(image().data(), y.data());
    assertArrayEquals(mask().data(), m.data());
  }

  @Test
  void cancellingTakesNoFurtherCall() {
    int[] calls = {0};
    NoisePredictor counting =
        (Tensor x, NoiseLevel level, Prediction out) -> {
          calls[0]++;
          out.completeFromEps(x, level);
        };
    Monitor cancel =
        (done, total, x0) -> {
          if (done == 3) {
            throw new Cancelled();
          }
        };
    assertThrows(
        Cancelled.class,
        () ->
            new RePaint(10, 2, 2, 0.5)
                .run(
                    counting,
                    LINEAR,
                    VarianceType.FIXED_SMALL,
                    image(),
                    mask(),
                    KeyedNoise.of(1),
                    cancel));
    assertEquals(3, calls[0]);
  }

  @Test
  void visitsTheRespacedGrid() {
    assertEquals(
        Trajectory.withJumps(LINEAR, TimeGrid.respaced(1000, 25), 4, 3),
        new RePaint(25, 4, 3, 1).trajectory(LINEAR));
  }

  @Test
  void badValuesAreNamed() {
    assertMessage(() -> new RePaint(1, 1, 1, 1), "steps is 1, but must be from 2 to 100000.");
    assertMessage(() -> new RePaint(10, 0, 1, 1), "jump is 0, but must be from 1 to 100000.");
    assertMessage(() -> new RePaint(10, 1, 0, 1), "resamplings is 0, but must be from 1 to 1000.");
    assertMessage(
        () -> new RePaint(10, 1, 1001, 1), "resamplings is 1001, but must be from 1 to 1000.");
    assertMessage(() -> new RePaint(10, 1, 1, 1.5), "eta is 1.5, but must be from 0.0 to 1.0.");
    assertMessage(
        () -> new RePaint(10, 1, 1, Double.NaN), "eta is NaN, but must be from 0.0 to 1.0.");
    assertMessage(
        () -> new RePaint(1001, 1, 1, 1).trajectory(LINEAR),
        "steps is 1001, but must be from 1 to 1000.");
  }

  private static void assertMessage(Runnable bad, String message) {
    Exception e = assertThrows(DiffusionException.class, bad::run);
    assertEquals(message, e.getMessage());
  }
}
