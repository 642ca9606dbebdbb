package ijdiffusion.tensor;

import ijdiffusion.DiffusionException;

/**
 * Size of a batch of images in NCHW order; n c h w is at most 2^31 - 9, the longest array.
 *
 * @param n images in the batch, at least 1
 * @param c channels, at least 1
 * @param h rows, at least 1
 * @param w columns, at least 1
 */
public record Shape(int n, int c, int h, int w) {
  /** Longest array that Java machines allocate. */
  private static final int MAX_SIZE = Integer.MAX_VALUE - 8;

  public Shape {
    if (n < 1 || c < 1 || h < 1 || w < 1) {
      throw new IllegalArgumentException(
          "Shape (" + n + ", " + c + ", " + h + ", " + w + "): every size must be at least 1");
    }
    double size = (double) n * c * h * w;
    if (size > MAX_SIZE) {
      throw new DiffusionException(
          "Images ("
              + n
              + ", "
              + c
              + ", "
              + h
              + ", "
              + w
              + ") hold "
              + Math.round(size)
              + " values, but at most "
              + MAX_SIZE
              + " fit in one run; choose a part of the image, or fewer samples at once.");
    }
  }

  /** Values in all. */
  public int size() {
    return n * c * h * w;
  }

  /** Values of one image: c h w. */
  public int imageSize() {
    return c * h * w;
  }

  /** Values of one channel of one image: h w. */
  public int planeSize() {
    return h * w;
  }

  /** The same images with another number of channels. */
  public Shape withChannels(int channels) {
    return new Shape(n, channels, h, w);
  }

  /** The same images in a batch of another size. */
  public Shape withBatch(int batch) {
    return new Shape(batch, c, h, w);
  }

  @Override
  public String toString() {
    return "(" + n + ", " + c + ", " + h + ", " + w + ")";
  }
}
