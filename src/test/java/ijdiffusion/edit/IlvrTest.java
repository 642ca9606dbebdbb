package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.LowPass.Variant;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.junit.jupiter.api.Test;

class IlvrTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final Sampler DDPM = new Ddpm(VarianceType.FIXED_SMALL);
  private static final GaussianPredictor WHITE = new GaussianPredictor(0.3, 0.04);

  private static Trajectory path(int steps) {
    return Trajectory.down(LINEAR, TimeGrid.respaced(1000, steps));
  }

  private static Tensor reference(int n) {
    Tensor one = new Tensor(new Shape(1, 2, 16, 8));
    KeyedNoise.of(11).next(one);
    return one.repeat(n);
  }

  @Test
  void theAuthorsRun() {
    JsonObject expected =
        Reference.load("original_code_loops")
            .getAsJsonObject("cases")
            .getAsJsonObject("sm42_ilvr_original/n20_N4_range0");
    Tensor one = new Tensor(new Shape(4, 3, 8, 8));
    one.fill(1);
    Tensor start = DummyPredictor.noise();
    start.setSum(2, start, -1, one);
    Tensor y = DummyPredictor.sample();
    y.setSum(2, y, -1, one);
    Tensor x =
        Ilvr.ofRange(DDPM, path(20), 4, 1, Variant.CODE)
            .run(
                DummyPredictor.of(Parameterization.EPSILON).clipped(-1, 1),
                y,
                TestNoise.startingWith(start, TestNoise.sm42()),
                Monitor.NONE);
    double sum = 0;
    for (float v : x.data()) {
      sum += Math.abs(v);
    }
    double total = expected.get("measured_abs_sum").getAsDouble();
    assertEquals(total, sum, 1e-5 * total);
    double[] first = Reference.doubles(expected.get("measured_first8"));
    double[] last = Reference.doubles(expected.get("measured_last8"));
    for (int i = 0; i < 8; i++) {
      assertEquals(first[i], x.data()[i], 1e-5);
      assertEquals(last[i], x.data()[760 + i], 1e-5);
    }
  }

  @Test
  void rangeIsTheShareOfStepsConditioned() {
    assertFree(1, Variant.CODE, 1.0, 100);
    assertFree(0, Variant.PAPER, 1.0, 100);
    assertFree(20, Variant.CODE, 0.8, 100);
    assertFree(20, Variant.PAPER, 0.8, 100);
    assertFree(1, Variant.CODE, 0.996, 100);
    assertFree(99, Variant.CODE, 0.001, 100);
    assertFree(1, Variant.CODE, 1.0, 1);
  }

  private static void assertFree(int expected, Variant variant, double range, int steps) {
    Ilvr ilvr = Ilvr.ofRange(DDPM, path(steps), 4, range, variant);
    assertEquals(new Ilvr(DDPM, path(steps), 4, expected, variant), ilvr);
  }

  @Test
  void everyConditionedStepDrawsOnceForTheReference() {
    for (int free : new int[] {1, 4, 12}) {
      TestNoise noise = TestNoise.sm42();
      new Ilvr(DDPM, path(12), 4, free, Variant.CODE).run(WHITE, reference(1), noise, Monitor.NONE);
      assertEquals(1 + 12 + 12 - free, noise.draws());
    }
    TestNoise noise = TestNoise.sm42();
    new Ilvr(DDPM, path(12), 4, 0, Variant.PAPER).run(WHITE, reference(1), noise, Monitor.NONE);
    assertEquals(1 + 12 + 11, noise.draws(), "the clean reference needs no noise");
  }

  @Test
  void allStepsFreeIsGeneration() {
    Tensor y = reference(2);
    Tensor x =
        new Ilvr(DDPM, path(12), 4, 12, Variant.CODE).run(WHITE, y, KeyedNoise.of(5), Monitor.NONE);
    Tensor generated =
        new Generation(DDPM, path(12)).run(WHITE, y.shape(), KeyedNoise.of(5), Monitor.NONE);
    assertArrayEquals(generated.data(), x.data());
  }

  @Test
  void theSmallerTheFactorTheMoreIsKept() {
    Tensor y = reference(8);
    double before = 0;
    for (int factor : new int[] {2, 4, 8}) {
      Tensor x =
          new Ilvr(DDPM, path(50), factor, 1, Variant.CODE)
              .run(WHITE, y, KeyedNoise.of(5), Monitor.NONE);
      double distance = distance(x, y);
      // of white pixels the share 1 - 1 / N^2 is drawn anew: 1.12 and 1.02 times the distance
      assertTrue(distance > 1.01 * before, factor + ": " + before + " " + distance);
      before = distance;
    }
  }

  @Test
  void theLowPassComesOutAsNearAsTheFilterIsAProjection() {
    // after the last step x = x' + phi (y - x'), so phi x - phi y = (phi phi - phi) (y - x'),
    // and the largest singular value of phi phi - phi is 0.25
    Tensor y = reference(4);
    for (int factor : new int[] {2, 4, 8}) {
      Tensor before = new Tensor(y.shape());
      Tensor x =
          new Ilvr(DDPM, path(50), factor, 0, Variant.PAPER)
              .run(WHITE, y, KeyedNoise.of(5), (done, total, x0) -> before.set(x0));
      double error = distance(filtered(factor, x), filtered(factor, y));
      double moved = distance(filtered(factor, y), filtered(factor, before));
      assertTrue(error < 0.2501 * distance(y, before), factor + ": " + error);
      assertTrue(error > 1e-3 * moved && error < moved, factor + ": " + error + " of " + moved);
      Tensor gap = new Tensor(y.shape());
      gap.setSum(1, y, -1, before);
      Tensor once = filtered(factor, gap);
      Tensor expected = filtered(factor, once);
      expected.setSum(1, expected, -1, once, 1, filtered(factor, y));
      assertArrayEquals(expected.data(), filtered(factor, x).data(), 1e-5f);
    }
  }

  private static Tensor filtered(int factor, Tensor x) {
    Tensor out = new Tensor(x.shape());
    LowPassFilter.bicubic(16, 8, factor).apply(x, out);
    return out;
  }

  private static double distance(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.data().length; i++) {
      sum += Math.pow(a.data()[i] - b.data()[i], 2);
    }
    return Math.sqrt(sum);
  }

  @Test
  void samplesDoNotDependOnTheirBatchAndTheReferenceIsLeftAlone() {
    Ilvr ilvr = new Ilvr(DDPM, path(12), 4, 1, Variant.CODE);
    Tensor y = reference(3);
    Tensor three = ilvr.run(WHITE, y, KeyedNoise.of(5), Monitor.NONE);
    assertArrayEquals(reference(3).data(), y.data());
    Tensor third = ilvr.run(WHITE, reference(1), KeyedNoise.forSamples(5, 2), Monitor.NONE);
    assertArrayEquals(third.data(), three.image(2).data());
  }

  @Test
  void everySamplerRuns() {
    for (SamplerChoice choice : SamplerChoice.values()) {
      Trajectory path = choice.path(LINEAR, 12, false);
      Sampler sampler = choice.sampler(1, VarianceType.FIXED_SMALL);
      int[] steps = {0};
      Tensor x =
          Ilvr.ofRange(sampler, path, 8, 0.8, Variant.CODE)
              .run(WHITE, reference(1), KeyedNoise.of(5), (done, total, x0) -> steps[0] = done);
      assertEquals(path.stepsDown(), steps[0]);
      for (float v : x.data()) {
        assertTrue(Math.abs(v) < 5, choice + ": " + v);
      }
    }
  }

  @Test
  void badValuesAreNamed() {
    for (int factor : new int[] {-4, 0, 1, 3, 12}) {
      assertMessage(
          () -> new Ilvr(DDPM, path(5), factor, 1, Variant.CODE),
          "factor is " + factor + ", but must be a power of two, at least 2.");
    }
    assertMessage(
        () -> new Ilvr(DDPM, path(5), 4, 0, Variant.CODE),
        "freeSteps is 0, but must be from 1 to 5.");
    assertMessage(
        () -> new Ilvr(DDPM, path(5), 4, 6, Variant.PAPER),
        "freeSteps is 6, but must be from 0 to 5.");
    for (double range : new double[] {0, -0.1, 1.01, Double.NaN}) {
      assertMessage(
          () -> Ilvr.ofRange(DDPM, path(5), 4, range, Variant.CODE),
          "range is " + range + ", but must be above 0 and at most 1.");
    }
    Ilvr ilvr = new Ilvr(DDPM, path(5), 16, 1, Variant.CODE);
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ilvr.run(WHITE, reference(1), KeyedNoise.of(1), Monitor.NONE));
    assertEquals("Image side 8 is not a multiple of the factor 16", e.getMessage());
    Trajectory jumps = Trajectory.withJumps(LINEAR, TimeGrid.respaced(1000, 8), 2, 2);
    assertThrows(IllegalArgumentException.class, () -> new Ilvr(DDPM, jumps, 4, 1, Variant.CODE));
  }

  private static void assertMessage(Runnable bad, String message) {
    Exception e = assertThrows(DiffusionException.class, bad::run);
    assertEquals(message, e.getMessage());
  }
}
