package ijdiffusion.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterizationTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final Shape SHAPE = new Shape(1, 1, 1, 4);
  private static final float[] X0 = {-0.9f, 0, 0.25f, 1};
  private static final float[] EPS = {1.5f, -0.3f, 0, 2};

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 500, 900})
  void everyOutputGivesTheNoiseAndImageItWasMadeFrom(int t) {
    NoiseLevel level = LINEAR.level(t);
    double a = level.alpha();
    double s = level.sigma();
    assertRecovers(Parameterization.EPSILON, level, (x0, eps) -> eps);
    assertRecovers(Parameterization.X0, level, (x0, eps) -> x0);
    assertRecovers(Parameterization.V, level, (x0, eps) -> a * eps - s * x0);
    assertRecovers(Parameterization.SCORE, level, (x0, eps) -> -eps / s);
    assertRecovers(Parameterization.SCORE_TIMES_SIGMA, level, (x0, eps) -> -eps);
    for (double d : new double[] {0.2, 0.5, 1}) {
      assertRecovers(new EdmPreconditioning(d), level, edm(level, d));
    }
  }

  /** F = (x_0 - c_skip y) / c_out, as the paper has it. */
  private static DoubleBinaryOperator edm(NoiseLevel level, double d) {
    double s = level.noiseToSignal();
    double skip = d * d / (s * s + d * d);
    double out = s * d / Math.sqrt(s * s + d * d);
    return (x0, eps) -> (x0 - skip * (x0 + s * eps)) / out;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.5, 1, 50})
  void outputsBesideASignalThatKeepsItsScale(double sigma) {
    NoiseLevel level = new NoiseLevel(0, 1, sigma);
    assertRecovers(Parameterization.EPSILON, level, (x0, eps) -> eps);
    assertRecovers(Parameterization.X0, level, (x0, eps) -> x0);
    assertRecovers(Parameterization.SCORE, level, (x0, eps) -> -eps / sigma);
    assertRecovers(Parameterization.SCORE_TIMES_SIGMA, level, (x0, eps) -> -eps);
    assertRecovers(new EdmPreconditioning(0.5), level, edm(level, 0.5));
  }

  @Test
  void scoreOfAGaussianIsMinusTheDeviationByTheVariance() {
    // x_t ~ N(alpha m, alpha^2 v + sigma^2), preserving, sub-preserving and exploding
    for (NoiseLevel level :
        new NoiseLevel[] {
          LINEAR.level(3),
          LINEAR.level(700),
          new NoiseLevel(0.5, 0.6, 0.64),
          new NoiseLevel(2, 1, 9)
        }) {
      Tensor x = new Tensor(SHAPE, new float[] {-1.5f, -0.2f, 0.3f, 2});
      Prediction expected = new Prediction(SHAPE, false);
      new GaussianPredictor(0.3, 0.04).predict(x, level, expected);
      double variance = level.alphaBar() * 0.04 + level.sigma() * level.sigma();
      Prediction out = new Prediction(SHAPE, false);
      for (int i = 0; i < 4; i++) {
        out.eps().data()[i] = (float) (-(x.data()[i] - level.alpha() * 0.3) / variance);
      }
      Parameterization.SCORE.toPrediction(x, level, out);
      assertArrayEquals(expected.eps().data(), out.eps().data(), 1e-6f);
      float room = (float) (1e-6 * Math.max(1, level.noiseToSignal()));
      assertArrayEquals(expected.x0().data(), out.x0().data(), room);
    }
  }

  @Test
  void edmOfUnitDataIsMinusV() {
    NoiseLevel level = LINEAR.level(400);
    Tensor x = new Tensor(SHAPE, new float[] {-1.5f, -0.2f, 0.3f, 2});
    Prediction v = new Prediction(SHAPE, false);
    Prediction f = new Prediction(SHAPE, false);
    for (int i = 0; i < 4; i++) {
      v.eps().data()[i] = EPS[i];
      f.eps().data()[i] = -EPS[i];
    }
    Parameterization.V.toPrediction(x, level, v);
    new EdmPreconditioning(1).toPrediction(x, level, f);
    assertArrayEquals(v.x0().data(), f.x0().data(), 1e-6f);
    assertArrayEquals(v.eps().data(), f.eps().data(), 1e-6f);
    assertEquals(1, new EdmPreconditioning(1).inputScale(level), 1e-15);
  }

  @Test
  void inputScales() {
    NoiseLevel level = LINEAR.level(400);
    for (Parameterization plain : Parameterization.values()) {
      assertEquals(1, plain.inputScale(level));
    }
    EdmPreconditioning edm = new EdmPreconditioning(0.5);
    // c_in of a state beside a signal of scale 1
    assertEquals(1 / Math.sqrt(4 + 0.25), edm.inputScale(new NoiseLevel(0, 1, 2)), 1e-15);
    double s = level.noiseToSignal();
    double expected = 1 / Math.sqrt(s * s + 0.25) / level.alpha();
    assertEquals(expected, edm.inputScale(level), 1e-14);
  }

  @Test
  void pureNoise() {
    NoiseLevel level = new NoiseLevel(999, 0, 1);
    assertFalse(Parameterization.EPSILON.knowsPureNoise());
    assertFalse(Parameterization.SCORE.knowsPureNoise());
    assertFalse(Parameterization.SCORE_TIMES_SIGMA.knowsPureNoise());
    for (OutputMeaning meaning : List.of(Parameterization.X0, Parameterization.V)) {
      assertTrue(meaning.knowsPureNoise());
      int sign = meaning == Parameterization.V ? -1 : 1;
      assertRecovers(meaning, level, (x0, eps) -> sign * x0);
    }
    EdmPreconditioning edm = new EdmPreconditioning(0.5);
    assertTrue(edm.knowsPureNoise());
    assertRecovers(edm, level, (x0, eps) -> x0 / 0.5);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void dataWithoutDeviationIsRefused(double d) {
    DiffusionException e = assertThrows(DiffusionException.class, () -> new EdmPreconditioning(d));
    assertEquals("sigma_data is " + d + ", but must be above 0.", e.getMessage());
  }

  private static void assertRecovers(
      OutputMeaning parameterization, NoiseLevel level, DoubleBinaryOperator output) {
    Tensor x = new Tensor(SHAPE);
    Prediction out = new Prediction(SHAPE, false);
    for (int i = 0; i < X0.length; i++) {
      x.data()[i] = (float) (level.alpha() * X0[i] + level.sigma() * EPS[i]);
      out.eps().data()[i] = (float) output.applyAsDouble(X0[i], EPS[i]);
    }
    float[] before = x.data().clone();
    parameterization.toPrediction(x, level, out);
    // the one that was not given is a difference of floats divided by alpha or sigma
    double scale = Math.max(1, level.sigma());
    double signal = level.alpha() == 0 ? 1 : level.alpha();
    float tolerance = (float) (1e-6 * scale / Math.min(signal, level.sigma()));
    assertArrayEquals(X0, out.x0().data(), tolerance, parameterization + " x0");
    assertArrayEquals(EPS, out.eps().data(), tolerance, parameterization + " eps");
    assertArrayEquals(before, x.data(), "the state is left as it is");
  }

  @Test
  void clippingLimitsTheImageAndDerivesTheNoiseAnew() {
    NoiseLevel level = LINEAR.level(300);
    Tensor x = new Tensor(SHAPE, new float[] {-1.5f, -0.2f, 0.3f, 2});
    NoisePredictor raw = new GaussianPredictor(0, 4);
    Prediction unclipped = new Prediction(SHAPE, false);
    raw.predict(x, level, unclipped);
    Prediction clipped = new Prediction(SHAPE, false);
    raw.clipped(-0.5, 0.75).predict(x, level, clipped);
    int limited = 0;
    for (int i = 0; i < 4; i++) {
      double x0 = Math.max(-0.5, Math.min(0.75, unclipped.x0().data()[i]));
      limited += x0 == unclipped.x0().data()[i] ? 0 : 1;
      assertEquals(x0, clipped.x0().data()[i]);
      double eps = (x.data()[i] - level.alpha() * x0) / level.sigma();
      assertEquals(eps, clipped.eps().data()[i], 1e-6);
    }
    assertEquals(2, limited, "the case has values inside and outside the range");
  }

  @Test
  void clippingPassesTheVarianceOn() {
    NoisePredictor clipped = new DummyPredictor(Parameterization.EPSILON, 0.5).clipped(-1, 1);
    assertTrue(clipped.predictsVariance());
    Prediction out = new Prediction(SHAPE, true);
    clipped.predict(new Tensor(SHAPE), LINEAR.level(10), out);
    assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f, 0.5f}, out.variance().data());
  }

  @Test
  void emptyClippingRangeIsRefused() {
    NoisePredictor predictor = new GaussianPredictor(0, 1);
    assertThrows(IllegalArgumentException.class, () -> predictor.clipped(1, 1));
    assertThrows(IllegalArgumentException.class, () -> predictor.clipped(Double.NaN, 1));
  }

  @Test
  void aPredictionWithoutVarianceSaysSo() {
    Prediction out = new Prediction(SHAPE, false);
    assertThrows(IllegalStateException.class, out::variance);
  }
}
