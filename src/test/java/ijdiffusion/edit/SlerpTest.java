package ijdiffusion.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Reference;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlerpTest {
  private static final JsonObject REFERENCE =
      Reference.load("analytic_and_tables").getAsJsonObject("slerp");

  @Test
  void referenceArc() {
    Tensor z1 = row(Reference.doubles(REFERENCE.get("z1")));
    Tensor z2 = row(Reference.doubles(REFERENCE.get("z2")));
    assertEquals(REFERENCE.get("theta").getAsDouble(), Slerp.angle(z1, z2), 1e-12);
    JsonObject out = REFERENCE.getAsJsonObject("out");
    assertEquals(4, out.size());
    for (String fraction : out.keySet()) {
      Tensor z = Slerp.between(z1, z2, Double.parseDouble(fraction));
      double[] expected = Reference.doubles(out.get(fraction));
      for (int i = 0; i < 4; i++) {
        assertEquals(expected[i], z.data()[i], 1e-6, fraction);
      }
    }
  }

  @Test
  void sharpAndBluntAngles() {
    Tensor z1 = row(2, 0);
    for (double degrees : new double[] {1, 40, 140, 179}) {
      double theta = Math.toRadians(degrees);
      Tensor z2 = row(2 * Math.cos(theta), 2 * Math.sin(theta));
      assertEquals(theta, Slerp.angle(z1, z2), 1e-6);
      Tensor z = Slerp.between(z1, z2, 0.3);
      assertEquals(2 * Math.cos(0.3 * theta), z.data()[0], 2e-5);
      assertEquals(2 * Math.sin(0.3 * theta), z.data()[1], 2e-5);
    }
  }

  @Test
  void parallelOppositeAndZeroVectorsGoStraight() {
    assertArrayEquals(
        new float[] {1.5f, -3}, Slerp.between(row(1, -2), row(3, -6), 0.25).data(), 1e-6f);
    assertArrayEquals(
        new float[] {0.5f, -1}, Slerp.between(row(1, -2), row(-1, 2), 0.25).data(), 1e-6f);
    assertArrayEquals(
        new float[] {0.75f, -1.5f}, Slerp.between(row(1, -2), row(0, 0), 0.25).data(), 1e-6f);
    assertArrayEquals(
        new float[] {0.25f, -0.5f}, Slerp.between(row(0, 0), row(1, -2), 0.25).data(), 1e-6f);
    assertEquals(0, Slerp.angle(row(0, 0), row(1, 2)));
    assertEquals(0, Slerp.angle(row(1, 2), row(0, 0)));
    assertEquals(Math.PI, Slerp.angle(row(1, -2), row(-2, 4)), 1e-7);
  }

  @Test
  void isANewTensorAndTheWholeBatchHasOneAngle() {
    Tensor z1 = new Tensor(new Shape(2, 1, 1, 1), new float[] {1, 0});
    Tensor z2 = new Tensor(new Shape(2, 1, 1, 1), new float[] {0, 1});
    Tensor z = Slerp.between(z1, z2, 0);
    assertNotSame(z1, z);
    assertArrayEquals(new float[] {1, 0}, z.data());
    float half = (float) Math.sqrt(0.5);
    assertArrayEquals(new float[] {half, half}, Slerp.between(z1, z2, 0.5).data(), 1e-6f);
  }

  @Test
  void illegalArgumentsAreRefused() {
    assertThrows(DiffusionException.class, () -> Slerp.between(row(1), row(2), -0.1));
    assertThrows(DiffusionException.class, () -> Slerp.between(row(1), row(2), 1.1));
    assertThrows(IllegalArgumentException.class, () -> Slerp.angle(row(1), row(1, 2)));
    assertThrows(IllegalArgumentException.class, () -> Slerp.between(row(1), row(1, 2), 0.5));
  }

  @Test
  void interpolationDecodesTheArc() {
    GaussianPredictor predictor = new GaussianPredictor(0.3, 0.04);
    Trajectory path =
        Trajectory.down(DiscreteSchedule.linear(1000, 1e-4, 0.02), new int[] {0, 250, 500, 999});
    Tensor z1 = new Tensor(new Shape(1, 1, 2, 2));
    Tensor z2 = new Tensor(new Shape(1, 1, 2, 2));
    TestNoise noise = TestNoise.sm42();
    noise.next(z1);
    noise.next(z2);
    DdimInversion inversion = new DdimInversion();
    Interpolation row = new Interpolation(5, inversion);
    List<Integer> progress = new ArrayList<>();
    Tensor frames =
        row.decode(
            predictor,
            path,
            z1,
            z2,
            (done, total, x0) -> {
              assertEquals(20, total);
              assertEquals(1, x0.shape().n());
              progress.add(done);
            });
    assertEquals(new Shape(5, 1, 2, 2), frames.shape());
    List<Integer> expected = new ArrayList<>();
    for (int k = 0; k < 5; k++) {
      Tensor latent = Slerp.between(z1, z2, k / 4.0);
      assertArrayEquals(latent.data(), row.latent(z1, z2, k).data());
      Tensor image = inversion.decode(predictor, path, latent, (done, total, x0) -> {});
      assertArrayEquals(image.data(), frames.image(k).data(), "frame " + k);
      for (int step = 1; step <= 4; step++) {
        expected.add(4 * k + step);
      }
    }
    assertEquals(expected, progress);
    assertArrayEquals(z2.data(), row.latent(z1, z2, 4).data(), 1e-6f);
  }

  @Test
  void illegalInterpolationsAreRefused() {
    DdimInversion inversion = new DdimInversion();
    assertThrows(DiffusionException.class, () -> new Interpolation(1, inversion));
    assertThrows(IllegalArgumentException.class, () -> new Interpolation(2, null));
    Interpolation two = new Interpolation(2, inversion);
    assertThrows(DiffusionException.class, () -> two.latent(row(1), row(2), 2));
    assertThrows(DiffusionException.class, () -> two.latent(row(1), row(2), -1));
    Tensor several = new Tensor(new Shape(2, 1, 1, 1));
    Trajectory path =
        Trajectory.down(DiscreteSchedule.linear(1000, 1e-4, 0.02), new int[] {0, 999});
    assertThrows(
        IllegalArgumentException.class,
        () ->
            two.decode(
                new GaussianPredictor(0, 1), path, several, several, (done, total, x0) -> {}));
  }

  private static Tensor row(double... values) {
    Tensor x = new Tensor(new Shape(1, 1, 1, values.length));
    for (int i = 0; i < values.length; i++) {
      x.data()[i] = (float) values[i];
    }
    return x;
  }
}
