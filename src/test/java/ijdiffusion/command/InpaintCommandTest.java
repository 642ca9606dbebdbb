package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.LUT;
import ijdiffusion.DiffusionException;
import ijdiffusion.demo.NucleiField;
import ijdiffusion.image.Provenance;
import java.awt.Color;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command on images of every type, with exact networks of known answers. */
class InpaintCommandTest {
  static final Roi HOLE = new OvalRoi(60, 50, 20, 16);

  /** A textured test image; type as in {@code ImagePlus}: "8", "16", "32" or "rgb". */
  static ImagePlus image(String type) {
    int size = 128;
    float[] truth = NucleiField.render(size, size, 3).clean();
    ImageProcessor ip = new FloatProcessor(size, size, truth);
    switch (type) {
      case "8" -> ip = ip.convertToByteProcessor(false);
      case "16" -> {
        ip.multiply(100);
        ip = ip.convertToShortProcessor(false);
      }
      case "32" -> ip.multiply(0.001);
      case "rgb" -> {
        int[] rgb = new int[size * size];
        for (int i = 0; i < rgb.length; i++) {
          int v = Math.min(255, Math.round(truth[i]));
          rgb[i] = 0xff000000 | v << 16 | (255 - v) << 8 | v / 2;
        }
        ip = new ColorProcessor(size, size, rgb);
      }
      default -> throw new IllegalArgumentException(type);
    }
    ImagePlus image = new ImagePlus("field.tif", ip);
    image.setRoi((Roi) HOLE.clone());
    return image;
  }

  static InpaintCommand command(ImagePlus image, String options) {
    InpaintCommand command = new InpaintCommand();
    Parameters.apply(command, options);
    command.setImage(image);
    command.setProgress(Progress.silent());
    return command;
  }

  static List<ImagePlus> run(ImagePlus image, String options) {
    InpaintCommand command = command(image, options);
    command.run();
    return command.results();
  }

  static ImagePlus result(ImagePlus image, String options) {
    List<ImagePlus> results = run(image, options);
    return results.get(results.size() - 1);
  }

  static void assertSamePixels(ImagePlus a, ImagePlus b) {
    assertEquals(a.getStackSize(), b.getStackSize());
    for (int i = 1; i <= a.getStackSize(); i++) {
      assertPixelsEqual(a.getStack().getPixels(i), b.getStack().getPixels(i));
    }
  }

  static void assertPixelsEqual(Object a, Object b) {
    assertEquals(a.getClass(), b.getClass());
    if (a instanceof byte[] x) {
      assertArrayEquals(x, (byte[]) b);
    } else if (a instanceof short[] x) {
      assertArrayEquals(x, (short[]) b);
    } else if (a instanceof int[] x) {
      assertArrayEquals(x, (int[]) b);
    } else {
      assertArrayEquals((float[]) a, (float[]) b);
    }
  }

  static int changedInside(ImagePlus before, ImagePlus after, Roi zone) {
    int changed = 0;
    ImageProcessor a = before.getProcessor();
    ImageProcessor b = after.getProcessor();
    for (int y = 0; y < a.getHeight(); y++) {
      for (int x = 0; x < a.getWidth(); x++) {
        boolean same = a.get(x, y) == b.get(x, y);
        if (!zone.contains(x, y)) {
          assertTrue(same, "pixel " + x + ", " + y + " outside the selection changed");
        } else if (!same) {
          changed++;
        }
      }
    }
    return changed;
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "16", "32", "rgb"})
  void outsideTheSelectionEveryBitIsKept(String type) {
    ImagePlus before = image(type);
    ImagePlus original = before.duplicate();
    ImagePlus after = result(before, "model=gauss steps=6 jump=2 resamplings=2");
    assertSamePixels(original, before);
    assertEquals(before.getType(), after.getType());
    assertEquals("field-inpainted", after.getTitle());
    int filled = HOLE.getContainedPoints().length;
    int changed = changedInside(before, after, HOLE);
    assertTrue(changed > 0.8 * filled, changed + " of " + filled + " changed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "16", "32", "rgb"})
  void withGrowAndFeatherEveryBitOutsideTheZoneIsKept(String type) {
    ImagePlus before = image(type);
    ImagePlus after = result(before, "model=gauss steps=4 grow=2 feather=3");
    int changed = 0;
    for (int y = 0; y < 128; y++) {
      for (int x = 0; x < 128; x++) {
        if (before.getProcessor().get(x, y) != after.getProcessor().get(x, y)) {
          changed++;
          assertTrue(distanceToHole(x, y) <= 5, x + ", " + y + " is outside the feather zone");
        }
      }
    }
    assertTrue(changed > HOLE.getContainedPoints().length);
  }

  private static double distanceToHole(int x, int y) {
    double best = Double.MAX_VALUE;
    for (java.awt.Point p : HOLE.getContainedPoints()) {
      best = Math.min(best, p.distance(x, y));
    }
    return best;
  }

  @Test
  void anExactNetworkFillsWithItsOwnDistribution() {
    // the network knows pixels as independent N(0.3, 0.04): a fill must have that mean and spread,
    // whatever is around it; 100 steps leave a variance of 0.03055 (reference gaussian maps)
    ImagePlus before = image("32");
    before.setRoi(new Roi(20, 20, 90, 80));
    ImagePlus after = result(before, "model=gauss steps=100 jump=10 resamplings=1");
    String[] range = Provenance.of(after).orElseThrow().get("range").split(" ", -1);
    double low = Double.parseDouble(range[0]);
    double high = Double.parseDouble(range[2]);
    after.setRoi(new Roi(20, 20, 90, 80));
    double mean = (after.getStatistics().mean - low) / (high - low) * 2 - 1;
    double sd = after.getStatistics().stdDev / (high - low) * 2;
    assertEquals(0.3, mean, 4 * 0.1748 / Math.sqrt(7200));
    assertEquals(Math.sqrt(0.03055), sd, 0.006);
  }

  @Test
  void sameSeedSamePixelsOtherSeedOthers() {
    ImagePlus before = image("16");
    ImagePlus once = result(before, "model=gauss steps=5 seed=11");
    assertSamePixels(once, result(before, "model=gauss steps=5 seed=11"));
    ImagePlus other = result(before, "model=gauss steps=5 seed=12");
    assertTrue(changedInside(once, other, HOLE) > 100);
  }

  @Test
  void nothingBeyondTheContextWindowMatters() {
    ImagePlus before = image("8");
    ImagePlus changed = before.duplicate();
    changed.setRoi((Roi) HOLE.clone());
    // selection bounds 60..79 x 50..65, margin 32: the window is x 28..111, y 18..97
    changed.getProcessor().setValue(255);
    changed.getProcessor().fill(new Roi(0, 0, 128, 10));
    changed.getProcessor().fill(new Roi(0, 0, 14, 128));
    ImagePlus a = result(before, "model=gauss steps=5");
    ImagePlus b = result(changed, "model=gauss steps=5");
    for (java.awt.Point p : HOLE.getContainedPoints()) {
      assertEquals(a.getPixel(p.x, p.y)[0], b.getPixel(p.x, p.y)[0]);
    }
    // cropped to what the window needs, the selection elsewhere: the same fill
    ImagePlus cropped = before.duplicate();
    cropped.setRoi(20, 10, 100, 100);
    cropped = cropped.crop();
    cropped.setRoi(new OvalRoi(40, 40, 20, 16));
    ImagePlus c = result(cropped, "model=gauss steps=5");
    for (java.awt.Point p : HOLE.getContainedPoints()) {
      assertEquals(a.getPixel(p.x, p.y)[0], c.getPixel(p.x - 20, p.y - 10)[0]);
    }
  }

  @Test
  void severalSamplesComeAsAStackWithMeanAndStandardDeviation() {
    ImagePlus before = image("32");
    List<ImagePlus> results = run(before, "model=gauss steps=5 samples=4");
    assertEquals(2, results.size());
    ImagePlus statistics = results.get(0);
    ImagePlus samples = results.get(1);
    assertEquals(4, samples.getStackSize());
    assertEquals(2, statistics.getStackSize());
    assertEquals(32, statistics.getBitDepth());
    assertEquals("mean of 4 samples", statistics.getStack().getSliceLabel(1));
    assertEquals("standard deviation of 4 samples", statistics.getStack().getSliceLabel(2));
    for (int y = 0; y < 128; y++) {
      for (int x = 0; x < 128; x++) {
        double sum = 0;
        double squares = 0;
        for (int k = 1; k <= 4; k++) {
          sum += samples.getStack().getProcessor(k).getf(x, y);
        }
        for (int k = 1; k <= 4; k++) {
          double d = samples.getStack().getProcessor(k).getf(x, y) - sum / 4;
          squares += d * d;
        }
        assertEquals(sum / 4, statistics.getStack().getProcessor(1).getf(x, y), 1e-6);
        float sd = statistics.getStack().getProcessor(2).getf(x, y);
        assertEquals(Math.sqrt(squares / 3), sd, 1e-6);
        assertEquals(!HOLE.contains(x, y), sd == 0);
      }
    }
    // the first sample is what one sample would have been
    assertPixelsEqual(
        samples.getStack().getPixels(1),
        result(before, "model=gauss steps=5").getProcessor().getPixels());
  }

  @Test
  void aOneChannelModelTreatsTheChannelsOfRgbAlike() {
    ImagePlus grey = image("8");
    ImagePlus rgb = new ImagePlus("g", grey.getProcessor().convertToRGB());
    rgb.setRoi((Roi) HOLE.clone());
    ImagePlus after = result(rgb, "model=gauss steps=5 samples=2");
    ImagePlus expected = result(grey, "model=gauss steps=5 samples=2");
    for (int k = 1; k <= 2; k++) {
      for (int c = 1; c <= 3; c++) {
        ImageProcessor channel =
            ((ColorProcessor) after.getStack().getProcessor(k)).getChannel(c, null);
        assertPixelsEqual(expected.getStack().getPixels(k), channel.getPixels());
      }
    }
    assertTrue(Provenance.of(after).orElseThrow().get("note").contains("same noise"));
  }

  @Test
  void aThreeChannelModelTakesRgbAtOnceAndRefusesGrey() {
    ImagePlus after = result(image("rgb"), "model=gauss-rgb steps=5");
    assertTrue(changedInside(image("rgb"), after, HOLE) > 200);
    assertEquals("5", Provenance.of(after).orElseThrow().get("network_calls"));
    String message =
        assertThrows(DiffusionException.class, () -> result(image("8"), "model=gauss-rgb steps=5"))
            .getMessage();
    assertTrue(message.contains("3 channels") && message.contains("has 1"), message);
    InpaintCommand asked = command(image("8"), "model=gauss-rgb steps=5");
    assertEquals(message, assertThrows(DiffusionException.class, asked::estimate).getMessage());
  }

  @Test
  void whatTheImageHadIsKept() {
    ImagePlus before = image("16");
    before.getCalibration().pixelWidth = 0.2;
    before.getCalibration().pixelHeight = 0.3;
    before.getCalibration().setUnit("micron");
    before.getCalibration().frameInterval = 1.5;
    before.setLut(LUT.createLutFromColor(Color.GREEN));
    before.setDisplayRange(120, 9000);
    before.setOverlay(new Overlay(new Roi(1, 2, 3, 4)));
    before.setProperty("Info", "Objective: 40x");
    before.setProp("Stain", "DAPI");
    before.setProp("Slice_Label", "well A1");
    ImagePlus after = result(before, "model=gauss steps=3");
    assertTrue(before.getCalibration().equals(after.getCalibration()));
    assertEquals(1.5, after.getCalibration().frameInterval);
    assertEquals(120, after.getDisplayRangeMin());
    assertEquals(9000, after.getDisplayRangeMax());
    assertEquals(
        before.getProcessor().getColorModel().getRGB(255),
        after.getProcessor().getColorModel().getRGB(255));
    assertEquals(1, after.getOverlay().size());
    assertEquals(new Roi(1, 2, 3, 4).getBounds(), after.getOverlay().get(0).getBounds());
    assertTrue(after.getInfoProperty().startsWith("Objective: 40x\n"));
    assertEquals("DAPI", after.getProp("Stain"));
    assertEquals("well A1", after.getProp("Slice_Label"));
    assertFalse(before.getInfoProperty().contains("diffusion"));
    assertNotNull(before.getRoi());
  }

  @ParameterizedTest
  @ValueSource(strings = {"green", "fire", "HiLo"})
  void anEightBitImageWithAColourScaleIsIntensities(String name) {
    ImagePlus plain = image("8");
    ImagePlus coloured = image("8");
    coloured.setLut(scale(name));
    coloured.setRoi((Roi) HOLE.clone());
    ImagePlus after = result(coloured, "model=gauss steps=4");
    assertPixelsEqual(
        result(plain, "model=gauss steps=4").getProcessor().getPixels(),
        after.getProcessor().getPixels());
    for (int i = 0; i < 256; i++) {
      assertEquals(
          coloured.getProcessor().getColorModel().getRGB(i),
          after.getProcessor().getColorModel().getRGB(i));
    }
  }

  private static LUT scale(String name) {
    byte[][] rgb = new byte[3][256];
    for (int i = 0; i < 256; i++) {
      for (int c = 0; c < 3; c++) {
        // fire: black, red, yellow, white; HiLo: grey
        rgb[c][i] = (byte) (name.equals("fire") ? Math.max(0, Math.min(255, 3 * i - 255 * c)) : i);
      }
    }
    if (name.equals("HiLo")) {
      rgb[2][0] = (byte) 255; // blue where dark
      rgb[1][255] = 0; // red where saturated
      rgb[2][255] = 0;
    }
    return name.equals("green")
        ? LUT.createLutFromColor(Color.GREEN)
        : new LUT(rgb[0], rgb[1], rgb[2]);
  }
}
