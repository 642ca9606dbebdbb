package ijdiffusion.image;

import ij.ImagePlus;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import ijdiffusion.DiffusionException;

/**
 * One plane of an image as float channels, and the way back into a plane of the same type: 8-bit,
 * 16-bit and 32-bit have one channel, RGB has three. Values are raw grey values; a calibration
 * function is not applied.
 */
public final class Plane {
  private final ImageProcessor source;
  private final int channels;

  /**
   * The current plane of an image.
   *
   * @param image any ImageJ image but 8-bit colour
   */
  public Plane(ImagePlus image) {
    this(image.getProcessor(), image.getTitle(), image.getType() == ImagePlus.COLOR_256);
  }

  private Plane(ImageProcessor ip, String title, boolean indexed) {
    if (indexed) {
      throw new DiffusionException(
          "\""
              + title
              + "\" is an 8-bit colour image, whose pixels are palette numbers, not intensities;"
              + " convert it with Image > Type > RGB Color first.");
    }
    this.source = ip;
    this.channels = ip instanceof ColorProcessor ? 3 : 1;
  }

  /** Columns. */
  public int width() {
    return source.getWidth();
  }

  /** Rows. */
  public int height() {
    return source.getHeight();
  }

  /** 1, or 3 for RGB. */
  public int channels() {
    return channels;
  }

  /** Whether grey values are 8-bit, 0 to 255 (true for RGB too). */
  public boolean isEightBit() {
    return source instanceof ByteProcessor || source instanceof ColorProcessor;
  }

  /**
   * Grey value of a pixel.
   *
   * @param channel 0, or 0 to 2 for red, green and blue
   * @param index pixel index, row-major
   */
  public float value(int channel, int index) {
    return source instanceof ColorProcessor
        ? (source.get(index) >> (16 - 8 * channel)) & 0xff
        : source.getf(index);
  }

  /** A copy of the plane with colour table and display range. */
  public ImageProcessor duplicate() {
    return source.duplicate();
  }

  /**
   * Writes a value into a channel of a plane of this type: rounded half up and limited to the
   * type's range for integer types, as it is for 32-bit.
   *
   * @param target a plane made by {@link #duplicate}, or the plane itself
   * @param index pixel index, row-major
   * @param channel 0, or 0 to 2 for red, green and blue
   * @param value grey value
   */
  public static void set(ImageProcessor target, int index, int channel, float value) {
    if (target instanceof FloatProcessor) {
      target.setf(index, value);
    } else if (target instanceof ShortProcessor) {
      target.set(index, limit(value, 65535));
    } else if (target instanceof ColorProcessor) {
      int shift = 16 - 8 * channel;
      target.set(index, (target.get(index) & ~(0xff << shift)) | (limit(value, 255) << shift));
    } else {
      target.set(index, limit(value, 255));
    }
  }

  private static int limit(float value, int max) {
    return Math.max(0, Math.min(max, Math.round(value)));
  }
}
