package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.process.ImageProcessor;
import ijdiffusion.image.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repairs by a network that knows p(x | c) = N(0.8 c + 0.3, 0.04); see UpscaleCommandTest. */
class RestoreCommandTest {
  private static final String RESTORE = RestoreCommand.LABEL;
  private static final String TASK = "task: inpaint\n      fill: noise\n      start: condition\n";

  @TempDir Path folder;

  private String model(String task) throws IOException {
    return "model=[" + Runs.otherCard(folder, "cond-last", TASK, task) + "] steps=8 ";
  }

  @Test
  void theResultIsTheConditionalMeanAndTheNoise() throws IOException {
    String options = model("task: restore\n") + "sampler=ddim limits=display";
    ImagePlus image = UpscaleCommandTest.units(64, 70, 1, 3, 0.9);
    ImagePlus made = Runs.result(RESTORE, image, options);
    ImagePlus flat = Runs.result(RESTORE, UpscaleCommandTest.units(64, 70, 1, 3, 0), options);
    for (int i = 0; i < 64 * 70; i++) {
      double d = made.getProcessor().getf(i) - flat.getProcessor().getf(i);
      assertEquals(0.8 * image.getProcessor().getf(i), d, 0.002);
    }
    Provenance record = Provenance.of(made).orElseThrow();
    assertEquals("restore", record.get("task"));
    Roi roi = new OvalRoi(20, 20, 24, 20);
    image.setRoi(roi);
    assertOnlyInside(image, Runs.result(RESTORE, image, options), roi);
  }

  private static void assertOnlyInside(ImagePlus before, ImagePlus after, Roi roi) {
    int changed = 0;
    for (int y = 0; y < before.getHeight(); y++) {
      for (int x = 0; x < before.getWidth(); x++) {
        boolean same = before.getProcessor().get(x, y) == after.getProcessor().get(x, y);
        assertTrue(same || roi.contains(x, y), x + ", " + y);
        changed += same ? 0 : 1;
      }
    }
    assertTrue(changed > 0.9 * roi.getContainedPoints().length, changed + " changed");
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 24})
  void aHoleIsFilledAndNothingElse(int depth) {
    ImagePlus image = new ImagePlus("im.tif", Runs.plane(80, 72, depth, 4));
    Roi hole = new Roi(16, 12, 50, 44);
    image.setRoi(hole);
    ImagePlus made = Runs.result(RESTORE, image, "model=cond-last steps=20");
    assertOnlyInside(image, made, hole);
    assertEquals("im-inpainted", made.getTitle());
    if (depth == 32) {
      // the network sees noise z in the hole: x is N(0.8 z + 0.3, 0.04)
      var range = Runs.range(made, "range");
      made.setRoi(hole);
      double scale = 2 / (range.high() - range.low());
      double mean = (made.getStatistics().mean - range.low()) * scale - 1;
      assertEquals(0.3, mean, 4 * 0.825 / Math.sqrt(2200));
      assertEquals(0.825, made.getStatistics().stdDev * scale, 0.05);
    }
    image.deleteRoi();
    Runs.refused(RESTORE, image, "model=cond-last steps=4", "has no selection");
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 24})
  void anImageIsExtendedAndItsOwnPixelsStay(int depth) throws IOException {
    String options = model("task: uncrop\n      fill: noise\n      start: condition\n");
    ImagePlus image = Runs.stack(60, 50, depth, depth == 24 ? 1 : 2, 2, 1);
    image.getCalibration().xOrigin = 2;
    image.getCalibration().pixelWidth = 0.5;
    image.setRoi(10, 11, 20, 15);
    image.setOverlay(new Overlay(new OvalRoi(5, 6, 7, 8)));
    image.setSlice(image.getStackSize());
    ImagePlus untouched = image.duplicate();
    ImagePlus all = Runs.result(RESTORE, image, options + "border=9 planes=all");
    assertEquals(78, all.getWidth());
    assertEquals(68, all.getHeight());
    assertEquals("stack-extended", all.getTitle());
    assertEquals(image.getNChannels(), all.getNChannels());
    assertEquals(11, all.getCalibration().xOrigin);
    assertEquals(9, all.getCalibration().yOrigin);
    assertEquals(0.5, all.getCalibration().pixelWidth);
    assertEquals(19, all.getRoi().getBounds().x);
    assertEquals(15, all.getOverlay().get(0).getBounds().y);
    for (int i = 1; i <= image.getStackSize(); i++) {
      ImageProcessor own = image.getStack().getProcessor(i);
      ImageProcessor large = all.getStack().getProcessor(i);
      int drawn = 0;
      for (int y = 0; y < 68; y++) {
        for (int x = 0; x < 78; x++) {
          boolean inside = x >= 9 && y >= 9 && x < 69 && y < 59;
          if (inside) {
            assertEquals(own.get(x - 9, y - 9), large.get(x, y));
          } else if ((large.get(x, y) & 0xffffff) != 0) {
            drawn++;
          }
        }
      }
      assertTrue(drawn > 0.7 * (78 * 68 - 60 * 50), drawn + " drawn");
    }
    // the plane shown, and limits of the image, not of its black border
    ImagePlus current = Runs.result(RESTORE, image, options + "border=9");
    Runs.assertSamePlane(all, image.getStackSize(), current, 1);
    String field = depth == 24 ? "range_r" : "range_1";
    ImagePlus plain = Runs.result(EditCommand.LABEL, image, "model=gauss steps=4");
    assertEquals(Runs.range(plain, field), Runs.range(all, field));
    Runs.assertSamePixels(untouched, image);
    String estimate = Runs.command(RESTORE, image, options + "border=9").estimate();
    assertTrue(estimate.contains(" on 78 x 68 pixels"), estimate);
  }

  @Test
  void aBorderIsForModelsThatExtend() throws IOException {
    ImagePlus image = UpscaleCommandTest.units(40, 36, 1, 3, 0.9);
    String restore = model("task: restore\n");
    Runs.refused(RESTORE, image, restore + "border=4", "border is 4, but must be 0 for model");
    Path other =
        Runs.otherCard(
            folder.resolve("uncrop"),
            "cond-last",
            TASK,
            "task: uncrop\n      fill: noise\n      start: condition\n");
    Runs.refused(RESTORE, image, "model=[" + other + "]", "border is 0, but must be above 0");
  }

  @Test
  void modelsThatChangeTheNumberOfChannelsAreRefused() {
    ImagePlus two = UpscaleCommandTest.units(40, 36, 2, 3, 0.9);
    Runs.refused(
        RESTORE,
        two,
        "model=cond-separate steps=4",
        "makes images with 1 channel of images with 2; choose one");
    Runs.refused(RESTORE, two, "model=cond-inside steps=4", "is not made to restore images");
  }
}
