package ijdiffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ij.ImagePlus;
import ij.ImageStack;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against hashlib.sha256(numpy array .tobytes()) of the same values, y = 2, x = 3. */
class PixelHashTest {
  private static String hash(ImageProcessor ip) {
    return PixelHash.of(new ImagePlus("a", ip));
  }

  @Test
  void isWhatPythonSays() {
    // np.array([0, 1, 2, 253, 254, 255], np.uint8)
    byte[] bytes = {0, 1, 2, (byte) 253, (byte) 254, (byte) 255};
    assertEquals(
        "3f2d1552cdc7483f40dd720c80b900225dfecfd5cae7cd168d79ab6ee5959885",
        hash(new ByteProcessor(3, 2, bytes)));
    // np.array([0, 1, 256, 32768, 65534, 65535], "<u2")
    short[] shorts = {0, 1, 256, (short) 32768, (short) 65534, (short) 65535};
    assertEquals(
        "3c47d48131702c5af55a838fa2e968c37261481fe8da900a3b155de9e4e1e431",
        hash(new ShortProcessor(3, 2, shorts, null)));
    // np.array([0, -0.0, 1.5, -2.25, 3e-9, 7e30], "<f4")
    float[] floats = {0, -0f, 1.5f, -2.25f, 3e-9f, 7e30f};
    assertEquals(
        "8fa7b1a26e678023cc419066b9a2f28eb2b19e244b18e044ec316ce9a1ac2a38",
        hash(new FloatProcessor(3, 2, floats)));
    // np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12], [253, 254, 255], [0, 0, 0]], u1)
    int[] rgb = {0xff010203, 0x040506, 0xff070809, 0x0a0b0c, 0xfdfeff, 0};
    assertEquals(
        "74faf8c931e17cf037ac1415da5acec00155f402afb005e92f2729092dea209d",
        hash(new ColorProcessor(3, 2, rgb)));
  }

  @Test
  void planesCountInTheirOrder() {
    ImageStack stack = new ImageStack(3, 2);
    for (int k = 0; k < 3; k++) {
      ByteProcessor ip = new ByteProcessor(3, 2);
      ip.set(k, 9);
      stack.addSlice(ip);
    }
    ImagePlus image = new ImagePlus("a", stack);
    assertEquals(PixelHash.of(image), PixelHash.of(image, List.of(1, 2, 3)));
    assertNotEquals(PixelHash.of(image), PixelHash.of(image, List.of(1, 3, 2)));
    assertEquals(hash(stack.getProcessor(2)), PixelHash.of(image, List.of(2)));
  }
}
