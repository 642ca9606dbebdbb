package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.CompositeImage;
import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.gui.OvalRoi;
import ij.gui.Roi;
import ij.io.FileSaver;
import ij.measure.Calibration;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import ijdiffusion.demo.NucleiField;
import java.util.Locale;

/** Kinds of images of the matrix: synthetic nuclei of a size that is no multiple of anything. */
enum MatrixImage {
  GREY8(1, 1, 1),
  GREY16(1, 1, 1),
  GREY32(1, 1, 1),
  RGB(1, 1, 1),
  COMPOSITE(2, 1, 1),
  HYPERSTACK(2, 3, 2),
  VIRTUAL(1, 3, 1);

  private static final int WIDTH = 90;
  private static final int HEIGHT = 75;

  private final int channels;
  private final int slices;
  private final int frames;

  MatrixImage(int channels, int slices, int frames) {
    this.channels = channels;
    this.slices = slices;
    this.frames = frames;
  }

  /** Across nuclei; {@link #open} draws the same. */
  static Roi selection() {
    return new OvalRoi(18, 10, 56, 52);
  }

  String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isVirtual() {
    return this == VIRTUAL;
  }

  boolean isHyperStack() {
    return this == COMPOSITE || this == HYPERSTACK;
  }

  /** Display mode of a composite image. */
  String mode() {
    return isHyperStack() ? "composite" : "no";
  }

  /** Macro text that opens the image and makes the selection. */
  String open(ImageJFolder folder) {
    String path = folder.path(title() + ".tif");
    String opened =
        isVirtual()
            ? "run('TIFF Virtual Stack...', 'open=[" + path + "]');"
            : "open('" + path + "');";
    return opened + " makeOval(18, 10, 56, 52);";
  }

  /** Saves the image into the folder. */
  void saveInto(ImageJFolder folder) {
    ImageStack stack = new ImageStack(WIDTH, HEIGHT);
    for (int i = 0; i < channels * slices * frames; i++) {
      stack.addSlice("plane " + (i + 1), plane(61 + i));
    }
    ImagePlus image = new ImagePlus(title(), stack);
    image.setDimensions(channels, slices, frames);
    Calibration c = image.getCalibration();
    c.setUnit("micron");
    c.pixelWidth = 0.65;
    c.pixelHeight = 0.65;
    c.pixelDepth = 2;
    c.frameInterval = frames > 1 ? 1.5 : 0;
    if (this == GREY16) {
      c.setFunction(Calibration.STRAIGHT_LINE, new double[] {-1, 0.01}, "OD");
    }
    if (isHyperStack()) {
      image = new CompositeImage(image, IJ.COMPOSITE);
      image.setOpenAsHyperStack(true);
    }
    for (int k = 1; k <= channels && this != RGB; k++) {
      image.setPosition(k, 1, 1);
      image.setDisplayRange(lowest(), highest());
    }
    image.setPosition(1, 1, 1);
    FileSaver saver = new FileSaver(image);
    String path = folder.path(title() + ".tif");
    assertTrue(stack.size() > 1 ? saver.saveAsTiffStack(path) : saver.saveAsTiff(path));
  }

  private double lowest() {
    return this == GREY32 ? -0.05 : 0;
  }

  /** A noise level that the network can tell from none, in grey values. */
  double noise() {
    return 0.03 * (highest() - lowest());
  }

  private double highest() {
    return switch (this) {
      case GREY8, RGB, COMPOSITE -> 130;
      case GREY32 -> 0.1;
      default -> 2200;
    };
  }

  private ImageProcessor plane(long seed) {
    NucleiField field = field(seed);
    return switch (this) {
      case GREY8, COMPOSITE -> new ByteProcessor(WIDTH, HEIGHT, field.noisy8());
      case RGB -> {
        ColorProcessor rgb = new ColorProcessor(WIDTH, HEIGHT);
        byte[] blue = field.noisy8();
        rgb.setRGB(field(seed + 1).noisy8(), field(seed + 2).noisy8(), blue);
        yield rgb;
      }
      case GREY32 -> {
        byte[] grey = field.noisy8();
        float[] small = new float[grey.length];
        for (int i = 0; i < grey.length; i++) {
          small[i] = (grey[i] & 0xff) / 1000f - 0.05f;
        }
        yield new FloatProcessor(WIDTH, HEIGHT, small);
      }
      default -> new ShortProcessor(WIDTH, HEIGHT, field.noisy16(), null);
    };
  }

  private static NucleiField field(long seed) {
    return NucleiField.render(WIDTH, HEIGHT, seed);
  }

  /** Opens an image of the folder. */
  static ImagePlus open(ImageJFolder folder, String file) {
    ImagePlus image = IJ.openImage(folder.path(file));
    assertNotNull(image, "there is no " + file);
    return image;
  }

  /**
   * Pearson's correlation of the means of blocks of 4 x 4 pixels.
   *
   * @param factor how many times as wide and high b is
   * @param roi where to look; null for everywhere
   */
  static double likeness(ImageProcessor a, ImageProcessor b, int factor, Roi roi) {
    double n = 0;
    double sa = 0;
    double sb = 0;
    double saa = 0;
    double sbb = 0;
    double sab = 0;
    for (int y = 0; y + 4 <= a.getHeight(); y += 4) {
      for (int x = 0; x + 4 <= a.getWidth(); x += 4) {
        if (roi != null && !roi.contains(x + 2, y + 2)) {
          continue;
        }
        double u = mean(a, x, y, 4);
        double v = mean(b, x * factor, y * factor, 4 * factor);
        n++;
        sa += u;
        sb += v;
        saa += u * u;
        sbb += v * v;
        sab += u * v;
      }
    }
    return (n * sab - sa * sb) / Math.sqrt((n * saa - sa * sa) * (n * sbb - sb * sb));
  }

  private static double mean(ImageProcessor ip, int x0, int y0, int side) {
    double sum = 0;
    for (int y = y0; y < y0 + side; y++) {
      for (int x = x0; x < x0 + side; x++) {
        sum += ip.getf(x, y);
      }
    }
    return sum / (side * side);
  }
}
