package ijdiffusion.quality;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** The holes of the inpainting experiment, in windows of 64 x 64 pixels. */
final class Holes {
  static final int SIDE = 64;

  private Holes() {}

  /** True where pixels are to be filled, row-major. */
  static Map<String, boolean[]> all() {
    boolean[] square = new boolean[SIDE * SIDE];
    for (int i = 0; i < square.length; i++) {
      int x = i % SIDE;
      int y = i / SIDE;
      square[i] = x >= 20 && x < 44 && y >= 20 && y < 44;
    }
    boolean[] disc = new boolean[SIDE * SIDE];
    dot(disc, 31.5, 31.5, 13.5);
    Map<String, boolean[]> out = new LinkedHashMap<>();
    out.put("square", square);
    out.put("disc", disc);
    out.put("stroke", stroke());
    return out;
  }

  /** What a pen of 6 pixels leaves that changes its direction at random and keeps off the edges. */
  private static boolean[] stroke() {
    boolean[] out = new boolean[SIDE * SIDE];
    Random random = new Random(Settings.SEED);
    double x = 32;
    double y = 32;
    double heading = random.nextDouble() * 2 * Math.PI;
    for (int step = 0; step < 80; step++) {
      heading += 0.25 * random.nextGaussian();
      double dx = Math.cos(heading);
      double dy = Math.sin(heading);
      if (Math.abs(x + dx - 32) > 20 || Math.abs(y + dy - 32) > 20) {
        heading += Math.PI / 2;
      } else {
        x += dx;
        y += dy;
      }
      dot(out, x, y, 3);
    }
    return out;
  }

  private static void dot(boolean[] out, double x, double y, double radius) {
    for (int i = 0; i < out.length; i++) {
      int row = i / SIDE;
      out[i] |= Math.hypot(i % SIDE - x, row - y) <= radius;
    }
  }
}
