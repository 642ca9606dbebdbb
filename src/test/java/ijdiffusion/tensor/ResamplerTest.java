package ijdiffusion.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ResamplerTest {
  private static Tensor random(Shape shape, long seed) {
    Tensor x = new Tensor(shape);
    KeyedNoise.of(seed).next(x);
    return x;
  }

  /** Keys' kernel with a = -1/2, written as in the paper. */
  private static double keys(double s) {
    double d = Math.abs(s);
    if (d < 1) {
      return 1.5 * d * d * d - 2.5 * d * d + 1;
    }
    return d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0;
  }

  /** One value of the result straight from the definition: a double sum over a reflected plane. */
  private static double direct(Tensor in, int plane, int y, int x, int toH, int toW) {
    Shape s = in.shape();
    double ratioY = (double) s.h() / toH;
    double ratioX = (double) s.w() / toW;
    double sum = 0;
    double weights = 0;
    for (int i = -3 * s.h() - 8; i < 4 * s.h() + 8; i++) {
      double wy = keys((i - (y + 0.5) * ratioY + 0.5) / Math.max(1, ratioY));
      for (int j = -3 * s.w() - 8; wy != 0 && j < 4 * s.w() + 8; j++) {
        double w = wy * keys((j - (x + 0.5) * ratioX + 0.5) / Math.max(1, ratioX));
        int at = Window.reflect(i, s.h()) * s.w() + Window.reflect(j, s.w());
        sum += w * in.data()[plane * s.planeSize() + at];
        weights += w;
      }
    }
    return sum / weights;
  }

  @Test
  void bicubicIsTheDefinitionAtAnySizes() {
    SplittableRandom random = new SplittableRandom(1);
    for (int trial = 0; trial < 60; trial++) {
      Shape shape = new Shape(2, 2, random.nextInt(1, 14), random.nextInt(1, 14));
      int toH = random.nextInt(1, 20);
      int toW = random.nextInt(1, 20);
      Tensor in = random(shape, trial);
      Tensor out = Resampler.bicubic(shape.h(), shape.w(), toH, toW).apply(in);
      assertEquals(new Shape(2, 2, toH, toW), out.shape());
      for (int k = 0; k < out.data().length; k++) {
        int plane = k / (toH * toW);
        double expected = direct(in, plane, k / toW % toH, k % toW, toH, toW);
        assertEquals(expected, out.data()[k], 3e-6, shape + " to " + toH + " x " + toW);
      }
    }
  }

  @Test
  void anyPieceIsThatOfTheWholeBitForBit() {
    SplittableRandom random = new SplittableRandom(2);
    for (int trial = 0; trial < 200; trial++) {
      Shape shape = new Shape(1, 2, random.nextInt(1, 30), random.nextInt(1, 30));
      int toH = random.nextInt(1, 60);
      int toW = random.nextInt(1, 60);
      Resampler resampler = Resampler.bicubic(shape.h(), shape.w(), toH, toW);
      Tensor in = random(shape, trial);
      Tensor whole = resampler.apply(in);
      int h = random.nextInt(1, toH + 1);
      int w = random.nextInt(1, toW + 1);
      Window piece =
          new Window(random.nextInt(0, toW - w + 1), random.nextInt(0, toH - h + 1), w, h);
      Tensor expected = new Tensor(new Shape(1, 2, h, w));
      whole.copyWindow(piece, expected);
      Tensor out = new Tensor(expected.shape());
      out.fill(Float.NaN);
      resampler.apply(in, piece, out);
      assertArrayEquals(expected.data(), out.data());
    }
  }

  @Test
  void constantsStayAndMirrorImagesMirror() {
    for (int to : new int[] {1, 3, 8, 13, 40}) {
      Tensor constant = new Tensor(new Shape(1, 1, 13, 13));
      constant.fill(-0.7f);
      for (float v : Resampler.bicubic(13, 13, to, to).apply(constant).data()) {
        assertEquals(-0.7f, v, 3e-7f);
      }
      Tensor in = random(new Shape(1, 1, 1, 13), to);
      Tensor mirrored = in.copy();
      for (int i = 0; i < 13; i++) {
        mirrored.data()[i] = in.data()[12 - i];
      }
      float[] a = Resampler.bicubic(1, 13, 1, to).apply(in).data();
      float[] b = Resampler.bicubic(1, 13, 1, to).apply(mirrored).data();
      for (int i = 0; i < to; i++) {
        assertEquals(a[i], b[to - 1 - i], 1e-6f);
      }
    }
  }

  @Test
  void enlargingReproducesParabolasAwayFromTheEdges() {
    // Keys 1981: with a = -1/2, and no other a, the error is of third order
    Tensor in = new Tensor(new Shape(1, 1, 12, 12));
    for (int i = 0; i < 144; i++) {
      in.data()[i] = (float) parabola(i / 12, i % 12);
    }
    int to = 31;
    Tensor out = Resampler.bicubic(12, 12, to, to).apply(in);
    int compared = 0;
    for (int i = 0; i < to * to; i++) {
      double y = (i / to + 0.5) * 12 / to - 0.5;
      double x = (i % to + 0.5) * 12 / to - 0.5;
      if (Math.min(x, y) >= 1 && Math.max(x, y) <= 10) {
        assertEquals(parabola(y, x), out.data()[i], 1e-5);
        compared++;
      }
    }
    assertEquals(23 * 23, compared);
  }

  private static double parabola(double y, double x) {
    return 0.3 + 0.1 * y - 0.2 * x + 0.05 * y * y - 0.03 * x * x + 0.02 * x * y;
  }

  @Test
  void theSameSizeIsTheSameImage() {
    Tensor in = random(new Shape(2, 3, 7, 5), 3);
    assertArrayEquals(in.data(), Resampler.bicubic(7, 5, 7, 5).apply(in).data());
  }

  @Test
  void stripesTooFineForTheSmallImageVanish() {
    Tensor stripes = new Tensor(new Shape(1, 1, 64, 64));
    for (int i = 0; i < 64 * 64; i++) {
      stripes.data()[i] = i % 2 == 0 ? 1 : -1;
    }
    Tensor out = Resampler.bicubic(64, 64, 9, 9).apply(stripes);
    for (int i = 0; i < 81; i++) {
      // nearer to the edges the kernel sees the reflection, where two like stripes meet
      if (i % 9 >= 2 && i % 9 <= 6) {
        assertEquals(0, out.data()[i], 0.02, "without antialiasing this would be of size 1");
      }
    }
  }

  @Test
  void meansOfSquares() {
    Tensor in = random(new Shape(2, 2, 6, 9), 4);
    Tensor out = Resampler.mean(6, 9, 3).apply(in);
    assertEquals(new Shape(2, 2, 2, 3), out.shape());
    for (int k = 0; k < out.data().length; k++) {
      double sum = 0;
      for (int i = 0; i < 9; i++) {
        sum += in.data()[k / 6 * 54 + (k / 3 % 2 * 3 + i / 3) * 9 + k % 3 * 3 + i % 3];
      }
      assertEquals(sum / 9, out.data()[k], 1e-6);
    }
  }

  @Test
  void replicationCopiesBits() {
    float[] odd = {-0f, Float.NaN, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, 0f, 1e30f};
    Tensor out = Resampler.replication(2, 3, 4).apply(new Tensor(new Shape(1, 1, 2, 3), odd));
    assertEquals(new Shape(1, 1, 8, 12), out.shape());
    for (int i = 0; i < 96; i++) {
      float expected = odd[i / 12 / 4 * 3 + i % 12 / 4];
      assertEquals(Float.floatToRawIntBits(expected), Float.floatToRawIntBits(out.data()[i]));
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Resampler resampler = Resampler.bicubic(4, 6, 8, 3);
    Tensor in = new Tensor(new Shape(1, 1, 4, 6));
    assertMessage(
        () -> resampler.apply(new Tensor(new Shape(1, 1, 6, 4))),
        "Image (1, 1, 6, 4) is not the source of resampler from 6 x 4 to 3 x 8 pixels (columns x"
            + " rows)");
    assertMessage(
        () -> resampler.apply(in, new Tensor(new Shape(1, 1, 3, 8))),
        "Result is (1, 1, 3, 8), but must be (1, 1, 8, 3)");
    for (Window outside :
        new Window[] {
          new Window(-1, 0, 2, 2),
          new Window(0, -1, 2, 2),
          new Window(2, 0, 2, 2),
          new Window(0, 7, 2, 2),
          new Window(1, 0, Integer.MAX_VALUE, 2)
        }) {
      assertMessage(
          () -> resampler.apply(in, outside, new Tensor(new Shape(1, 1, 2, 2))),
          "Window of "
              + outside
              + " is not inside resampler from 6 x 4 to 3 x 8 pixels (columns x rows)");
    }
    assertMessage(
        () -> Resampler.bicubic(4, 4, 0, 4),
        "Resampling from 4 to 0 pixels: both must be at least 1");
    assertMessage(() -> Resampler.mean(9, 8, 3), "Size 8 is not a multiple of the factor 3");
    assertMessage(() -> Resampler.replication(2, 2, 0), "factor is 0, but must be at least 1");
  }

  private static void assertMessage(Runnable bad, String message) {
    Exception e = assertThrows(IllegalArgumentException.class, bad::run);
    assertEquals(message, e.getMessage());
  }
}
