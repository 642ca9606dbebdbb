package ijdiffusion.image;

import ij.ImagePlus;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The noise an image is made from, and what is needed to make the image of it again. As an ImageJ
 * image it is 32-bit, one plane a channel, of the padded size the network works on; the rest stands
 * in its Info.
 *
 * @param noise (N, C, H, W), N C planes
 * @param window the padded window, in pixels of the image
 * @param ranges grey values of each channel to the network's range
 * @param width columns of the image
 * @param height rows of the image
 * @param bitDepth 8, 16, 32, or 24 for RGB
 */
public record Latent(
    Tensor noise, Window window, List<IntensityRange> ranges, int width, int height, int bitDepth) {
  public Latent {
    ranges = List.copyOf(ranges);
  }

  /** A latent image. */
  public ImagePlus toImage(ImagePlus source, String title) {
    List<ImageProcessor> planes = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    int pixels = noise.shape().planeSize();
    int n = noise.shape().size() / pixels;
    for (int c = 0; c < n; c++) {
      float[] values = new float[pixels];
      System.arraycopy(noise.data(), c * pixels, values, 0, pixels);
      planes.add(new FloatProcessor(window.width(), window.height(), values));
      labels.add("latent" + (n == 1 ? "" : ", channel " + (c + 1)));
    }
    return ResultImage.derived(source, title, planes, labels);
  }

  /** Adds what {@link #from} reads. */
  public void describe(Map<String, String> fields) {
    fields.put("latent_offset", window.x() + " " + window.y());
    fields.put("latent_of", width + " x " + height + " pixels, " + bitDepth + " bits");
    for (int c = 0; c < ranges.size(); c++) {
      fields.put("range_" + c, ranges.get(c).describe());
    }
  }

  /**
   * Reads a latent image.
   *
   * @param image an image made by {@link #toImage}, with its record
   * @param made its record
   * @param channels channels of the network
   */
  public static Latent from(ImagePlus image, Provenance made, int channels) {
    int planes = image.getStackSize();
    if (image.getBitDepth() != 32 || planes % channels != 0) {
      throw new DiffusionException(
          "\""
              + image.getTitle()
              + "\" is not a latent: it has "
              + planes
              + " planes of "
              + image.getBitDepth()
              + " bits; make one with Diffusion Encode...");
    }
    int[] offset = numbers(made.get("latent_offset"), 2);
    int[] of = numbers(made.get("latent_of"), 3);
    int pixels = image.getWidth() * image.getHeight();
    Tensor noise =
        new Tensor(new Shape(planes / channels, channels, image.getHeight(), image.getWidth()));
    List<IntensityRange> ranges = new ArrayList<>();
    for (int c = 0; c < planes; c++) {
      float[] values = (float[]) image.getStack().getPixels(c + 1);
      System.arraycopy(values, 0, noise.data(), c * pixels, pixels);
      ranges.add(IntensityRange.parse(made.get("range_" + c)));
    }
    Window window = new Window(offset[0], offset[1], image.getWidth(), image.getHeight());
    return new Latent(noise, window, ranges, of[0], of[1], of[2]);
  }

  private static int[] numbers(String text, int count) {
    String[] parts = text.replaceAll("[^0-9-]+", " ").trim().split(" ", -1);
    if (parts.length != count) {
      throw new DiffusionException("The latent's Info says \"" + text + "\", which is damaged.");
    }
    int[] out = new int[count];
    for (int i = 0; i < count; i++) {
      out[i] = Integer.parseInt(parts[i]);
    }
    return out;
  }

  /**
   * A plane of the image's type and size.
   *
   * @param decoded (N, C, H, W), as {@link #noise}
   */
  public ImageProcessor plane(Tensor decoded) {
    ImageProcessor out =
        switch (bitDepth) {
          case 8 -> new ByteProcessor(width, height);
          case 16 -> new ShortProcessor(width, height);
          case 24 -> new ColorProcessor(width, height);
          default -> new FloatProcessor(width, height);
        };
    int pixels = window.width() * window.height();
    for (int c = 0; c < ranges.size(); c++) {
      for (int y = 0; y < height; y++) {
        int from = c * pixels + (y - window.y()) * window.width() - window.x();
        for (int x = 0; x < width; x++) {
          Plane.set(out, y * width + x, c, ranges.get(c).toGrey(decoded.data()[from + x]));
        }
      }
    }
    return out;
  }

  /** Whether both are of images of the same size and type. */
  public boolean isLike(Latent other) {
    return width == other.width && height == other.height && bitDepth == other.bitDepth;
  }

  /**
   * This latent's description with grey ranges part of the way to another's.
   *
   * @param other a latent of the same size and type
   * @param fraction 0 for this one's ranges, 1 for the other's
   */
  public Latent towards(Latent other, double fraction) {
    List<IntensityRange> between = new ArrayList<>();
    for (int c = 0; c < ranges.size(); c++) {
      IntensityRange a = ranges.get(c);
      IntensityRange b = other.ranges.get(c);
      between.add(
          new IntensityRange(
              a.low() + fraction * (b.low() - a.low()),
              a.high() + fraction * (b.high() - a.high()),
              a.modelMin(),
              a.modelMax()));
    }
    return new Latent(noise, window, between, width, height, bitDepth);
  }
}
