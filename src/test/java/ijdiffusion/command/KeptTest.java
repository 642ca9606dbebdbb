package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.VirtualStack;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.measure.Calibration;
import ij.process.ImageProcessor;
import ij.process.LUT;
import ijdiffusion.image.Provenance;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything an image has besides pixels, through every command. */
class KeptTest {
  private static final int W = 40;
  private static final int H = 36;

  @TempDir Path folder;

  static List<Arguments> commandsAndTypes() {
    List<Arguments> all = new ArrayList<>();
    for (String command : List.of("Edit", "Guide", "Upscale", "Denoise", "Restore", "Inpaint")) {
      for (String type : List.of("8", "16", "32", "rgb", "c2", "hyper", "virtual")) {
        all.add(Arguments.of(command, type));
      }
    }
    return all;
  }

  static ImagePlus image(String type) {
    ImagePlus image =
        switch (type) {
          case "8", "16", "32" -> Runs.stack(W, H, Integer.parseInt(type), 1, 1, 1);
          case "rgb" -> Runs.stack(W, H, 24, 1, 1, 1);
          case "c2" -> Runs.stack(W, H, 16, 2, 1, 1);
          case "hyper" -> Runs.stack(W, H, 8, 2, 3, 2);
          default -> virtual();
        };
    dress(image);
    return image;
  }

  /** Planes that are made anew whenever they are asked for. */
  static ImagePlus virtual() {
    VirtualStack stack =
        new VirtualStack(W, H, 4, "16-bit") {
          @Override
          public ImageProcessor getProcessor(int n) {
            return Runs.plane(W, H, 16, n);
          }

          @Override
          public String getSliceLabel(int n) {
            return "plane " + n;
          }
        };
    ImagePlus image = new ImagePlus("stack.tif", stack);
    image.setDimensions(1, 1, 4);
    return image;
  }

  private static void dress(ImagePlus image) {
    Calibration c = image.getCalibration();
    c.pixelWidth = 0.5;
    c.pixelHeight = 0.25;
    c.pixelDepth = 2;
    c.xOrigin = 3;
    c.yOrigin = 4;
    c.zOrigin = 1;
    c.setUnit("micron");
    c.frameInterval = 1.5;
    c.setTimeUnit("min");
    image.setProperty("Info", "Objective: 40x");
    image.setProp("Stain", "DAPI");
    if (image.getStackSize() == 1) {
      image.setProp("Slice_Label", "well A1");
    }
    if (image instanceof CompositeImage composite) {
      Color[] colours = {Color.MAGENTA, Color.GREEN};
      for (int k = 1; k <= 2; k++) {
        image.setPosition(k, 1, 1);
        composite.setChannelLut(LUT.createLutFromColor(colours[k - 1]), k);
        image.setDisplayRange(10 * k, 100 + 50 * k);
      }
      composite.getActiveChannels()[1] = false;
      image.setPosition(1, 1, 1);
    } else if (image.getType() != ImagePlus.COLOR_RGB) {
      image.setLut(LUT.createLutFromColor(Color.CYAN));
      image.setDisplayRange(12, 180);
    }
    Roi free = new Roi(2, 3, 10, 8);
    free.setName("free");
    free.setStrokeColor(Color.RED);
    Roi placed = new OvalRoi(20, 10, 8, 6);
    if (image.getNChannels() > 1) {
      placed.setPosition(2, 0, image.getNFrames());
    } else if (image.getStackSize() > 1) {
      placed.setPosition(3);
    }
    Overlay overlay = new Overlay(free);
    overlay.add(placed);
    image.setOverlay(overlay);
    image.setRoi(new OvalRoi(8, 8, 18, 14));
  }

  private String options(String command, ImagePlus image) throws IOException {
    String model =
        switch (command) {
          case "Upscale" -> "cond-inside";
          // a card of the same exact network that restores instead of inpainting
          case "Restore" ->
              Runs.otherCard(
                      folder,
                      "cond-last",
                      "      task: inpaint\n      fill: noise\n      start: condition\n",
                      "      task: restore\n")
                  .toString();
          default -> "gauss";
        };
    String rest =
        switch (command) {
          case "Edit" -> " steps=4 strength=0.5";
          case "Guide" -> " steps=2 factor=4";
          case "Upscale", "Restore" -> " steps=2";
          case "Inpaint" -> " steps=2 jump=1 resamplings=1";
          default -> "";
        };
    return "model=[" + model + "] planes=all" + rest;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("commandsAndTypes")
  void theResultHasWhatTheImageHad(String command, String type) throws IOException {
    ImagePlus before = image(type);
    ImagePlus untouched = before.duplicate();
    ImagePlus after = Runs.result("Diffusion " + command + "...", before, options(command, before));
    int factor = command.equals("Upscale") ? 2 : 1;
    assertEquals(factor * W, after.getWidth());
    assertEquals(factor * H, after.getHeight());
    assertEquals(before.getType(), after.getType());
    assertArrayEquals(dimensions(before), dimensions(after));
    assertEquals(before.isHyperStack(), after.isHyperStack());
    assertEquals("stack-" + ending(command), after.getTitle());
    assertCalibration(before.getCalibration(), after.getCalibration(), factor);
    assertColours(before, after);
    for (int i = 1; i <= before.getStackSize(); i++) {
      assertEquals(label(before, i), label(after, i));
    }
    assertOverlay(before, after, factor);
    assertRoi(before.getRoi(), after.getRoi(), factor);
    assertTrue(after.getInfoProperty().startsWith("Objective: 40x\n"));
    assertEquals("DAPI", after.getProp("Stain"));
    assertTrue(Provenance.of(after).isPresent());
    assertTrue(Provenance.of(before).isEmpty());
    if (!type.equals("virtual")) {
      Runs.assertSamePixels(untouched, before);
    }
    assertTrue(factor > 1 || Runs.changed(before, after) > 100, "nothing was done");
  }

  private static String ending(String command) {
    return switch (command) {
      case "Edit" -> "edited";
      case "Guide" -> "guided";
      case "Upscale" -> "x2";
      case "Denoise" -> "denoised";
      case "Restore" -> "restored";
      default -> "inpainted";
    };
  }

  private static int[] dimensions(ImagePlus image) {
    return new int[] {image.getNChannels(), image.getNSlices(), image.getNFrames()};
  }

  private static String label(ImagePlus image, int i) {
    return image.getStackSize() == 1
        ? image.getProp("Slice_Label")
        : image.getStack().getSliceLabel(i);
  }

  private static void assertCalibration(Calibration a, Calibration b, int factor) {
    assertEquals(a.pixelWidth / factor, b.pixelWidth);
    assertEquals(a.pixelHeight / factor, b.pixelHeight);
    assertEquals(a.pixelDepth, b.pixelDepth);
    assertEquals(a.xOrigin * factor, b.xOrigin);
    assertEquals(a.yOrigin * factor, b.yOrigin);
    assertEquals(a.zOrigin, b.zOrigin);
    assertEquals(a.getUnit(), b.getUnit());
    assertEquals(a.frameInterval, b.frameInterval);
    assertEquals(a.getTimeUnit(), b.getTimeUnit());
  }

  private static void assertColours(ImagePlus before, ImagePlus after) {
    if (!(before instanceof CompositeImage a)) {
      assertFalse(after instanceof CompositeImage);
      if (before.getType() != ImagePlus.COLOR_RGB) {
        assertEquals(before.getDisplayRangeMin(), after.getDisplayRangeMin());
        assertEquals(before.getDisplayRangeMax(), after.getDisplayRangeMax());
        assertEquals(
            before.getProcessor().getColorModel().getRGB(200),
            after.getProcessor().getColorModel().getRGB(200));
      }
      return;
    }
    CompositeImage b = assertInstanceOf(CompositeImage.class, after);
    assertEquals(a.getMode(), b.getMode());
    for (int c = 1; c <= 2; c++) {
      assertEquals(a.getChannelLut(c).getRGB(200), b.getChannelLut(c).getRGB(200));
      assertEquals(10 * c, b.getChannelLut(c).min);
      assertEquals(100 + 50 * c, b.getChannelLut(c).max);
      after.setPosition(c, 1, 1);
      assertEquals(10 * c, after.getDisplayRangeMin());
      assertEquals(a.getActiveChannels()[c - 1], b.getActiveChannels()[c - 1]);
    }
  }

  private static void assertOverlay(ImagePlus before, ImagePlus after, int factor) {
    assertEquals(2, after.getOverlay().size());
    for (int k = 0; k < 2; k++) {
      Roi a = before.getOverlay().get(k);
      Roi b = after.getOverlay().get(k);
      assertRoi(a, b, factor);
      assertEquals(a.getName(), b.getName());
      assertEquals(a.getStrokeColor(), b.getStrokeColor());
      assertEquals(a.getPosition(), b.getPosition());
      assertEquals(a.getCPosition(), b.getCPosition());
      assertEquals(a.getZPosition(), b.getZPosition());
      assertEquals(a.getTPosition(), b.getTPosition());
    }
  }

  private static void assertRoi(Roi a, Roi b, int factor) {
    assertEquals(a.getType(), b.getType());
    assertEquals(a.getXBase() * factor, b.getXBase());
    assertEquals(a.getYBase() * factor, b.getYBase());
    assertEquals(a.getFloatWidth() * factor, b.getFloatWidth());
    assertEquals(a.getFloatHeight() * factor, b.getFloatHeight());
  }
}
