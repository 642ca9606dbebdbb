package ijdiffusion.image;

import ij.ImagePlus;
import ij.ImageStack;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import ijdiffusion.DiffusionException;
import java.util.List;

/**
 * What a network is shown at once of an image, as float channels, and the way back into pixels of
 * the same type: one plane of an 8-bit, 16-bit or 32-bit image has one channel, one of an RGB image
 * has three, and several channels of a composite image may be taken together. Values are raw grey
 * values; a calibration function is not applied.
 */
public final class Plane {
  private final List<ImageProcessor> processors;

  /**
   * The current plane of an image.
   *
   * @param image any ImageJ image but 8-bit colour
   */
  public Plane(ImagePlus image) {
    this(List.of(image.getProcessor()));
    refuseIndexed(image);
  }

  /**
   * Planes of an image that belong together.
   *
   * @param image any ImageJ image but 8-bit colour
   * @param slices stack indices from 1; more than one only where the image is not RGB
   * @return a copy of the pixels, so that nobody changes them during a run
   */
  static Plane copyOf(ImagePlus image, List<Integer> slices) {
    refuseIndexed(image);
    if (!image.hasImageStack()) {
      return new Plane(List.of(image.getProcessor().duplicate()));
    }
    ImageStack stack = image.getStack();
    return new Plane(slices.stream().map(i -> stack.getProcessor(i).duplicate()).toList());
  }

  Plane(List<ImageProcessor> processors) {
    this.processors = processors;
  }

  private static void refuseIndexed(ImagePlus image) {
    if (image.getType() == ImagePlus.COLOR_256) {
      throw new DiffusionException(
          "\""
              + image.getTitle()
              + "\" is an 8-bit colour image, whose pixels are palette numbers, not intensities;"
              + " convert it with Image > Type > RGB Color first.");
    }
  }

  /** Columns. */
  public int width() {
    return processors.get(0).getWidth();
  }

  /** Rows. */
  public int height() {
    return processors.get(0).getHeight();
  }

  /** 3 for RGB, otherwise the number of planes taken together. */
  public int channels() {
    return isRgb() ? 3 : processors.size();
  }

  /** Whether the channels are those of an RGB image. */
  public boolean isRgb() {
    return processors.get(0) instanceof ColorProcessor;
  }

  /** Bits of a grey value: 8 (for RGB too), 16 or 32. */
  public int bits() {
    if (processors.get(0) instanceof FloatProcessor) {
      return 32;
    }
    return processors.get(0) instanceof ShortProcessor ? 16 : 8;
  }

  /** Whether grey values are 8-bit, 0 to 255 (true for RGB too). */
  public boolean isEightBit() {
    return bits() == 8;
  }

  /** The pixels: one processor, or one a channel where several planes are taken together. */
  public List<ImageProcessor> processors() {
    return processors;
  }

  /**
   * Grey value of a pixel.
   *
   * @param channel from 0; red, green and blue of RGB
   * @param index pixel index, row-major
   */
  public float value(int channel, int index) {
    return isRgb()
        ? (processors.get(0).get(index) >> (16 - 8 * channel)) & 0xff
        : processors.get(channel).getf(index);
  }

  /** A copy of the pixels, with colour tables and display ranges. */
  public Plane copy() {
    return new Plane(processors.stream().map(ImageProcessor::duplicate).toList());
  }

  /**
   * The same with a black border.
   *
   * @param border pixels at each side; 0 for none
   */
  public Plane extended(int border) {
    if (border == 0) {
      return this;
    }
    Plane out = blank(width() + 2 * border, height() + 2 * border);
    for (int i = 0; i < processors.size(); i++) {
      out.processors.get(i).insert(processors.get(i), border, border);
    }
    return out;
  }

  /**
   * Black pixels of this type.
   *
   * @param width columns
   * @param height rows
   */
  public Plane blank(int width, int height) {
    return new Plane(processors.stream().map(ip -> ip.createProcessor(width, height)).toList());
  }

  /**
   * Writes a value into a channel: rounded half up and limited to the type's range for integer
   * types, as it is for 32-bit.
   *
   * @param channel from 0
   * @param index pixel index, row-major
   * @param value grey value
   */
  public void write(int channel, int index, float value) {
    if (isRgb()) {
      set(processors.get(0), index, channel, value);
    } else {
      set(processors.get(channel), index, 0, value);
    }
  }

  /**
   * Writes a value into a channel of a processor, as {@link #write} does.
   *
   * @param target any processor
   * @param index pixel index, row-major
   * @param channel 0, or 0 to 2 for red, green and blue
   * @param value grey value
   */
  static void set(ImageProcessor target, int index, int channel, float value) {
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
