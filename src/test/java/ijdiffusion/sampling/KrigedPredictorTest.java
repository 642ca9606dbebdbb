package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.edit.FocusedResampling;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Filling of a hole in Gaussian images with the exact predictor: how near samples come to the
 * distribution that the known pixels leave.
 */
class KrigedPredictorTest {
  private static final int SIDE = 16;
  private static final int IMAGES = 6;
  private static final int SAMPLES = 80; // of each
  private static final double VARIANCE = 0.25;
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final FieldPredictor EXACT =
      new FieldPredictor(new double[SIDE * SIDE], covariance());

  private static final Tensor MASK = mask();
  private static final int[] HOLE = where(0);
  private static final int[] KNOWN = where(1);

  /** 0.25 exp(-distance / 20). */
  private static double[][] covariance() {
    double[][] c = new double[SIDE * SIDE][SIDE * SIDE];
    for (int i = 0; i < c.length; i++) {
      for (int j = 0; j < c.length; j++) {
        double distance = Math.hypot(i % SIDE - j % SIDE, i / SIDE - j / SIDE);
        c[i][j] = VARIANCE * Math.exp(-distance / 20);
      }
    }
    return c;
  }

  private static Tensor mask() {
    Tensor mask = new Tensor(new Shape(1, 1, SIDE, SIDE));
    for (int i = 0; i < SIDE * SIDE; i++) {
      boolean inside = i % SIDE >= 5 && i % SIDE < 11 && i / SIDE >= 5 && i / SIDE < 11;
      mask.data()[i] = inside ? 0 : 1;
    }
    return mask;
  }

  private static int[] where(float value) {
    return IntStream.range(0, SIDE * SIDE).filter(i -> MASK.data()[i] == value).toArray();
  }

  /** Images from the distribution, their holes full of NaN. */
  private static Tensor images() {
    Tensor y = new Tensor(new Shape(IMAGES, 1, SIDE, SIDE));
    KeyedNoise.of(77).next(y);
    RealMatrix root =
        new CholeskyDecomposition(MatrixUtils.createRealMatrix(EXACT.covariance())).getL();
    for (int n = 0; n < IMAGES; n++) {
      double[] drawn = root.operate(values(y, n, IntStream.range(0, SIDE * SIDE).toArray()));
      for (int i = 0; i < drawn.length; i++) {
        y.data()[n * SIDE * SIDE + i] = (float) drawn[i];
      }
      for (int i : HOLE) {
        y.data()[n * SIDE * SIDE + i] = Float.NaN;
      }
    }
    return y;
  }

  private static double[] values(Tensor x, int n, int[] pixels) {
    return Arrays.stream(pixels).mapToDouble(i -> x.data()[n * SIDE * SIDE + i]).toArray();
  }

  private static double[][] part(int[] rows, int[] columns) {
    double[][] s = new double[rows.length][columns.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        s[i][j] = EXACT.covariance()[rows[i]][columns[j]];
      }
    }
    return s;
  }

  private static Tensor run(Tensor image, boolean kriged, Trajectory path) {
    Tensor y = image.repeat(SAMPLES);
    NoisePredictor network = kriged ? new KrigedPredictor(EXACT, y, MASK) : EXACT;
    Tensor x = new Tensor(y.shape());
    NoiseSource noise = KeyedNoise.of(5);
    noise.next(x);
    new ReverseProcess(network, DpmSolverPp.sde(2), new KnownRegion(y, MASK), path)
        .run(x, noise, Monitor.NONE);
    return x;
  }

  /** Mean of each image's samples at the pixels of the hole, [image][pixel]. */
  private static double[][] means(Tensor samples) {
    double[][] means = new double[IMAGES][HOLE.length];
    for (int n = 0; n < IMAGES * SAMPLES; n++) {
      double[] sample = values(samples, n, HOLE);
      for (int k = 0; k < sample.length; k++) {
        means[n % IMAGES][k] += sample[k] / SAMPLES;
      }
    }
    return means;
  }

  /** Root mean square over the holes, in units of the images' standard deviation. */
  private static double distance(double[][] a, double[][] b) {
    double sum = 0;
    for (int n = 0; n < IMAGES; n++) {
      for (int k = 0; k < HOLE.length; k++) {
        sum += Math.pow(a[n][k] - b[n][k], 2) / IMAGES / HOLE.length;
      }
    }
    return Math.sqrt(sum / VARIANCE);
  }

  private static double variance(Tensor samples) {
    double[][] means = means(samples);
    double sum = 0;
    for (int n = 0; n < IMAGES * SAMPLES; n++) {
      double[] sample = values(samples, n, HOLE);
      for (int k = 0; k < HOLE.length; k++) {
        sum += Math.pow(sample[k] - means[n % IMAGES][k], 2);
      }
    }
    return sum / HOLE.length / IMAGES / (SAMPLES - 1);
  }

  /**
   * Straight down, and on the path of the preset balanced.
   *
   * @param nearer the mean of the samples is nearer to the true one by this factor at least
   */
  @ParameterizedTest
  @CsvSource({"20, 1, 1, 0.4", "16, 3, 5, 0.45"})
  void samplesComeNearerToTheDistributionGivenTheKnownPixels(
      int steps, int jump, int resamplings, double nearer) {
    Tensor images = images();
    double[][] weights = Matrices.times(part(HOLE, KNOWN), Matrices.inverse(part(KNOWN, KNOWN)));
    double[][] truth = new double[IMAGES][];
    for (int n = 0; n < IMAGES; n++) {
      truth[n] = Matrices.times(weights, values(images, n, KNOWN));
    }
    double[][] explained = Matrices.times(weights, part(KNOWN, HOLE));
    double left = 0;
    for (int k = 0; k < HOLE.length; k++) {
      left += (VARIANCE - explained[k][k]) / HOLE.length;
    }
    Trajectory path = new FocusedResampling(steps, jump, resamplings).trajectory(LINEAR, false);
    Tensor kriged = run(images, true, path);
    double off = distance(means(kriged), truth);
    double offWithout = distance(means(run(images, false, path)), truth);
    String figures =
        String.format(
            "mean off by %.3f, without kriging %.3f; variance %.5f for %.5f",
            off, offWithout, variance(kriged), left);
    assertTrue(off < nearer * offWithout, figures);
    assertEquals(1, variance(kriged) / left, 0.15, figures);
  }

  @Test
  void knownPixelsAreLeftToTheConstraint() {
    Tensor y = images();
    Tensor x = new Tensor(y.shape());
    KeyedNoise.of(1).next(x);
    NoiseLevel level = LINEAR.level(300);
    Prediction plain = new Prediction(x.shape(), false);
    Prediction kriged = new Prediction(x.shape(), false);
    EXACT.predict(x, level, plain);
    new KrigedPredictor(EXACT, y, MASK).predict(x, level, kriged);
    for (int i : KNOWN) {
      assertEquals(plain.x0().data()[i], kriged.x0().data()[i]);
    }
    Tensor together = new Tensor(x.shape());
    together.setSum(level.alpha(), kriged.x0(), level.sigma(), kriged.eps());
    for (int i = 0; i < together.data().length; i++) {
      assertEquals(x.data()[i], together.data()[i], 1e-5);
    }
    for (int i : HOLE) {
      assertTrue(Float.isFinite(kriged.x0().data()[i]));
    }
  }

  @Test
  void aMaskOfAnotherSizeIsRefused() {
    Tensor y = new Tensor(new Shape(1, 1, SIDE, SIDE + 1));
    assertThrows(IllegalArgumentException.class, () -> new KrigedPredictor(EXACT, y, MASK));
  }
}
