package ijdiffusion.sampling.sde;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.sampling.AldCorrector;
import ijdiffusion.sampling.Ancestral;
import ijdiffusion.sampling.AnnealedLangevin;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Corrector;
import ijdiffusion.sampling.EulerMaruyama;
import ijdiffusion.sampling.LangevinCorrector;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.PredictorCorrector;
import ijdiffusion.sampling.ReverseDiffusion;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.DiscreteStep;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Sde;
import ijdiffusion.schedule.SigmaLadder;
import ijdiffusion.schedule.SubVpSde;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.schedule.VeSde;
import ijdiffusion.schedule.VpSde;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Mean and variance of the result on pixels N(0.3, 0.04) with their exact predictor, without
 * statistical error (see {@link MomentNoise}), through the real loop.
 */
class SdeMomentsTest {
  private static final GaussianPredictor PREDICTOR = new GaussianPredictor(0.3, 0.04);
  private static final JsonObject REFERENCE = Reference.load("gaussian_conditional");
  private static final VpSde VP = new VpSde(0.1, 20);
  private static final SubVpSde SUB_VP = new SubVpSde(0.1, 20);
  private static final VeSde VE = new VeSde(0.01, 50);

  private record Moments(double mean, double variance, int calls, int draws) {}

  private static Moments run(
      Sampler sampler, List<NoiseLevel> levels, double mean, double variance) {
    Tensor x = new Tensor(new Shape(1, 1, 2, 4));
    MomentNoise.start(x, mean, variance);
    MomentNoise noise = new MomentNoise(x);
    CountingPredictor network = new CountingPredictor(PREDICTOR);
    new ReverseProcess(network, sampler, Constraint.NONE, Trajectory.of(levels))
        .run(x, noise, Monitor.NONE);
    return new Moments(
        MomentNoise.mean(x), MomentNoise.variance(x), network.calls(), noise.draws());
  }

  private static Sampler predictor(String name, Sde sde, int n) {
    return switch (name) {
      case "rd" -> new ReverseDiffusion(Discretization.of(sde, n), false);
      case "anc" -> new Ancestral(Discretization.of(sde, n));
      case "em" -> new EulerMaruyama(sde, n, false);
      default -> throw new IllegalArgumentException(name);
    };
  }

  @Test
  void vpRowsAreTheReference() {
    int rows = 0;
    for (JsonElement element : REFERENCE.getAsJsonObject("vp_pc").getAsJsonArray("rows")) {
      JsonObject row = element.getAsJsonObject();
      int n = row.get("N").getAsInt();
      int corrections = row.get("n_steps_each").getAsInt();
      Sampler sampler =
          new PredictorCorrector(
              predictor(row.get("predictor").getAsString(), VP, n),
              new LangevinCorrector(row.get("snr").getAsDouble(), Discretization.of(VP, n)),
              corrections);
      Moments moments = run(sampler, VP.levels(n), 0, 1);
      assertEquals(row.get("mean").getAsDouble(), moments.mean, 2e-5, row + " mean");
      assertEquals(row.get("var").getAsDouble(), moments.variance, 2e-5, row + " variance");
      assertEquals(n * (1 + corrections), moments.calls, row + " network calls");
      rows++;
    }
    assertEquals(6, rows);
  }

  /** algorithms.md, section 5: N = 1000; sigma 0.01 to 50, snr 0.16; five digits are given. */
  @Test
  void veIsThePublishedExpectation() {
    Discretization steps = Discretization.of(VE, 1000);
    Sampler predictor = new ReverseDiffusion(steps, false);
    Moments alone = run(predictor, VE.levels(1000), 0, 2500);
    assertEquals(0.3, alone.mean, 2e-5);
    assertEquals(0.0402473, alone.variance, 2e-6);
    assertEquals(1000, alone.calls);
    Sampler corrected = new PredictorCorrector(predictor, new LangevinCorrector(0.16, steps), 1);
    Moments pc = run(corrected, VE.levels(1000), 0, 2500);
    assertEquals(0.3, pc.mean, 2e-5);
    assertEquals(0.0409213, pc.variance, 2e-6);
    assertEquals(2000, pc.calls);
    assertEquals(1999, pc.draws, "all moves, all predictor steps but the last");
    Moments ancestral = run(new Ancestral(steps), VE.levels(1000), 0, 2500);
    assertEquals(0.0395668, ancestral.variance, 2e-6);
  }

  @Test
  void annealedLangevinIsTheReference() {
    SigmaLadder v1 = SigmaLadder.geometric(1, 0.01, 10);
    SigmaLadder v2 = SigmaLadder.geometric(50, 0.01, 232);
    List<Sampler> samplers =
        List.of(
            AnnealedLangevin.ncsnPaper(v1),
            AnnealedLangevin.ncsnCode(v1),
            AnnealedLangevin.ncsn2(v2, 6.2e-6),
            new AnnealedLangevin(3.1e-6, 5, 0.01, true));
    List<SigmaLadder> ladders = List.of(v1, v1, v2, v2);
    int[] calls = {1000, 1000, 232 * 5 + 1, 232 * 5 + 1};
    int k = 0;
    for (JsonElement element : REFERENCE.getAsJsonObject("ald").getAsJsonArray("rows")) {
      JsonObject row = element.getAsJsonObject();
      Moments moments = run(samplers.get(k), ladders.get(k).levels(), 0.5, 1.0 / 12);
      assertEquals(row.get("mean").getAsDouble(), moments.mean, 2e-5, row + " mean");
      assertEquals(row.get("var").getAsDouble(), moments.variance, 2e-5, row + " variance");
      assertEquals(calls[k], moments.calls, row + " network calls");
      k++;
    }
    assertEquals(4, k);
  }

  /** Every predictor, corrector and SDE against their formulas as the authors' code has them. */
  @Test
  void everyCombinationIsTheAuthorsFormula() {
    for (Sde sde : List.of(VP, SUB_VP, VE)) {
      for (String name : List.of("rd", "rd flow", "anc", "em", "em flow")) {
        if (sde == SUB_VP && name.equals("anc")) {
          continue;
        }
        for (String corrector : List.of("none", "langevin", "ald")) {
          compare(sde, name, corrector, 60);
        }
      }
    }
  }

  private static void compare(Sde sde, String name, String correctorName, int n) {
    boolean flow = name.endsWith("flow");
    String kind = name.split(" ", -1)[0];
    Sampler predictor =
        switch (name) {
          case "rd flow" -> new ReverseDiffusion(Discretization.of(sde, n), true);
          case "em flow" -> new EulerMaruyama(sde, n, true);
          default -> predictor(kind, sde, n);
        };
    Corrector corrector =
        correctorName.equals("ald")
            ? new AldCorrector(0.1, Discretization.of(sde, n))
            : new LangevinCorrector(0.1, Discretization.of(sde, n));
    int corrections = correctorName.equals("none") ? 0 : 2;
    double prior = sde == VE ? 2500 : 1;
    Sampler sampler = new PredictorCorrector(predictor, corrector, corrections);
    Moments ours = run(sampler, sde.levels(n), 0, prior);
    double[] theirs = authors(sde, kind, flow, correctorName, corrections, n, prior);
    String what = String.format(Locale.ROOT, "%s %s %s", sde, name, correctorName);
    assertEquals(theirs[0], ours.mean, 2e-5 * Math.max(1, Math.abs(theirs[0])), what + " mean");
    assertEquals(theirs[1], ours.variance, 2e-5 * Math.max(1, theirs[1]), what + " variance");
    assertEquals(n * (1 + corrections), ours.calls, what + " network calls");
    assertEquals(n * corrections + (flow ? 0 : n - 1), ours.draws - extra(flow, corrections), what);
  }

  /**
   * The loop draws once ahead in every stochastic step; without corrections the last goes unused.
   */
  private static int extra(boolean flow, int corrections) {
    return !flow && corrections == 0 ? 1 : 0;
  }

  /** Mean and variance in double, written after the authors' sampling.py and sde_lib.py. */
  private static double[] authors(
      Sde sde, String kind, boolean flow, String corrector, int moves, int n, double prior) {
    double m = 0;
    double v = prior;
    double eps = sde == VE ? 1e-5 : 1e-3;
    for (int k = 0; k < n; k++) {
      double u = 1 + k * (eps - 1) / (n - 1);
      int i = n - 1 - k;
      double integral = u * u * 19.9 / 2 + u * 0.1;
      double alpha = sde == VE ? 1 : Math.exp(-integral / 2);
      double std =
          sde == VE
              ? 0.01 * Math.pow(5000, u)
              : sde == VP ? Math.sqrt(1 - Math.exp(-integral)) : 1 - Math.exp(-integral);
      double beta = (0.1 + 19.9 * i / (n - 1)) / n;
      double betaU = 0.1 + 19.9 * u;
      double mu = 0.3 * alpha;
      double total = 0.04 * alpha * alpha + std * std;
      for (int j = 0; j < moves; j++) {
        double scale = sde == VE ? 1 : 1 - beta;
        double square = (v + (m - mu) * (m - mu)) / (total * total);
        double size = 2 * scale * 0.01 * (corrector.equals("ald") ? std * std : 1 / square);
        double a = 1 - size / total;
        m = mu + a * (m - mu);
        v = a * a * v + 2 * size;
      }
      double sigma = 0.01 * Math.pow(5000, i / (n - 1.0));
      double below = i == 0 ? 0 : 0.01 * Math.pow(5000, (i - 1) / (n - 1.0));
      double diffusion2 = betaU;
      if (sde == VE) {
        diffusion2 = std * std * 2 * Math.log(5000);
      } else if (sde == SUB_VP) {
        diffusion2 = betaU * (1 - Math.exp(-2 * integral));
      }
      double state;
      double gain;
      double noise;
      if (kind.equals("em")) {
        state = sde == VE ? 1 : 1 + betaU / 2 / n;
        gain = diffusion2 / n;
        noise = gain;
      } else if (sde == VE) {
        state = 1;
        gain = sigma * sigma - below * below;
        noise = kind.equals("rd") ? gain : below * below * gain / (sigma * sigma);
      } else if (sde == VP) {
        double root = Math.sqrt(1 - beta);
        state = kind.equals("rd") ? 2 - root : 1 / root;
        gain = kind.equals("rd") ? beta : beta / root;
        noise = beta;
      } else {
        state = 1 + betaU / 2 / n;
        gain = diffusion2 / n;
        noise = gain;
      }
      double share = flow ? gain / 2 : gain;
      m = state * m - share * (m - mu) / total;
      v = Math.pow(state - share / total, 2) * v + (flow || k == n - 1 ? 0 : noise);
    }
    return new double[] {m, v};
  }

  /** On a table of betas, and on any schedule, the steps are those between its levels. */
  @Test
  void levelsAreDiscretisedTheSameWay() {
    DiscreteSchedule table = VP.discrete(50);
    List<NoiseLevel> levels = VP.levels(50);
    DiscreteStep sde = Discretization.of(VP, 50).step(levels.get(20), levels.get(21));
    DiscreteStep between = Discretization.ofLevels().step(table.level(29), table.level(28));
    assertEquals(sde.variance(), between.variance(), 1e-13);
    assertEquals(sde.signal(), between.signal(), 1e-13);
  }
}
