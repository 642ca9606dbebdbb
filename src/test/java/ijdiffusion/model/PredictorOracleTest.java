package ijdiffusion.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The test doubles themselves: against the fixture points, and against each other. */
class PredictorOracleTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  @Test
  void gaussianGivesTheReferencePoints() {
    assertPoints("gauss", new GaussianPredictor(0.3, 0.04));
  }

  @Test
  void mixtureGivesTheReferencePoints() {
    assertPoints("gmm", MixturePredictor.REFERENCE);
  }

  @Test
  void mixtureOfEqualPartsIsAGaussian() {
    assertAgree(
        new MixturePredictor(0.3, 0.2, 0.2, 0.09), new GaussianPredictor(0.2, 0.09), LINEAR);
  }

  @Test
  void correlatedPixelsWithoutCorrelationAreIndependent() {
    assertAgree(new CorrelatedPredictor(0.25, 0), new GaussianPredictor(0, 0.25), LINEAR);
  }

  @Test
  void correlatedPixelsHaveIndependentSumAndDifference() {
    // along (1, 1) the variance is 0.25 * 1.8, along (1, -1) it is 0.25 * 0.2
    NoisePredictor pair = new CorrelatedPredictor(0.25, 0.8);
    NoiseLevel level = LINEAR.level(400);
    for (double sign : new double[] {1, -1}) {
      Tensor x = new Tensor(new Shape(1, 1, 1, 2), new float[] {0.7f, (float) (sign * 0.7)});
      Prediction expected = predict(new GaussianPredictor(0, 0.25 * (1 + sign * 0.8)), x, level);
      assertClose(expected.eps(), predict(pair, x, level).eps(), 1e-6);
    }
  }

  private static void assertPoints(String key, NoisePredictor predictor) {
    JsonObject reference = Reference.load("onnx_fixture_points");
    JsonObject points = reference.getAsJsonObject("points");
    double[] xs = Reference.doubles(points.get("x"));
    int[] ts = Reference.ints(points.get("t"));
    Tensor x = new Tensor(new Shape(1, 1, 1, xs.length));
    for (int j = 0; j < xs.length; j++) {
      x.data()[j] = (float) xs[j];
    }
    for (int i = 0; i < ts.length; i++) {
      double[] expected = Reference.doubles(reference.getAsJsonArray(key).get(i));
      Prediction out = predict(predictor, x, LINEAR.level(ts[i]));
      for (int j = 0; j < xs.length; j++) {
        // at t = 0 the value of x itself is known to 1e-7 only, and eps = x / 0.04 there
        assertEquals(expected[j], out.eps().data()[j], 5e-6, key + " t=" + ts[i] + " x=" + xs[j]);
      }
    }
  }

  private static void assertAgree(NoisePredictor a, NoisePredictor b, DiscreteSchedule schedule) {
    Tensor x = new Tensor(new Shape(2, 1, 1, 2), new float[] {-2, -0.1f, 0.4f, 3});
    for (int t : new int[] {0, 7, 300, 999}) {
      NoiseLevel level = schedule.level(t);
      assertClose(predict(a, x, level).eps(), predict(b, x, level).eps(), 1e-6);
    }
  }

  private static Prediction predict(NoisePredictor predictor, Tensor x, NoiseLevel level) {
    Prediction out = new Prediction(x.shape(), false);
    predictor.predict(x, level, out);
    return out;
  }

  private static void assertClose(Tensor expected, Tensor actual, double relative) {
    for (int i = 0; i < expected.data().length; i++) {
      double e = expected.data()[i];
      assertEquals(e, actual.data()[i], relative * Math.max(1, Math.abs(e)), "value " + i);
    }
  }
}
