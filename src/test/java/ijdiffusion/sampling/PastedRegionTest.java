package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ijdiffusion.model.TestNoise;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.junit.jupiter.api.Test;

class PastedRegionTest {
  private static final DiscreteSchedule SCHEDULE = DiscreteSchedule.linear(10, 1e-4, 0.02);

  @Test
  void knownPixelsAreCleanAfterEveryStep() {
    Tensor image = new Tensor(new Shape(2, 2, 1, 2), new float[] {1, 2, 3, 4, 5, 6, 7, 8});
    Tensor mask = new Tensor(new Shape(1, 1, 1, 2), new float[] {0, 1});
    PastedRegion region = new PastedRegion(image, mask);
    TestNoise noise = TestNoise.sm42();
    Tensor x = new Tensor(image.shape());
    region.beforePrediction(x, SCHEDULE.level(9), noise);
    assertArrayEquals(new float[8], x.data());
    region.afterStep(x, SCHEDULE.level(9), SCHEDULE.level(8), noise);
    assertArrayEquals(new float[] {0, 2, 0, 4, 0, 6, 0, 8}, x.data());
    assertEquals(0, noise.draws());
  }

  @Test
  void masksThatDoNotFit() {
    Tensor image = new Tensor(new Shape(1, 1, 2, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> new PastedRegion(image, new Tensor(new Shape(1, 1, 2, 1))));
    Tensor half = new Tensor(new Shape(1, 1, 2, 2), new float[] {0, 1, 0.5f, 1});
    assertThrows(IllegalArgumentException.class, () -> new PastedRegion(image, half));
  }
}
