package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import ijdiffusion.model.TestNoise;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.tensor.Reference;
import org.junit.jupiter.api.Test;

/**
 * RePaint is not exact: on two pixels with correlation 0.8 the unknown one should come out as
 * N(0.8, 0.09) given a known 1, but plain replacement reaches 0.49. How far off it is, is known
 * exactly. Runs are affine here, so mean and variance are measured without random numbers: the
 * variance is the sum of the squared responses to each single draw.
 */
class RePaintBiasTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  @Test
  void biasIsThatOfTheAuthorsLoop() {
    JsonArray rows =
        Reference.load("gaussian_conditional").getAsJsonObject("repaint_2d").getAsJsonArray("rows");
    assertEquals(2, rows.size());
    for (JsonElement element : rows) {
      JsonObject row = element.getAsJsonObject();
      int resamplings = row.get("jump_n_sample").getAsInt();
      RePaint repaint =
          new RePaint(row.get("n").getAsInt(), row.get("jump_length").getAsInt(), resamplings, 1);
      assertEquals(row.get("nfe").getAsInt(), repaint.networkCalls());

      TestNoise zero = TestNoise.zero();
      float[] mean = CorrelatedPair.inpaint(repaint.trajectory(LINEAR), 1, 1, zero);
      assertEquals(row.get("known_mean").getAsDouble(), mean[0], 1e-5, "known mean");
      assertEquals(row.get("coef").getAsDouble(), mean[1], 1e-5, "coefficient");

      float[] responses =
          CorrelatedPair.inpaint(
              repaint.trajectory(LINEAR), 0, 2 * zero.draws(), TestNoise.impulses());
      double known = 0;
      double unknown = 0;
      for (int i = 0; i < responses.length; i += 2) {
        known += (double) responses[i] * responses[i];
        unknown += (double) responses[i + 1] * responses[i + 1];
      }
      double knownVar = row.get("known_var").getAsDouble();
      assertEquals(knownVar, known, 1e-3 * knownVar, "known variance, r = " + resamplings);
      double unknownVar = row.get("var").getAsDouble();
      assertEquals(unknownVar, unknown, 1e-4 * unknownVar, "variance, r = " + resamplings);
    }
  }

  @Test
  void resamplingBringsTheMeanNearerToTheTruth() {
    double before = 0;
    for (int resamplings : new int[] {1, 2, 5, 20}) {
      double mean =
          CorrelatedPair.inpaint(
              new RePaint(250, 10, resamplings, 1).trajectory(LINEAR), 1, 1, TestNoise.zero())[1];
      assertTrue(mean > before && mean < 0.8, resamplings + ": " + before + " " + mean);
      before = mean;
    }
  }
}
