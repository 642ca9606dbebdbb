package ijdiffusion.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ijdiffusion.DiffusionException;
import org.junit.jupiter.api.Test;

class TensorTest {
  private static Tensor ramp(int n, int c, int h, int w) {
    Tensor x = new Tensor(new Shape(n, c, h, w));
    for (int i = 0; i < x.data().length; i++) {
      x.data()[i] = i;
    }
    return x;
  }

  @Test
  void shapeCounts() {
    Shape s = new Shape(2, 3, 5, 7);
    assertEquals(210, s.size());
    assertEquals(105, s.imageSize());
    assertEquals(35, s.planeSize());
    assertEquals(new Shape(2, 1, 5, 7), s.withChannels(1));
    assertEquals(new Shape(9, 3, 5, 7), s.withBatch(9));
    assertEquals("(2, 3, 5, 7)", s.toString());
  }

  @Test
  void shapeRefusesEmptyAndTooLarge() {
    for (int[] s : new int[][] {{0, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, -1, 1}, {1, 1, 1, 0}}) {
      assertThrows(IllegalArgumentException.class, () -> new Shape(s[0], s[1], s[2], s[3]));
    }
    // 2^32 values: the product is 0 in int
    Exception e = assertThrows(DiffusionException.class, () -> new Shape(4, 1, 32768, 32768));
    assertEquals(
        "Images (4, 1, 32768, 32768) hold 4294967296 values, but at most 2147483639 fit in one run;"
            + " choose a part of the image, or fewer samples at once.",
        e.getMessage());
    assertThrows(DiffusionException.class, () -> new Shape(1, 1, 1, Integer.MAX_VALUE - 7));
    assertThrows(
        DiffusionException.class, () -> new Shape(65536, 65536, 65536, 65536)); // 0 even in long
    assertEquals(100_000_000, new Shape(1, 1, 10_000, 10_000).size());
    assertEquals(Integer.MAX_VALUE - 8, new Shape(1, 1, 1, Integer.MAX_VALUE - 8).size());
  }

  @Test
  void arrayMustFitTheShape() {
    Shape s = new Shape(1, 1, 2, 3);
    Exception e = assertThrows(IllegalArgumentException.class, () -> new Tensor(s, new float[5]));
    assertEquals("Tensor (1, 1, 2, 3) needs 6 values, not 5", e.getMessage());
  }

  @Test
  void wrapsWithoutCopyAndCopiesWithoutSharing() {
    float[] data = {1, 2};
    Tensor x = new Tensor(new Shape(1, 1, 1, 2), data);
    Tensor copy = x.copy();
    data[0] = 5;
    assertEquals(5, x.data()[0]);
    assertEquals(1, copy.data()[0]);
  }

  @Test
  void sumsWorkInPlaceWhicheverTensorIsTheTarget() {
    Shape s = new Shape(1, 1, 1, 2);
    for (int target = 0; target < 4; target++) {
      Tensor[] t = {
        new Tensor(s, new float[] {1, 10}),
        new Tensor(s, new float[] {2, 20}),
        new Tensor(s, new float[] {4, 40}),
        new Tensor(s)
      };
      t[target].setSum(2, t[0], 3, t[1], -1, t[2]);
      assertArrayEquals(new float[] {4, 40}, t[target].data(), "three terms, target " + target);
    }
    for (int target = 0; target < 3; target++) {
      Tensor[] t = {
        new Tensor(s, new float[] {1, 10}), new Tensor(s, new float[] {2, 20}), new Tensor(s)
      };
      t[target].setSum(2, t[0], 3, t[1]);
      assertArrayEquals(new float[] {8, 80}, t[target].data(), "two terms, target " + target);
    }
  }

  @Test
  void sumsRefuseOtherShapes() {
    Tensor a = ramp(1, 1, 2, 3);
    Tensor b = ramp(1, 1, 3, 2);
    assertThrows(IllegalArgumentException.class, () -> a.set(b));
    assertThrows(IllegalArgumentException.class, () -> a.setSum(1, a, 1, b));
    assertThrows(IllegalArgumentException.class, () -> a.setSum(1, b, 1, a));
    assertThrows(IllegalArgumentException.class, () -> a.setSum(1, a, 1, a, 1, b));
  }

  @Test
  void imageIsACopyOfOneImage() {
    Tensor x = ramp(3, 2, 1, 2);
    Tensor middle = x.image(1);
    assertEquals(new Shape(1, 2, 1, 2), middle.shape());
    assertArrayEquals(new float[] {4, 5, 6, 7}, middle.data());
    middle.fill(-1);
    assertEquals(4, x.data()[4]);
  }

  @Test
  void repeatPutsTheWholeBatchInARow() {
    Tensor x = ramp(2, 1, 1, 2).repeat(3);
    assertEquals(new Shape(6, 1, 1, 2), x.shape());
    assertArrayEquals(new float[] {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3}, x.data());
  }
}
