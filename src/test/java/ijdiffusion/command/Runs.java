package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.ImageStack;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFolder;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.image.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Runs of commands on images made for tests. */
final class Runs {
  private Runs() {}

  /** The command of a label, set up. */
  static DiffusionCommand command(String label, ImagePlus image, String options) {
    DiffusionCommand command = Commands.create(label);
    Parameters.apply(command, options);
    command.setImage(image);
    command.setProgress(Progress.silent());
    return command;
  }

  /** All images of a run, the result last. */
  static List<ImagePlus> run(String label, ImagePlus image, String options) {
    DiffusionCommand command = command(label, image, options);
    command.run();
    return command.results();
  }

  /** The result of a run. */
  static ImagePlus result(String label, ImagePlus image, String options) {
    List<ImagePlus> results = run(label, image, options);
    return results.get(results.size() - 1);
  }

  /** A plane of blurred noise; depth 8, 16, 32, or 24 for RGB. */
  static ImageProcessor plane(int width, int height, int depth, long seed) {
    Random random = new Random(seed);
    float[][] pixels = new float[width][height];
    for (float[] column : pixels) {
      for (int y = 0; y < height; y++) {
        column[y] = 20 + random.nextInt(200);
      }
    }
    FloatProcessor ip = new FloatProcessor(pixels);
    ip.smooth();
    switch (depth) {
      case 8:
        return ip.convertToByteProcessor(false);
      case 16:
        ip.multiply(150);
        return ip.convertToShortProcessor(false);
      case 32:
        ip.multiply(0.001);
        return ip;
      default:
        int[] rgb = new int[width * height];
        for (int i = 0; i < rgb.length; i++) {
          int v = Math.round(ip.getf(i));
          rgb[i] = 0xff000000 | v << 16 | (255 - v) << 8 | v / 2;
        }
        return new ColorProcessor(width, height, rgb);
    }
  }

  /** A stack of different planes, as a hyperstack where there are several dimensions. */
  static ImagePlus stack(int width, int height, int depth, int c, int z, int t) {
    if (c * z * t == 1) {
      return new ImagePlus("stack.tif", plane(width, height, depth, 1));
    }
    ImageStack stack = new ImageStack(width, height);
    for (int i = 1; i <= c * z * t; i++) {
      ImageProcessor ip = plane(width, height, depth, i);
      ip.add(depth == 32 ? 0.01 * i : 3 * i);
      stack.addSlice("plane " + i, ip);
    }
    ImagePlus image = new ImagePlus("stack.tif", stack);
    image.setDimensions(c, z, t);
    if (c > 1 && depth != 24) {
      image = new CompositeImage(image, CompositeImage.COMPOSITE);
    }
    image.setOpenAsHyperStack(c > 1 || z > 1 && t > 1);
    return image;
  }

  /** Both have the same types and bits. */
  static void assertSamePixels(ImagePlus expected, ImagePlus actual) {
    assertEquals(expected.getStackSize(), actual.getStackSize());
    for (int i = 1; i <= expected.getStackSize(); i++) {
      assertSamePlane(expected, i, actual, i);
    }
  }

  /** A plane of one image is one of another, bit for bit. */
  static void assertSamePlane(ImagePlus expected, int i, ImagePlus actual, int k) {
    ImageProcessor a = expected.getStack().getProcessor(i);
    ImageProcessor b = actual.getStack().getProcessor(k);
    String what = "plane " + i + " of " + expected.getTitle();
    assertEquals(a.getClass(), b.getClass(), what);
    assertEquals(a.getWidth(), b.getWidth(), what);
    int[] x = new int[a.getPixelCount()];
    int[] y = new int[b.getPixelCount()];
    for (int p = 0; p < x.length; p++) {
      x[p] = a.get(p);
      y[p] = b.get(p);
    }
    assertArrayEquals(x, y, what);
  }

  /** Pixels that differ, of all planes. */
  static int changed(ImagePlus a, ImagePlus b) {
    int n = 0;
    for (int i = 1; i <= a.getStackSize(); i++) {
      ImageProcessor x = a.getStack().getProcessor(i);
      ImageProcessor y = b.getStack().getProcessor(i);
      for (int p = 0; p < x.getPixelCount(); p++) {
        n += x.get(p) == y.get(p) ? 0 : 1;
      }
    }
    return n;
  }

  /** A run, and the estimate where told so, ends with a message; the image is unharmed. */
  static String refused(String label, ImagePlus image, String options) {
    ImagePlus copy = image.duplicate();
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> run(label, image, options), options);
    assertSamePixels(copy, image);
    assertTrue(image.getInfoProperty() == null || !image.getInfoProperty().contains("diffusion"));
    String m = e.getMessage();
    assertTrue(m.endsWith(".") && !m.contains("\n") && !m.contains("xception"), m);
    return m;
  }

  /** The same, and the message says something. */
  static void refused(String label, ImagePlus image, String options, String part) {
    String message = refused(label, image, options);
    assertTrue(message.contains(part), message);
  }

  /** The intensity range that the record of a run states. */
  static IntensityRange range(ImagePlus made, String field) {
    return IntensityRange.parse(Provenance.of(made).orElseThrow().get(field));
  }

  /** A test model with another card: a place of it replaced, its networks the same. */
  static Path otherCard(Path parent, String model, String... fromTo) throws IOException {
    String card = CardFolder.text(model);
    for (int i = 0; i < fromTo.length; i += 2) {
      card = CardFolder.replaceOnce(card, fromTo[i], fromTo[i + 1]);
    }
    Path folder = Files.createDirectories(parent.resolve("other-" + model));
    try (var files = Files.list(CardFolder.MODELS.resolve(model))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Files.writeString(folder.resolve("rdf.yaml"), card);
    return folder;
  }
}
