import ij.IJ;
import ij.ImagePlus;
import ij.gui.OvalRoi;
import ij.gui.Roi;
import ij.io.FileSaver;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.command.SampleImage;
import ijdiffusion.demo.NucleiField;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What docs/gallery.sh needs beside the commands: input images, and pictures side by side. Run as a
 * single file, {@code java -cp CLASSPATH docs/gallery/Pictures.java WORD ARGUMENTS}.
 */
final class Pictures {
  private static final int GAP = 6;

  private Pictures() {}

  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    switch (args[0]) {
      case "field" -> field(args[1], number(args[2]), number(args[3]));
      case "mask" -> mask(args[1], args[2], args[3], numbers(args[4]));
      case "scratch" -> scratch(args[1], args[2], number(args[3]), args[4].split(";"));
      case "noise" -> noise(args[1], args[2], number(args[3]));
      case "hide" -> hide(args[1], args[2], args[3]);
      case "paint" -> paint(args[1], args[2]);
      case "scale" -> scale(args[1], args[2], Double.parseDouble(args[3]));
      case "enlarge" -> enlarge(args[1], args[2], number(args[3]));
      case "panels" -> panels(args);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** {@code field FILE SIZE SEED}: synthetic nuclei; seed 42 at 256 is the sample image. */
  private static void field(String file, int size, int seed) {
    byte[] grey = NucleiField.render(size, size, seed).noisy8();
    ImagePlus image = new ImagePlus("nuclei", new ByteProcessor(size, size, grey));
    image.setCalibration(SampleImage.create().getCalibration());
    save(image, file);
  }

  /** {@code mask IN FILE oval|rectangle X,Y,W,H}: white there, of the image's size. */
  private static void mask(String in, String file, String shape, int[] box) {
    ImagePlus image = open(in);
    ByteProcessor mask = new ByteProcessor(image.getWidth(), image.getHeight());
    boolean oval = shape.equals("oval");
    mask.setValue(255);
    mask.fill(
        oval
            ? new OvalRoi(box[0], box[1], box[2], box[3])
            : new Roi(box[0], box[1], box[2], box[3]));
    save(new ImagePlus("mask", mask), file);
  }

  /** {@code scratch IN FILE WIDTH X,Y,X,Y,...;...}: strokes of a brush, white, of the image's size. */
  private static void scratch(String in, String file, int width, String[] strokes) {
    ImagePlus image = open(in);
    ByteProcessor mask = new ByteProcessor(image.getWidth(), image.getHeight());
    mask.setValue(255);
    mask.setLineWidth(width);
    for (String stroke : strokes) {
      int[] xy = numbers(stroke);
      mask.moveTo(xy[0], xy[1]);
      for (int i = 2; i < xy.length; i += 2) {
        mask.lineTo(xy[i], xy[i + 1]);
      }
    }
    save(new ImagePlus("mask", mask), file);
  }

  /** {@code hide IN MASK FILE}: white where the mask is white. */
  private static void hide(String in, String mask, String file) {
    ImagePlus image = open(in);
    ImageProcessor where = open(mask).getProcessor();
    for (int i = 0; i < where.getPixelCount(); i++) {
      if (where.get(i) == 255) {
        image.getProcessor().set(i, image.getType() == ImagePlus.COLOR_RGB ? 0xffffff : 255);
      }
    }
    save(image, file);
  }

  /** {@code noise IN FILE SIGMA}: Gaussian noise of that many grey values; 8-bit where RGB. */
  private static void noise(String in, String file, int sigma) {
    Random random = new Random(7);
    ImageProcessor source = open(in).getProcessor();
    if (source instanceof ColorProcessor rgb) {
      for (int c = 0; c < 3; c++) {
        byte[] channel = rgb.getChannel(c + 1);
        for (int i = 0; i < channel.length; i++) {
          long noisy = Math.round((channel[i] & 0xff) + sigma * random.nextGaussian());
          channel[i] = (byte) Math.max(0, Math.min(255, noisy));
        }
        rgb.setChannel(c + 1, new ByteProcessor(rgb.getWidth(), rgb.getHeight(), channel));
      }
      save(new ImagePlus("noisy", rgb), file);
      return;
    }
    ImageProcessor ip = source.convertToFloat();
    for (int i = 0; i < ip.getPixelCount(); i++) {
      ip.setf(i, (float) (ip.getf(i) + sigma * random.nextGaussian()));
    }
    save(new ImagePlus("noisy", ip), file);
  }

  /** {@code paint IN FILE}: flat grey blobs painted over a corner-to-corner band of an image. */
  private static void paint(String in, String file) {
    ImagePlus image = open(in);
    ImageProcessor ip = image.getProcessor();
    int[][] blobs = {
      {96, 20, 26, 20, 62}, {132, 40, 22, 24, 85}, {104, 58, 20, 18, 70}, {150, 82, 26, 18, 55},
      {112, 92, 24, 24, 78}, {84, 120, 20, 22, 60}, {122, 130, 30, 22, 88}, {158, 118, 20, 20, 66},
      {96, 164, 24, 20, 74}, {134, 170, 22, 26, 58}, {104, 204, 28, 20, 82}, {142, 212, 20, 22, 68},
    };
    ip.setValue(6);
    ip.fill(new Roi(72, 0, 112, image.getHeight()));
    for (int[] b : blobs) {
      ip.setValue(b[4]);
      ip.fill(new OvalRoi(b[0], b[1], b[2], b[3]));
    }
    save(image, file);
  }

  /** {@code scale IN FILE FACTOR}: averaged down, or interpolated up. */
  private static void scale(String in, String file, double factor) {
    ImagePlus image = open(in);
    ImageProcessor ip = image.getProcessor();
    ip.setInterpolationMethod(ImageProcessor.BICUBIC);
    int w = (int) Math.round(ip.getWidth() * factor);
    int h = (int) Math.round(ip.getHeight() * factor);
    save(new ImagePlus(image.getTitle(), ip.resize(w, h, factor < 1)), file);
  }

  /** {@code enlarge IN FILE FACTOR}: every pixel as a square. */
  private static void enlarge(String in, String file, int factor) {
    ImagePlus image = open(in);
    ImageProcessor ip = image.getProcessor();
    ip.setInterpolationMethod(ImageProcessor.NONE);
    int w = ip.getWidth() * factor;
    save(new ImagePlus(image.getTitle(), ip.resize(w, ip.getHeight() * factor, false)), file);
  }

  /**
   * {@code panels FILE MIN-MAX IMAGE[#PLANE] ...}: images side by side, MIN as black and MAX as
   * white; {@code auto} shows each from its own minimum to its maximum, {@code colours} as it is.
   */
  private static void panels(String[] args) {
    List<ImageProcessor> panels = new ArrayList<>();
    for (String panel : Arrays.copyOfRange(args, 3, args.length)) {
      String[] file = panel.split("#");
      ImagePlus image = open(file[0]);
      if (file.length > 1) {
        image.setSlice(number(file[1]));
      }
      if (args[2].equals("colours")) {
        panels.add(image.getProcessor().convertToRGB());
        continue;
      }
      // bytes would be taken as they are
      ImageProcessor ip = image.getProcessor().convertToFloat();
      if (args[2].equals("auto")) {
        ip.resetMinAndMax();
      } else {
        ip.setMinAndMax(number(args[2].split("-")[0]), number(args[2].split("-")[1]));
      }
      panels.add(ip.convertToByte(true));
    }
    int width = panels.stream().mapToInt(p -> p.getWidth() + GAP).sum() - GAP;
    int height = panels.stream().mapToInt(ImageProcessor::getHeight).max().orElseThrow();
    ImageProcessor sheet = panels.get(0).createProcessor(width, height);
    sheet.setColor(Color.WHITE);
    sheet.fill();
    int x = 0;
    for (ImageProcessor panel : panels) {
      sheet.insert(panel, x, 0);
      x += panel.getWidth() + GAP;
    }
    save(new ImagePlus("panels", sheet), args[1]);
  }

  private static ImagePlus open(String file) {
    ImagePlus image = IJ.openImage(file);
    if (image == null) {
      throw new IllegalArgumentException("no image in " + file);
    }
    return image;
  }

  private static void save(ImagePlus image, String file) {
    FileSaver saver = new FileSaver(image);
    if (!(file.endsWith(".png") ? saver.saveAsPng(file) : saver.saveAsTiff(file))) {
      throw new IllegalStateException(file + " could not be written");
    }
  }

  private static int number(String text) {
    return Integer.parseInt(text);
  }

  private static int[] numbers(String text) {
    return Arrays.stream(text.split(",")).mapToInt(Pictures::number).toArray();
  }
}
