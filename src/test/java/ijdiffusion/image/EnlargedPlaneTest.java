package ijdiffusion.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole new planes: larger ones, and grey ones that were coloured. */
class EnlargedPlaneTest {
  private static final IntensityRange RANGE = new IntensityRange(50, 250, -1, 1);

  private static Context context(Window window) {
    Tensor image = new Tensor(new Shape(1, 1, window.height(), window.width()));
    return new Context(window, image, null, List.of(RANGE));
  }

  @Test
  void theWindowsPaddingIsCutOff() {
    Plane plane = new Plane(List.of(new ShortProcessor(3, 2)));
    Tensor made = new Tensor(new Shape(1, 1, 8, 10));
    for (int i = 0; i < 80; i++) {
      made.data()[i] = i / 100f;
    }
    EnlargedPlane large = new EnlargedPlane(plane, context(new Window(-1, -1, 5, 4)), made, 2);
    ImageProcessor ip = large.processors().get(0);
    assertEquals(6, ip.getWidth());
    assertEquals(4, ip.getHeight());
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 6; x++) {
        float v = made.data()[(y + 2) * 10 + x + 2];
        assertEquals(Math.round(50 + (v + 1) * 100), ip.get(x, y));
        assertEquals(50 + (v + 1) * 100, large.grey(0, y * 6 + x), 1e-4);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32})
  void aGreyPlaneBecomesRgb(int depth) {
    ImageProcessor grey =
        switch (depth) {
          case 8 -> new ByteProcessor(2, 1);
          case 16 -> new ShortProcessor(2, 1);
          default -> new FloatProcessor(2, 1);
        };
    Tensor made = new Tensor(new Shape(1, 3, 1, 2), new float[] {-1, 1, 0, 0.5f, 1, -1});
    Plane plane = new Plane(List.of(grey));
    EnlargedPlane coloured = new EnlargedPlane(plane, context(new Window(0, 0, 2, 1)), made, 1);
    assertEquals(3, coloured.channels());
    ColorProcessor rgb = (ColorProcessor) coloured.processors().get(0);
    // 8-bit grey values stay; others are shown between the limits
    int[] expected =
        depth == 8
            ? new int[] {50 << 16 | 150 << 8 | 250, 250 << 16 | 200 << 8 | 50}
            : new int[] {128 << 8 | 255, 255 << 16 | 191 << 8};
    assertArrayEquals(expected, new int[] {rgb.get(0) & 0xffffff, rgb.get(1) & 0xffffff});
    assertEquals(150, coloured.grey(1, 0), 1e-4);
    SampleStatistics all = new SampleStatistics();
    all.add(coloured);
    assertEquals(3, all.channels());
    assertEquals(200, all.mean(1).getf(1), 1e-4);
    assertEquals(0, all.standardDeviation(1).getf(1));
  }
}
