package ijdiffusion.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ijdiffusion.DiffusionException;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplodingStateTest {
  /** x_0 and eps of four pixels. */
  private static final double[][] PIXELS = {{0.2, -1.3}, {0.9, 0.4}, {0, 2.1}, {-0.5, 0}};

  @ParameterizedTest
  @ValueSource(doubles = {0.002, 0.01, 0.7, 50, 1348})
  void everyOutputGivesCleanImageAndNoiseBack(double s) {
    NoiseLevel level = NoiseLevel.variancePreserving(3, s);
    Tensor x = new Tensor(new Shape(1, 1, 2, 2));
    for (int i = 0; i < 4; i++) {
      x.data()[i] = (float) (level.alpha() * PIXELS[i][0] + level.sigma() * PIXELS[i][1]);
    }
    for (Parameterization output : Parameterization.values()) {
      if (output == Parameterization.V) {
        continue;
      }
      ExplodingState seen = new ExplodingState(output);
      assertEquals(Math.sqrt(1 + s * s), seen.inputScale(level), 1e-12 * s + 1e-12);
      assertFalse(seen.knowsPureNoise());
      Prediction out = new Prediction(x.shape(), false);
      for (int i = 0; i < 4; i++) {
        out.eps().data()[i] =
            (float)
                switch (output) {
                  case EPSILON -> PIXELS[i][1];
                  case X0 -> PIXELS[i][0];
                  // the gradient of -(y - x_0)^2 / (2 s^2) by y = x_0 + s eps
                  case SCORE -> -PIXELS[i][1] / s;
                  case SCORE_TIMES_SIGMA -> -PIXELS[i][1];
                  case V -> throw new AssertionError();
                };
      }
      seen.toPrediction(x, level, out);
      for (int i = 0; i < 4; i++) {
        // some roundings of 32-bit numbers up to 2.1; and what those of x_t do to the other one
        double room = 6e-7;
        double epsRoom = output == Parameterization.X0 ? room * (1 + 1 / s) : room;
        double imageRoom = output == Parameterization.X0 ? room : room * (1 + s);
        assertEquals(PIXELS[i][1], out.eps().data()[i], epsRoom, output + " eps");
        assertEquals(PIXELS[i][0], out.x0().data()[i], imageRoom, output + " x0");
      }
    }
  }

  @Test
  void vBelongsToPreservingStates() {
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> new ExplodingState(Parameterization.V));
    assertEquals(
        "v is made of signal and noise of a variance-preserving state, so the network cannot see a"
            + " variance-exploding one.",
        e.getMessage());
  }
}
