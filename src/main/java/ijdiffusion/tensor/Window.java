package ijdiffusion.tensor;

/**
 * A rectangle of pixels round a selection, cut out of a plane. It may reach over the plane's edges:
 * pixels out there are the plane's own, reflected at the edge with the edge pixel repeated (..., 1,
 * 0, 0, 1, ...), again and again where the plane is small.
 *
 * @param x left column in the plane; may be negative
 * @param y top row in the plane; may be negative
 * @param width columns, at least 1
 * @param height rows, at least 1
 */
public record Window(int x, int y, int width, int height) {
  public Window {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "Window of " + width + " x " + height + " pixels: both must be at least 1");
    }
  }

  /**
   * The window of context round a selection: the selection's bounds, {@code margin} pixels on every
   * side as far as the plane has them, then enlarged until both sides are at least {@code minimum}
   * and multiples of {@code multiple}. Real pixels are taken first, whichever side has them;
   * reflected ones only where the plane is too small.
   *
   * @param bounds bounding box of the selection, inside the plane
   * @param planeWidth columns of the plane
   * @param planeHeight rows of the plane
   * @param margin pixels of context on every side, at least 0
   * @param minimum smallest side, at least 1
   * @param multiple both sides become multiples of this, at least 1
   */
  public static Window around(
      Window bounds, int planeWidth, int planeHeight, int margin, int minimum, int multiple) {
    return around(bounds, planeWidth, planeHeight, margin, minimum, minimum, multiple);
  }

  /**
   * The same with a smallest size that is no square.
   *
   * @param bounds bounding box of the selection, inside the plane
   * @param planeWidth columns of the plane
   * @param planeHeight rows of the plane
   * @param margin pixels of context on every side, at least 0
   * @param minimumWidth smallest width, at least 1
   * @param minimumHeight smallest height, at least 1
   * @param multiple both sides become multiples of this, at least 1
   */
  public static Window around(
      Window bounds,
      int planeWidth,
      int planeHeight,
      int margin,
      int minimumWidth,
      int minimumHeight,
      int multiple) {
    int[] h = span(bounds.x, bounds.width, planeWidth, margin, minimumWidth, multiple);
    int[] v = span(bounds.y, bounds.height, planeHeight, margin, minimumHeight, multiple);
    return new Window(h[0], v[0], h[1], v[1]);
  }

  private static int[] span(int start, int length, int size, int margin, int min, int multiple) {
    int lo = Math.max(0, start - margin);
    int hi = Math.min(size, start + length + margin);
    int target = Math.max(hi - lo, min);
    target = (target + multiple - 1) / multiple * multiple;
    if (target > size) {
      return new int[] {-((target - size) / 2), target};
    }
    int missing = target - (hi - lo);
    lo = Math.max(0, lo - missing / 2);
    return new int[] {Math.min(lo, size - target), target};
  }

  /**
   * Copies the window out of a plane, reflecting at the plane's edges.
   *
   * @param plane gives the value at each row-major index of {@code planeWidth} times {@code
   *     planeHeight} pixels; asked for pixels of the window only
   * @param planeWidth columns of the plane
   * @param planeHeight rows of the plane
   * @param out receives width times height values, row-major, from {@code offset} on
   * @param offset first index written
   */
  public void read(Pixels plane, int planeWidth, int planeHeight, float[] out, int offset) {
    int i = offset;
    for (int row = 0; row < height; row++) {
      int from = reflect(y + row, planeHeight) * planeWidth;
      for (int column = 0; column < width; column++) {
        out[i++] = plane.at(from + reflect(x + column, planeWidth));
      }
    }
  }

  /** Values of a plane by row-major index. */
  @FunctionalInterface
  public interface Pixels {
    /** Value of the pixel at row times width plus column. */
    float at(int index);
  }

  /** Index in 0..size-1 that position i shows when the line is reflected at both ends. */
  public static int reflect(int i, int size) {
    int k = Math.floorMod(i, 2 * size);
    return k < size ? k : 2 * size - 1 - k;
  }

  @Override
  public String toString() {
    return width + " x " + height + " pixels at (" + x + ", " + y + ")";
  }
}
