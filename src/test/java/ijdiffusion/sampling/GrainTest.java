package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GrainTest {
  private static final int SIDE = 64;
  private static final int SIZE = SIDE * SIDE;
  private static final float ERROR = 0.1f;

  private final Tensor mask = new Tensor(new Shape(1, 1, SIDE, SIDE));

  GrainTest() {
    for (int i = 0; i < SIZE; i++) {
      mask.data()[i] = isHole(i) ? 0 : 1;
    }
  }

  private static boolean isHole(int i) {
    return i % SIDE >= 16 && i % SIDE < 48 && i / SIDE >= 16 && i / SIDE < 48;
  }

  /** What a network made: dark on the left, bright on the right, neither quite even. */
  private static Tensor made(int n, int channels) {
    Tensor made = new Tensor(new Shape(n, channels, SIDE, SIDE));
    Random random = new Random(3);
    for (int i = 0; i < made.data().length; i++) {
      made.data()[i] = (i % SIDE < SIDE / 2 ? -0.8f : 0.4f) + 0.05f * random.nextFloat();
    }
    return made;
  }

  /** An error that only bright pixels have, up or down; NaN in the hole. */
  private Tensor error(Tensor made, float... ofChannels) {
    Tensor error = new Tensor(made.shape());
    Random random = new Random(4);
    for (int n = 0; n < made.shape().n(); n++) {
      for (int i = 0; i < SIZE; i++) {
        float e = i % SIDE < SIDE / 2 ? 0 : random.nextBoolean() ? ERROR : -ERROR;
        for (int c = 0; c < ofChannels.length; c++) {
          int k = (n * ofChannels.length + c) * SIZE + i;
          error.data()[k] = isHole(i) ? Float.NaN : e * ofChannels[c];
        }
      }
    }
    return error;
  }

  private Tensor grain(Tensor made, Tensor error, double share) {
    Tensor image = new Tensor(made.shape());
    image.setSum(1, made, 1, error);
    Tensor x = made.copy();
    new Grain(image, error, mask).add(x, share, KeyedNoise.of(1));
    x.setSum(1, x, -1, made);
    return x;
  }

  @Test
  void brightPixelsGetTheErrorsOfBrightOnesAndDarkOnesThoseOfDarkOnes() {
    Tensor made = made(1, 1);
    float[] added = grain(made, error(made, 1), 1).data();
    int up = 0;
    int bright = 0;
    for (int i = 0; i < SIZE; i++) {
      float brightness = made.data()[i];
      if (!isHole(i) || brightness < -0.78f) {
        assertEquals(0, added[i], "pixel " + i);
      } else if (brightness > 0.42f) { // darker ones have dark ones among the nearest
        assertEquals(ERROR, Math.abs(added[i]), 1e-6, "pixel " + i);
        bright++;
        up += added[i] > 0 ? 1 : 0;
      }
    }
    assertTrue(bright > 250, bright + " bright pixels");
    assertEquals(0.5 * bright, up, 5 * Math.sqrt(bright / 4.0));
  }

  @Test
  void everyDrawIsOneErrorOfAllChannels() {
    Tensor made = made(1, 3);
    float[] added = grain(made, error(made, 1, -0.5f, 2), 1).data();
    for (int i = 0; i < SIZE; i++) {
      assertEquals(-0.5f * added[i], added[SIZE + i], 1e-6);
      assertEquals(2 * added[i], added[2 * SIZE + i], 1e-6);
    }
  }

  @Test
  void aShareOfItIsAsManyTimesWeaker() {
    Tensor made = made(1, 1);
    Tensor error = error(made, 1);
    float[] half = grain(made, error, 0.5).data();
    float[] whole = grain(made, error, 1).data();
    for (int i = 0; i < SIZE; i++) {
      assertEquals(0.5 * whole[i], half[i], 1e-6);
    }
  }

  @Test
  void imagesOfABatchAreOnTheirOwn() {
    Tensor made = made(2, 1);
    Tensor error = error(made, 1);
    Tensor both = grain(made, error, 1);
    assertArrayEquals(
        grain(made.image(0), error.image(0), 1).data(), both.image(0).data(), "first");
    for (int i = 0; i < SIZE; i++) {
      error.data()[i] = 0;
    }
    assertArrayEquals(both.image(1).data(), grain(made, error, 1).image(1).data(), "second");
  }

  @Test
  void samplesOfAnImageDiffer() {
    Tensor made = made(1, 1);
    Tensor both = grain(made.repeat(2), error(made, 1).repeat(2), 1);
    assertFalse(Arrays.equals(both.image(0).data(), both.image(1).data()));
  }

  @Test
  void whereNothingIsKnownNothingIsAdded() {
    mask.fill(0);
    Tensor made = made(1, 1);
    assertArrayEquals(new float[SIZE], grain(made, error(made, 1), 1).data());
  }
}
