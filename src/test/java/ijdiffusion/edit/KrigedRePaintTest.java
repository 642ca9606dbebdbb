package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.sampling.DpmSolverPp;
import ijdiffusion.sampling.FieldPredictor;
import ijdiffusion.sampling.KrigedPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;

/** With the exact predictor of smooth Gaussian images that a camera has added noise to. */
class KrigedRePaintTest {
  private static final int SIDE = 16;
  private static final int SAMPLES = 120;
  private static final double CAMERA = 0.015; // of the range, as measured on real images
  private static final double LIMIT = 1.5; // three standard deviations
  private static final FieldPredictor EXACT =
      new FieldPredictor(new double[SIDE * SIDE], covariance());
  private static final DpmSolverPp SOLVER = DpmSolverPp.sde(2);
  private static final Trajectory PATH =
      new FocusedResampling(20, 1, 1).trajectory(DiscreteSchedule.linear(1000, 1e-4, 0.02), false);

  private final Tensor mask = new Tensor(new Shape(1, 1, SIDE, SIDE));
  private final Tensor image;

  KrigedRePaintTest() {
    for (int i = 0; i < SIDE * SIDE; i++) {
      mask.data()[i] = isHole(i % SIDE, i / SIDE) ? 0 : 1;
    }
    Tensor z = new Tensor(new Shape(1, 1, SIDE, SIDE));
    KeyedNoise.of(77).next(z);
    double[] white = new double[SIDE * SIDE];
    for (int i = 0; i < white.length; i++) {
      white[i] = z.data()[i];
    }
    double[] drawn =
        new CholeskyDecomposition(MatrixUtils.createRealMatrix(covariance())).getL().operate(white);
    for (int i = 0; i < white.length; i++) {
      z.data()[i] = mask.data()[i] == 1 ? (float) drawn[i] : Float.NaN;
    }
    image = z.repeat(SAMPLES);
  }

  private static boolean isHole(int x, int y) {
    return x >= 4 && x < 12 && y >= 4 && y < 12;
  }

  private static double[][] covariance() {
    double[][] c = new double[SIDE * SIDE][SIDE * SIDE];
    for (int i = 0; i < c.length; i++) {
      for (int j = 0; j < c.length; j++) {
        double distance = Math.hypot(i % SIDE - j % SIDE, i / SIDE - j / SIDE);
        c[i][j] = 0.25 * Math.exp(-distance * distance / 128) + (i == j ? CAMERA * CAMERA : 0);
      }
    }
    return c;
  }

  private Tensor run(double grain, double limit) {
    return new KrigedRePaint(PATH, SOLVER, grain, -limit, limit)
        .run(EXACT, image, mask, KeyedNoise.of(5), Monitor.NONE);
  }

  /**
   * Standard deviation of a pixel less the mean of its left and right neighbours in the hole, as a
   * multiple of what camera noise makes of it: smooth parts cancel.
   */
  private static double detail(Tensor made) {
    double sum = 0;
    int count = 0;
    for (int start = 0; start < made.data().length; start += SIDE * SIDE) {
      for (int y = 4; y < 12; y++) {
        for (int x = 5; x < 11; x++) {
          int i = start + y * SIDE + x;
          double d = made.data()[i] - 0.5 * (made.data()[i - 1] + made.data()[i + 1]);
          sum += d * d;
          count++;
        }
      }
    }
    return Math.sqrt(sum / count / 1.5) / CAMERA;
  }

  @Test
  void theNoiseOfTheCameraGoesOnInTheHole() {
    double smooth = detail(run(0, LIMIT));
    double grainy = detail(run(1, LIMIT));
    assertTrue(smooth < 0.8, "without grain: " + smooth);
    assertEquals(1, grainy, 0.1, "with grain");
  }

  @Test
  void withoutGrainAndLimitsItIsRePaintWithTheKrigedNetwork() {
    Tensor expected =
        RePaint.run(
            new KrigedPredictor(EXACT, image, mask),
            PATH,
            SOLVER,
            image,
            mask,
            KeyedNoise.of(5),
            Monitor.NONE);
    assertArrayEquals(expected.data(), run(0, Double.POSITIVE_INFINITY).data());
  }

  @Test
  void knownPixelsStayAndOthersKeepWithinLimits() {
    double limit = 0.3;
    float[] made = run(1, limit).data();
    int atLimit = 0;
    for (int i = 0; i < made.length; i++) {
      if (mask.data()[i % mask.data().length] == 1) {
        assertEquals(image.data()[i], made[i]);
      } else {
        assertTrue(Math.abs(made[i]) <= (float) limit, "pixel " + i + " is " + made[i]);
        atLimit += Math.abs(made[i]) == (float) limit ? 1 : 0;
      }
    }
    assertTrue(atLimit > 0, "no pixel was limited");
  }

  @Test
  void moreGrainThanThereIsIsRefused() {
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> new KrigedRePaint(PATH, SOLVER, 1.5, -1, 1));
    assertEquals("grain is 1.5, but must be from 0.0 to 1.0.", e.getMessage());
  }
}
