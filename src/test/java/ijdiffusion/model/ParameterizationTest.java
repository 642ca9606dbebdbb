package ijdiffusion.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
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
  }

  private static void assertRecovers(
      Parameterization parameterization, NoiseLevel level, DoubleBinaryOperator output) {
    Tensor x = new Tensor(SHAPE);
    Prediction out = new Prediction(SHAPE, false);
    for (int i = 0; i < X0.length; i++) {
      x.data()[i] = (float) (level.alpha() * X0[i] + level.sigma() * EPS[i]);
      out.eps().data()[i] = (float) output.applyAsDouble(X0[i], EPS[i]);
    }
    float[] before = x.data().clone();
    parameterization.toPrediction(x, level, out);
    // the one that was not given is a difference of floats divided by alpha or sigma
    float tolerance = (float) (1e-6 / Math.min(level.alpha(), level.sigma()));
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

  @Test
  void timeInputs() {
    // alpha-bar_500 of the linear schedule, from the reference table
    double alphaBar = 0.07779665836502389;
    NoiseLevel level = LINEAR.level(500);
    assertEquals(500, TimeInput.INDEX.value(level));
    assertEquals(alphaBar, TimeInput.ALPHA_BAR.value(level), 1e-12);
    assertEquals(Math.sqrt(alphaBar), TimeInput.SQRT_ALPHA_BAR.value(level), 1e-12);
    assertEquals(Math.sqrt(1 / alphaBar - 1), TimeInput.SIGMA.value(level), 1e-12);
  }
}
