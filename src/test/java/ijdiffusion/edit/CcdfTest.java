package ijdiffusion.edit;

import static ijdiffusion.edit.SdEditTest.DDPM;
import static ijdiffusion.edit.SdEditTest.WHITE;
import static ijdiffusion.edit.SdEditTest.image;
import static ijdiffusion.edit.SdEditTest.mask;
import static ijdiffusion.edit.SdEditTest.path;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.model.TestNoise;
import ijdiffusion.sampling.FieldPredictor;
import ijdiffusion.sampling.KnownRegion;
import ijdiffusion.sampling.LowPass;
import ijdiffusion.sampling.Matrices;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Partial diffusion under a constraint on the data. */
class CcdfTest {
  @Test
  void ccdfWithAMaskIsTheKnownRegion() {
    Tensor y = image();
    Tensor x =
        new SdEdit(DDPM, path(50), 0.2, 1)
            .run(WHITE, y, new KnownRegion(y, mask()), TestNoise.sm42(), Monitor.NONE);
    TestNoise counted = TestNoise.sm42();
    new SdEdit(DDPM, path(50), 0.2, 1)
        .run(WHITE, y, new KnownRegion(y, mask()), counted, Monitor.NONE);
    assertEquals(1 + 10 + 9, counted.draws());
    for (int i = 0; i < x.data().length; i++) {
      assertEquals(mask().data()[i % 24] == 1, x.data()[i] == y.data()[i]);
    }
  }

  /**
   * CCDF for super-resolution on a correlated field: the block means stay those of the measurement,
   * and the mean of the result, propagated exactly, is nearer to the true conditional mean than the
   * replicated measurement it started from.
   */
  @Test
  void ccdfForSuperResolution() {
    int n = 16;
    FieldPredictor field =
        new FieldPredictor(new double[n], FieldPredictor.autoregressive(0.25, 0.9, 4, 4));
    LowPassFilter phi = LowPassFilter.blockMean(4, 4, 2);
    double[][] p = Matrices.of(phi, 4, 4);
    double[] truth = new double[n];
    for (int i = 0; i < n; i++) {
      truth[i] = 0.6 * Math.sin(i / 2.0);
    }
    double[] measured = Matrices.times(p, truth);
    Tensor guide = new Tensor(new Shape(1, 1, 4, 4));
    for (int i = 0; i < n; i++) {
      guide.data()[i] = (float) measured[i];
    }
    SdEdit ccdf = new SdEdit(DDPM, path(200), 0.2, 1);
    LowPass consistent = new LowPass(phi, guide, LowPass.Variant.PAPER, NoiseLevel.CLEAN);
    Tensor sample = ccdf.run(field, guide, consistent, KeyedNoise.of(1), Monitor.NONE);
    Tensor coarse = new Tensor(guide.shape());
    phi.apply(sample, coarse);
    assertArrayEquals(guide.data(), coarse.data(), 1e-6f);

    List<NoiseLevel> levels = ccdf.trajectory().orElseThrow().levels();
    assertEquals(41, levels.size());
    double[] mean = new double[n];
    for (int i = 0; i < n; i++) {
      mean[i] = levels.get(0).alpha() * measured[i];
    }
    double[][] rest = Matrices.sum(1, Matrices.identity(n), -1, p);
    for (int k = 1; k < levels.size(); k++) {
      NoiseLevel t = levels.get(k - 1);
      NoiseLevel s = levels.get(k);
      double varT = 1 - t.alphaBar();
      double[][] x0 =
          Matrices.times(field.covariance(), Matrices.inverse(field.stateCovariance(t)));
      double[][] step =
          Matrices.sum(
              s.alpha() * (1 - t.alphaBar() / s.alphaBar()) / varT * t.alpha(),
              x0,
              t.alpha() / s.alpha() * (1 - s.alphaBar()) / varT,
              Matrices.identity(n));
      mean = Matrices.times(rest, Matrices.times(step, mean));
      for (int i = 0; i < n; i++) {
        mean[i] += s.alpha() * measured[i];
      }
    }
    float[] run = ccdf.run(field, guide, consistent, TestNoise.zero(), Monitor.NONE).data();
    for (int i = 0; i < n; i++) {
      assertEquals(mean[i], run[i], 1e-5);
    }
    // S P (P S P)^+ y, the pseudo-inverse on the space of images that are constant on blocks
    double[][] covariance = field.covariance();
    double[][] inside = Matrices.sum(1, Matrices.around(p, covariance), 1, rest);
    double[] conditional =
        Matrices.times(
            Matrices.times(Matrices.times(covariance, p), Matrices.inverse(inside)), measured);
    double before = 0;
    double after = 0;
    for (int i = 0; i < n; i++) {
      before += Math.pow(measured[i] - conditional[i], 2);
      after += Math.pow(mean[i] - conditional[i], 2);
    }
    assertTrue(after < 0.5 * before, "from " + before + " to " + after);
  }
}
