package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.Roi;
import ij.measure.Calibration;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.image.Provenance;
import java.util.Properties;

/**
 * A command on one kind of image, and how its result must look.
 *
 * @param command the command
 * @param kind the image
 */
record MatrixCell(MatrixCommand command, MatrixImage kind) {
  String name() {
    return command.key() + "-" + kind.title();
  }

  /** The line {@link GuiMatrix} reads. */
  String line(ImageJFolder folder) {
    return String.join(
        "\t", name(), kind.open(folder), "run('" + command.label() + "', '" + options() + "');");
  }

  private String options() {
    String noise = command.key().equals("denoise") ? " noise=" + kind.noise() : "";
    return command.options() + noise + " planes=all seed=3";
  }

  /** Judges what was seen and saved. */
  void check(ImageJFolder folder, Properties seen) {
    assertEquals("0", seen(seen, "dialogs"));
    String log = seen(seen, "log");
    // the model was trained on grey images, and says so of an image in colour
    boolean warns = kind == MatrixImage.RGB;
    assertTrue(
        warns ? log.lines().allMatch(l -> l.contains("trained on grey")) : log.isEmpty(), log);
    assertEquals("false", seen(seen, "locked"));
    assertEquals(Boolean.toString(kind.isVirtual()), seen(seen, "virtual"));
    String title = kind.title() + command.suffix();
    assertEquals(kind.title() + ".tif|" + title, seen(seen, "images"));
    assertEquals(title, seen(seen, "title"));
    assertEquals("true", seen(seen, "window"));
    assertEquals(seen(seen, "hyperstackBefore"), seen(seen, "hyperstack"));
    assertEquals(kind.mode(), seen(seen, "composite"));

    ImagePlus original = MatrixImage.open(folder, kind.title() + ".tif");
    original.setRoi(MatrixImage.selection());
    assertSamePixels(original, MatrixImage.open(folder, name() + "-before.tif"));
    ImagePlus made = MatrixImage.open(folder, name() + "-after.tif");
    assertShape(original, made);
    assertCalibration(original.getCalibration(), made.getCalibration());
    assertEquals(
        command.label(), Provenance.of(made).orElseThrow().get("command"), "no or wrong record");
    for (int i = 1; i <= original.getStackSize(); i++) {
      assertPlane(original.getStack().getProcessor(i), made.getStack().getProcessor(i), i);
    }
  }

  private String seen(Properties seen, String key) {
    String value = seen.getProperty(name() + "." + key);
    assertNotNull(value, name() + " was not played to its end: no " + key);
    return value;
  }

  private static void assertSamePixels(ImagePlus a, ImagePlus b) {
    for (int i = 1; i <= a.getStackSize(); i++) {
      ImageProcessor p = a.getStack().getProcessor(i);
      ImageProcessor q = b.getStack().getProcessor(i);
      assertArrayEquals(
          p.convertToFloat().getPixelsCopy() instanceof float[] f ? f : null,
          q.convertToFloat().getPixelsCopy() instanceof float[] g ? g : null,
          "the image itself was changed in plane " + i);
    }
  }

  private void assertShape(ImagePlus before, ImagePlus after) {
    assertEquals(before.getWidth() * command.factor(), after.getWidth());
    assertEquals(before.getHeight() * command.factor(), after.getHeight());
    assertEquals(before.getType(), after.getType());
    assertEquals(before.getNChannels(), after.getNChannels());
    assertEquals(before.getNSlices(), after.getNSlices());
    assertEquals(before.getNFrames(), after.getNFrames());
    for (int c = 1; c <= before.getNChannels(); c++) {
      before.setPosition(c, 1, 1);
      after.setPosition(c, 1, 1);
      if (before.getType() != ImagePlus.COLOR_RGB) {
        assertEquals(before.getDisplayRangeMin(), after.getDisplayRangeMin(), 1e-6);
        assertEquals(before.getDisplayRangeMax(), after.getDisplayRangeMax(), 1e-6);
        assertEquals(before.getProcessor().getLut(), after.getProcessor().getLut());
      }
    }
    Roi roi = after.getRoi();
    assertNotNull(roi, "the selection is gone");
    int f = command.factor();
    Roi own = MatrixImage.selection();
    assertEquals(own.getFloatWidth() * f, roi.getFloatWidth(), 1);
    assertEquals(own.getXBase() * f, roi.getXBase(), 1);
  }

  private void assertCalibration(Calibration before, Calibration after) {
    assertEquals(before.pixelWidth / command.factor(), after.pixelWidth, 1e-5);
    assertEquals(before.pixelHeight / command.factor(), after.pixelHeight, 1e-5);
    assertEquals(before.pixelDepth, after.pixelDepth, 1e-5);
    assertEquals(before.frameInterval, after.frameInterval, 1e-5);
    assertEquals(before.getUnit(), after.getUnit());
    assertEquals(before.getFunction(), after.getFunction());
    assertArrayEquals(before.getCoefficients(), after.getCoefficients());
    assertEquals(before.getValueUnit(), after.getValueUnit());
  }

  private void assertPlane(ImageProcessor before, ImageProcessor after, int plane) {
    Roi roi = MatrixImage.selection();
    if (before instanceof ColorProcessor a && after instanceof ColorProcessor b) {
      for (int c = 1; c <= 3; c++) {
        String where = "plane " + plane + ", colour " + c;
        assertValues(a.getChannel(c, null), b.getChannel(c, null), roi, where);
      }
    } else {
      assertValues(before, after, roi, "plane " + plane);
    }
  }

  private void assertValues(ImageProcessor before, ImageProcessor after, Roi roi, String where) {
    int f = command.factor();
    int changed = 0;
    int inside = 0;
    for (int y = 0; y < after.getHeight(); y++) {
      for (int x = 0; x < after.getWidth(); x++) {
        boolean same = before.getf(x / f, y / f) == after.getf(x, y);
        boolean mine = !command.isLimited() || roi.contains(x, y);
        assertTrue(same || mine, where + ": pixel " + x + ", " + y + " is outside but changed");
        assertTrue(Float.isFinite(after.getf(x, y)), where + ": not a number");
        inside += mine ? 1 : 0;
        changed += same ? 0 : 1;
      }
    }
    assertTrue(
        changed > command.leastChanged() * inside,
        where + ": only " + changed + " of " + inside + " pixels changed");
    double r = MatrixImage.likeness(before, after, f, command.isLimited() ? roi : null);
    assertTrue(r > command.likeness(), where + ": the correlation with the image is " + r);
  }
}
