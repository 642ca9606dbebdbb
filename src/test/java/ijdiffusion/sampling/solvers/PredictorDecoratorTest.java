package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Clipping that keeps eps, and dynamic thresholding. */
class PredictorDecoratorTest {
  private static final NoiseLevel LEVEL = new NoiseLevel(7, 0.8, 0.6);
  private static final JsonObject REFERENCE =
      Reference.load("analytic_and_tables").getAsJsonObject("dynamic_threshold");

  /** Says that x_0 is the state itself. */
  private static final NoisePredictor STATE =
      (x, level, out) -> {
        out.x0().set(x);
        out.completeFromX0(x, level);
      };

  @Test
  void clippingKeepsTheNoise() {
    Tensor x = new Tensor(new Shape(1, 1, 1, 4), new float[] {-3, -0.25f, 0.5f, 2});
    Prediction raw = predict(STATE, x);
    Prediction out = predict(STATE.clippedKeepingNoise(-1, 0.75), x);
    assertArrayEquals(new float[] {-1, -0.25f, 0.5f, 0.75f}, out.x0().data());
    assertArrayEquals(raw.eps().data(), out.eps().data());
    assertEquals((-3 + 0.8 * 3) / 0.6, out.eps().data()[0], 1e-6);
  }

  @Test
  void emptyClippingRangeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> STATE.clippedKeepingNoise(1, 1));
    assertThrows(IllegalArgumentException.class, () -> STATE.clippedKeepingNoise(0, Double.NaN));
  }

  @Test
  void thresholdingIsTheReference() {
    double[] values = Reference.doubles(REFERENCE.get("x"));
    double ratio = REFERENCE.get("ratio").getAsDouble();
    Tensor x = row(values);
    Prediction out = predict(STATE.thresholded(ratio, 2), x);
    double[] expected = Reference.doubles(REFERENCE.get("out_max2"));
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], out.x0().data()[i], 2e-5);
      assertEquals((values[i] - 0.8 * expected[i]) / 0.6, out.eps().data()[i], 2e-5, "eps anew");
    }
    // without a limit the threshold is the quantile itself
    double quantile = REFERENCE.get("quantile_linear_interp").getAsDouble();
    Prediction free = predict(STATE.thresholded(ratio, Double.POSITIVE_INFINITY), x);
    assertEquals(-3 / quantile, free.x0().data()[0], 1e-6);
    assertEquals(0.5 / quantile, free.x0().data()[4], 1e-6);
    assertEquals(1, free.x0().data()[7], 1e-6);
  }

  @Test
  void thresholdsOfOneAreClipping() {
    double[] values = Reference.doubles(REFERENCE.get("x"));
    Prediction limited = predict(STATE.thresholded(0.995, 1), row(values));
    Prediction clipped = predict(STATE.clipped(-1, 1), row(values));
    assertArrayEquals(clipped.x0().data(), limited.x0().data());
    // an image inside the range stays as it is
    Prediction small = predict(STATE.thresholded(1, 5), row(-0.5, 0.25, 0.75));
    assertArrayEquals(new float[] {-0.5f, 0.25f, 0.75f}, small.x0().data());
  }

  @Test
  void everyImageHasItsOwnThreshold() {
    Tensor x = new Tensor(new Shape(2, 1, 1, 3), new float[] {4, -2, 1, 0.5f, -2, 1});
    NoisePredictor predictor = STATE.thresholded(1, 10);
    for (int again = 0; again < 2; again++) {
      assertArrayEquals(
          new float[] {1, -0.5f, 0.25f, 0.25f, -1, 0.5f}, predict(predictor, x).x0().data());
    }
    // the workspace follows another size of image
    assertArrayEquals(new float[] {1, 0.5f}, predict(predictor, row(8, 4)).x0().data());
  }

  @Test
  void quantilesAtTheEnds() {
    Tensor x = row(3, -2, 1.5);
    assertEquals(1, predict(STATE.thresholded(0, 10), x).x0().data()[0], 0, "smallest: 1.5");
    assertEquals(1, predict(STATE.thresholded(0, 10), x).x0().data()[2], 1e-6);
    assertEquals(0.5, predict(STATE.thresholded(1, 10), x).x0().data()[2], 1e-6);
    assertEquals(0.75, predict(STATE.thresholded(0.5, 10), x).x0().data()[2], 1e-6);
    assertEquals(1.5 / 1.75, predict(STATE.thresholded(0.25, 1.75), x).x0().data()[2], 1e-6);
  }

  @Test
  void illegalThresholdsAreRefused() {
    for (double ratio : new double[] {-0.01, 1.01, Double.NaN}) {
      assertThrows(DiffusionException.class, () -> STATE.thresholded(ratio, 2));
    }
    assertThrows(DiffusionException.class, () -> STATE.thresholded(0.995, 0.99));
  }

  @Test
  void varianceIsPassedOn() {
    NoisePredictor learned = new DummyPredictor(Parameterization.EPSILON, 0.5);
    NoisePredictor plain = new GaussianPredictor(0, 1);
    assertTrue(learned.clippedKeepingNoise(-1, 1).predictsVariance());
    assertTrue(learned.thresholded(0.995, 2).predictsVariance());
    assertFalse(plain.clippedKeepingNoise(-1, 1).predictsVariance());
    assertFalse(plain.thresholded(0.995, 2).predictsVariance());
  }

  private static Tensor row(double... values) {
    Tensor x = new Tensor(new Shape(1, 1, 1, values.length));
    for (int i = 0; i < values.length; i++) {
      x.data()[i] = (float) values[i];
    }
    return x;
  }

  private static Prediction predict(NoisePredictor predictor, Tensor x) {
    Prediction out = new Prediction(x.shape(), false);
    predictor.predict(x, LEVEL, out);
    return out;
  }
}
