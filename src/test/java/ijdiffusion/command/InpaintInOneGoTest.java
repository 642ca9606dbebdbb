package ijdiffusion.command;

import static ijdiffusion.command.InpaintCommandTest.HOLE;
import static ijdiffusion.command.InpaintCommandTest.assertSamePixels;
import static ijdiffusion.command.InpaintCommandTest.changedInside;
import static ijdiffusion.command.InpaintCommandTest.image;
import static ijdiffusion.command.InpaintCommandTest.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.Roi;
import ijdiffusion.image.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Inpainting with a network that was trained to fill holes. It is shown noise z in the hole and
 * knows p(x | z) = N(0.8 z + 0.3, 0.04).
 */
class InpaintInOneGoTest {
  private static final String MODEL = "model=cond-last ";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"8", "16", "32"})
  void theSelectionIsFilledAndNothingElse(String type) {
    ImagePlus before = image(type);
    ImagePlus after = result(before, MODEL + "preset=fast");
    assertEquals("field-inpainted", after.getTitle());
    int filled = HOLE.getContainedPoints().length;
    int changed = changedInside(before, after, HOLE);
    assertTrue(changed > 0.8 * filled, changed + " of " + filled + " changed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "steps=50 eta=0", "preset=paper"})
  void theFillHasTheNetworksOwnDistribution(String settings) throws IOException {
    // what starts from the noise it is shown would, without new noise, depend on it twice
    Path fromNoise = Runs.otherCard(folder, "cond-last", "      start: condition\n", "");
    ImagePlus before = image("32");
    Roi hole = new Roi(20, 20, 90, 80);
    before.setRoi(hole);
    ImagePlus after = result(before, "model=[" + fromNoise + "] " + settings);
    var range = Runs.range(after, "range");
    after.setRoi(hole);
    double scale = 2 / (range.high() - range.low());
    double mean = (after.getStatistics().mean - range.low()) * scale - 1;
    assertEquals(0.3, mean, 4 * 0.825 / Math.sqrt(7200));
    assertEquals(Math.hypot(0.8, 0.2), after.getStatistics().stdDev * scale, 0.03);
  }

  @ParameterizedTest
  @CsvSource({
    "preset=fast, dpmpp_2m, 4, 4",
    "'', dpmpp_2m, 5, 5",
    "preset=thorough, ddim, 20, 20",
    "preset=paper, ddpm, 1000, 1000",
    "steps=7, dpmpp_2m, 7, 7",
    "steps=12 eta=0.5, ddim, 12, 12"
  })
  void theRecordSaysHow(String options, String sampler, String steps, String calls) {
    var command = InpaintCommandTest.command(image("8"), MODEL + options);
    assertTrue(command.estimate().startsWith(calls + " network calls on "), command.estimate());
    Provenance run = Provenance.of(result(image("8"), MODEL + options)).orElseThrow();
    assertEquals(sampler, run.get("sampler"));
    assertEquals(steps, run.get("steps"));
    assertEquals(calls, run.get("network_calls"));
    assertEquals("inpaint", run.get("task"));
    assertTrue(run.find("path").isEmpty());
    String methods = MethodsText.of(run);
    assertTrue(
        methods.contains(" were replaced by pixels that a diffusion model drew, given their"),
        methods);
    assertTrue(methods.contains("Palette: Image-to-image diffusion models"), methods);
    assertFalse(methods.contains("RePaint"), methods);
  }

  @Test
  void theFillIsThatOfRestore() {
    ImagePlus inpainted = result(image("16"), MODEL + "steps=6 seed=4");
    ImagePlus restored =
        Runs.result(
            RestoreCommand.LABEL,
            image("16"),
            MODEL + "limits=context steps=6 sampler=dpmpp_2m seed=4");
    assertSamePixels(restored, inpainted);
  }

  @Test
  void growAndFeatherAndInPlaceWork() {
    ImagePlus before = image("8");
    Roi zone = new Roi(55, 45, 30, 26);
    for (String wider : new String[] {"grow=2", "feather=3"}) {
      int changed = changedInside(before, result(before, MODEL + "steps=4 " + wider), zone);
      assertTrue(changed > HOLE.getContainedPoints().length, wider + ": " + changed + " changed");
    }
    ImagePlus grown = result(before, MODEL + "steps=4 grow=2 feather=3");
    ImagePlus here = image("8");
    assertEquals(here, result(here, MODEL + "steps=4 grow=2 feather=3 in_place"));
    assertSamePixels(grown, here);
  }

  @Test
  void settingsOfRepaintAreRefused() {
    Runs.refused(
        InpaintCommand.LABEL, image("8"), MODEL + "jump=5", "jump is 5, but must be 0 for model");
    Runs.refused(
        InpaintCommand.LABEL,
        image("8"),
        MODEL + "resamplings=2",
        "resamplings is 2, but must be 0 for model");
    Runs.refused(InpaintCommand.LABEL, image("8"), MODEL + "steps=1", "steps is 1, but must be 0");
    Runs.refused(
        InpaintCommand.LABEL, image("8"), MODEL + "steps=1000000", "must be from 0 to 1000");
    Runs.refused(
        InpaintCommand.LABEL, image("8"), "model=cond-inside", "is made to upscale images");
  }
}
