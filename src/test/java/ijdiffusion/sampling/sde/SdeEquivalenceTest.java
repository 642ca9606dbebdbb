package ijdiffusion.sampling.sde;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ancestral;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.Ddpm;
import ijdiffusion.sampling.EulerMaruyama;
import ijdiffusion.sampling.LangevinCorrector;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.PredictorCorrector;
import ijdiffusion.sampling.ReverseDiffusion;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Sde;
import ijdiffusion.schedule.SigmaLadder;
import ijdiffusion.schedule.SubVpSde;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.schedule.VeSde;
import ijdiffusion.schedule.VpSde;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Samplers that are one another, and whole runs of other programs. */
class SdeEquivalenceTest {
  private static final GaussianPredictor PREDICTOR = new GaussianPredictor(0.3, 0.04);
  private static final Shape SHAPE = new Shape(2, 1, 3, 3);

  private static float[] run(Sampler sampler, List<NoiseLevel> levels, double scale) {
    TestNoise noise = TestNoise.sm42();
    Tensor x = new Tensor(SHAPE);
    noise.next(x);
    x.setSum(scale, x, 0, x);
    new ReverseProcess(PREDICTOR, sampler, Constraint.NONE, Trajectory.of(levels))
        .run(x, noise, Monitor.NONE);
    return x.data();
  }

  @Test
  void withoutCorrectionsAPredictorIsLeft() {
    VpSde vp = new VpSde(0.1, 20);
    SubVpSde sub = new SubVpSde(0.1, 20);
    VeSde ve = new VeSde(0.01, 50);
    for (Sde sde : List.of(vp, sub, ve)) {
      Discretization steps = Discretization.of(sde, 50);
      for (Sampler sampler :
          List.of(
              new ReverseDiffusion(steps, false),
              new ReverseDiffusion(steps, true),
              new Ancestral(sde == sub ? Discretization.ofLevels() : steps),
              new EulerMaruyama(sde, 50, false),
              new Ddpm(VarianceType.FIXED_SMALL),
              new Ddim(0))) {
        float[] alone = run(sampler, sde.levels(50), sde == ve ? 50 : 1);
        Sampler none = new PredictorCorrector(sampler, new LangevinCorrector(0.16, steps), 0);
        assertArrayEquals(
            alone, run(none, sde.levels(50), sde == ve ? 50 : 1), sampler + " " + sde);
      }
    }
  }

  /** x + (sigma_t^2 - sigma_s^2) score + sqrt(sigma_s^2 (sigma_t^2 - sigma_s^2) / sigma_t^2) z. */
  @Test
  void ancestralOnALadderIsSmld() {
    SigmaLadder ladder = SigmaLadder.geometric(10, 0.01, 40);
    TestNoise noise = TestNoise.sm42();
    Tensor z = new Tensor(SHAPE);
    noise.next(z);
    double[] x = new double[18];
    for (int i = 0; i < 18; i++) {
      x[i] = 10 * z.data()[i];
    }
    for (int k = 0; k < 40; k++) {
      double t = Math.pow(ladder.sigmas()[k], 2);
      double s = k == 39 ? 0 : Math.pow(ladder.sigmas()[k + 1], 2);
      noise.next(z);
      for (int i = 0; i < 18; i++) {
        double score = -(x[i] - 0.3) / (0.04 + t);
        x[i] += (t - s) * score + Math.sqrt(s * (t - s) / t) * z.data()[i];
      }
    }
    float[] ours = run(new Ancestral(Discretization.ofLevels()), ladder.levels(), 10);
    float[] ddpm = run(new Ddpm(VarianceType.FIXED_SMALL), ladder.levels(), 10);
    for (int i = 0; i < 18; i++) {
      assertEquals(x[i], ours[i], 2e-6, "value " + i);
      assertEquals(ours[i], ddpm[i], 2e-6, "DDPM with alpha = 1, value " + i);
    }
  }

  @Test
  void ancestralOnATableIsDdpmWithLargeVariance() {
    DiscreteSchedule linear = DiscreteSchedule.linear(1000, 1e-4, 0.02);
    List<NoiseLevel> levels = linear.levels(TimeGrid.trailing(1000, 100));
    assertArrayEquals(
        run(new Ddpm(VarianceType.FIXED_LARGE), levels, 1),
        run(new Ancestral(Discretization.ofLevels()), levels, 1),
        1e-5f);
    // and by the discrete betas of the SDE, which are the table's
    VpSde vp = new VpSde(0.1, 20);
    List<NoiseLevel> scaled = new ArrayList<>();
    for (int i = 999; i >= 0; i--) {
      NoiseLevel level = linear.level(i);
      scaled.add(new NoiseLevel(i / 999.0, level.alpha(), level.sigma()));
    }
    assertArrayEquals(
        run(new Ddpm(VarianceType.FIXED_LARGE), scaled, 1),
        run(new Ancestral(Discretization.of(vp, 1000)), scaled, 1),
        1e-4f);
  }

  @Test
  void reverseDiffusionOnALadderIsTheVeSdes() {
    VeSde ve = new VeSde(0.01, 50);
    List<NoiseLevel> levels = new ArrayList<>();
    double[] sigmas = SigmaLadder.geometric(50, 0.01, 200).sigmas();
    for (int i = 0; i < 200; i++) {
      levels.add(new NoiseLevel((199 - i) / 199.0, 1, sigmas[i]));
    }
    for (boolean flow : new boolean[] {false, true}) {
      assertArrayEquals(
          run(new ReverseDiffusion(Discretization.of(ve, 200), flow), levels, 50),
          run(new ReverseDiffusion(Discretization.ofLevels(), flow), levels, 50),
          1e-5f);
    }
  }

  /** The dummy network's output is a score, and its time is sigma. */
  private static final NoisePredictor DUMMY_SCORE =
      (x, level, out) -> {
        double s = level.sigma();
        out.eps().setSum(-s * s / (s + 1), x, 0, x);
        out.completeFromEps(x, level);
      };

  /** The noise of the last step is 0.01 times z, beside pixels of 1e7: left out here. */
  @Test
  void diffusersScoreSdeVe() {
    JsonObject row =
        Reference.load("diffusers_full_loops")
            .getAsJsonObject("cases")
            .getAsJsonObject("score_sde_ve/derived_deter_noise");
    double[] times = Reference.doubles(row.get("timesteps"));
    double[] sigmas = Reference.doubles(row.get("sigmas"));
    VeSde ve = new VeSde(0.01, 1348);
    List<NoiseLevel> levels = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      levels.add(new NoiseLevel(times[i], 1, sigmas[i]));
    }
    Discretization steps = Discretization.of(ve, 3);
    Sampler sampler =
        new PredictorCorrector(
            new ReverseDiffusion(steps, false), new LangevinCorrector(0.15, steps), 1);
    Tensor x = DummyPredictor.sample();
    CountingPredictor network = new CountingPredictor(DUMMY_SCORE);
    new ReverseProcess(network, sampler, Constraint.NONE, Trajectory.of(levels))
        .run(x, TestNoise.repeating(DummyPredictor.noise()), Monitor.NONE);
    assertEquals(6, network.calls());
    double sum = 0;
    for (float v : x.data()) {
      sum += Math.abs(v);
    }
    double expected = row.get("measured_abs_sum").getAsDouble();
    assertEquals(expected, sum, 1e-5 * expected);
    double[] first = Reference.doubles(row.get("measured_first8"));
    double[] last = Reference.doubles(row.get("measured_last8"));
    for (int i = 0; i < 8; i++) {
      assertEquals(first[i], x.data()[i], 1e-5 * Math.abs(first[i]));
      assertEquals(last[i], x.data()[768 - 8 + i], 1e-5 * Math.abs(last[i]));
    }
  }

  @Test
  void networksAreAskedAtEveryLevelOnceMoreThanCorrected() {
    VpSde vp = new VpSde(0.1, 20);
    Discretization steps = Discretization.of(vp, 30);
    List<NoiseLevel> expected = new ArrayList<>();
    for (NoiseLevel level : vp.levels(30)) {
      expected.addAll(List.of(level, level, level));
    }
    CountingPredictor network = new CountingPredictor(PREDICTOR);
    Sampler sampler =
        new PredictorCorrector(
            new EulerMaruyama(vp, 30, false), new LangevinCorrector(0.1, steps), 2);
    List<Integer> done = new ArrayList<>();
    new ReverseProcess(network, sampler, Constraint.NONE, Trajectory.of(vp.levels(30)))
        .run(
            new Tensor(SHAPE),
            TestNoise.sm42(),
            (k, total, x0) -> {
              assertEquals(30, total);
              done.add(k);
            });
    assertEquals(expected, network.asked());
    assertEquals(30, done.size());
  }
}
