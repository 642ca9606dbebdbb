package ijdiffusion.tensor;

/**
 * Size of a batch of images in NCHW order.
 *
 * @param n images in the batch, at least 1
 * @param c channels, at least 1
 * @param h rows, at least 1
 * @param w columns, at least 1
 */
public record Shape(int n, int c, int h, int w) {
  public Shape {
    if (n < 1 || c < 1 || h < 1 || w < 1) {
      throw new IllegalArgumentException(
          "Shape (" + n + ", " + c + ", " + h + ", " + w + "): every size must be at least 1");
    }
    if ((double) n * c * h * w > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "Shape (" + n + ", " + c + ", " + h + ", " + w + ") holds more than 2^31 values");
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
