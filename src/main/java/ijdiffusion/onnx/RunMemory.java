package ijdiffusion.onnx;

import ijdiffusion.card.Weights;

/** What a network takes in memory while it runs, roughly. */
public final class RunMemory {
  /** Measured on tiles of 512 and 1024 pixels: the bundled network of 10 MB takes 0.9 KB. */
  private static final double BYTES_PER_PIXEL_AND_MEGABYTE = 100;

  private static final double LEAST_BYTES_PER_PIXEL = 1000;

  private RunMemory() {}

  /**
   * Bytes for each pixel of an image.
   *
   * @param weights of the network, stored in 16 bits
   */
  public static double bytesPerPixel(Weights weights) {
    return Math.max(LEAST_BYTES_PER_PIXEL, BYTES_PER_PIXEL_AND_MEGABYTE * weights.bytes() / 1e6);
  }
}
