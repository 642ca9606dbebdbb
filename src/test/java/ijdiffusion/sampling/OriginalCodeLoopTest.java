package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.junit.jupiter.api.Test;

/**
 * The authors' own codes of RePaint and guided-diffusion, run with a stand-in network and recorded
 * noise, repeated draw by draw.
 */
class OriginalCodeLoopTest {
  private static final JsonObject CASES =
      Reference.load("original_code_loops").getAsJsonObject("cases");
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final int[] TWENTY = TimeGrid.respaced(1000, 20);
  private static final NoisePredictor PLAIN =
      DummyPredictor.of(Parameterization.EPSILON).clipped(-1, 1);
  private static final NoisePredictor WITH_VARIANCE =
      new DummyPredictor(Parameterization.EPSILON, 0).clipped(-1, 1);

  /** 2 x - 1: the images of the dummies are in [0, 1]. */
  private static Tensor centred(Tensor x) {
    Tensor one = new Tensor(x.shape());
    one.fill(1);
    x.setSum(2, x, -1, one);
    return x;
  }

  @Test
  void respacing() {
    assertArrayEquals(
        new int[] {
          0, 53, 105, 158, 210, 263, 315, 368, 421, 473, 526, 578, 631, 684, 736, 789, 841, 894,
          946, 999
        },
        TWENTY);
  }

  @Test
  void guidedDdpmWithSmallVariance() {
    assertRun("sm42_guided_ddpm/20_fixed_small", PLAIN, new Ddpm(VarianceType.FIXED_SMALL), true);
  }

  @Test
  void guidedDdpmWithLearnedRange() {
    assertRun(
        "sm42_guided_ddpm/20_learned_range_v0",
        WITH_VARIANCE,
        new Ddpm(VarianceType.LEARNED_RANGE),
        true);
  }

  @Test
  void guidedDdimWithoutNoise() {
    assertRun("sm42_guided_ddim/20_eta0", PLAIN, new Ddim(0), false);
  }

  @Test
  void guidedDdimWithNoise() {
    assertRun("sm42_guided_ddim/20_eta1", PLAIN, new Ddim(1), true);
  }

  @Test
  void repaint() {
    Tensor known = centred(DummyPredictor.sample());
    Tensor mask = new Tensor(new Shape(1, 1, 8, 8));
    for (int i = 0; i < 64; i++) {
      mask.data()[i] = i % 8 < 4 ? 1 : 0;
    }
    TestNoise noise =
        assertRun(
            "sm42_repaint_original/n20_jl5_r3",
            WITH_VARIANCE,
            new Ddpm(VarianceType.LEARNED_RANGE),
            new KnownRegion(known, mask, false),
            Trajectory.withJumps(LINEAR, TWENTY, 5, 3));
    assertEquals(50 + 49 + 30, noise.draws());
    assertDrawsEverything("sm42_repaint_original/n20_jl5_r3", noise);
  }

  private static void assertRun(
      String name, NoisePredictor predictor, Sampler sampler, boolean draws) {
    Trajectory path = Trajectory.down(LINEAR, TWENTY);
    TestNoise noise = assertRun(name, predictor, sampler, Constraint.NONE, path);
    if (draws) {
      assertDrawsEverything(name, noise);
    } else {
      assertEquals(0, noise.draws(), "the authors draw and multiply by 0, we do not draw");
    }
  }

  private static TestNoise assertRun(
      String name,
      NoisePredictor predictor,
      Sampler sampler,
      Constraint constraint,
      Trajectory path) {
    Tensor x = centred(DummyPredictor.noise());
    TestNoise noise = TestNoise.sm42();
    new ReverseProcess(predictor, sampler, constraint, path).run(x, noise, Monitor.NONE);
    JsonObject expected = CASES.getAsJsonObject(name);
    double absolute = 0;
    double sum = 0;
    for (float v : x.data()) {
      absolute += Math.abs(v);
      sum += v;
    }
    double reference = expected.get("measured_abs_sum").getAsDouble();
    assertEquals(reference, absolute, 1e-5 * reference, "sum |x|");
    assertEquals(expected.get("measured_sum").getAsDouble(), sum, 1e-5 * reference, "sum x");
    DiffusersLoopTest.assertValues(expected.get("measured_first8"), x.data(), 0, 1e-5);
    DiffusersLoopTest.assertValues(expected.get("measured_last8"), x.data(), 760, 1e-5);
    return noise;
  }

  /** The authors' generator ends where ours does: as many numbers were drawn. */
  private static void assertDrawsEverything(String name, TestNoise noise) {
    String expected =
        CASES
            .getAsJsonObject(name)
            .getAsJsonObject("config")
            .get("final_rng_state_hex")
            .getAsString();
    assertEquals(expected, "0x" + Long.toHexString(noise.splitMixState()));
  }
}
