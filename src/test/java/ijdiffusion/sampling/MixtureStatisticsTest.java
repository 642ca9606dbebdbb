package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import ijdiffusion.model.MixturePredictor;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Samples of a two-peaked distribution, where runs are not affine. The reference is another
 * program's run with the same number of steps, not the distribution itself: few steps come out too
 * narrow.
 */
class MixtureStatisticsTest {
  private static final int PIXELS = 131_072;

  @ParameterizedTest
  @CsvSource({"100, 0", "100, 1", "50, 0", "20, 0", "10, 0"})
  void samplesHaveTheReferenceStatistics(int steps, int eta) {
    JsonObject row =
        Reference.load("onnx_fixture_points")
            .getAsJsonObject("gmm_mc")
            .getAsJsonObject("steps" + steps + "_eta" + eta);
    Tensor x = new Tensor(new Shape(1, 1, 256, PIXELS / 256));
    NoiseSource noise = KeyedNoise.of(11);
    noise.next(x);
    Trajectory path =
        Trajectory.down(DiscreteSchedule.linear(1000, 1e-4, 0.02), Grids.leading(1000, steps));
    new ReverseProcess(MixturePredictor.REFERENCE, new Ddim(eta), Constraint.NONE, path)
        .run(x, noise, Monitor.NONE);

    Moments negative = new Moments();
    Moments positive = new Moments();
    for (float v : x.data()) {
      (v < 0 ? negative : positive).add(v);
    }
    assertEquals(row.get("p_neg").getAsDouble(), (double) negative.n / PIXELS, 0.01, "p_neg");
    assertEquals(row.get("mean_neg").getAsDouble(), negative.mean(), 0.01, "mean_neg");
    assertEquals(row.get("mean_pos").getAsDouble(), positive.mean(), 0.01, "mean_pos");
    assertEquals(row.get("std_neg").getAsDouble(), negative.deviation(), 0.005, "std_neg");
    assertEquals(row.get("std_pos").getAsDouble(), positive.deviation(), 0.005, "std_pos");
  }

  private static final class Moments {
    int n;
    double sum;
    double squares;

    void add(double v) {
      n++;
      sum += v;
      squares += v * v;
    }

    double mean() {
      return sum / n;
    }

    double deviation() {
      return Math.sqrt(squares / n - mean() * mean());
    }
  }
}
