package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Properties;
import org.junit.jupiter.api.Test;

/**
 * Dialog, Help, live preview, early end, queue and macros, with real windows; pictures in
 * target/gui.
 */
class FeelIT extends OnDisplay {
  @Test
  void inpaintShowsAPreviewAndRemembersWhatWasChosen() {
    Properties seen = GuiSession.in(temp, display).playFeel("inpaint");
    assertFits(seen.getProperty("size"));
    assertFits(seen.getProperty("sizeWithMore"));
    String about = seen.getProperty("about");
    assertTrue(about.startsWith("For fluorescence microscopy of cell nuclei"), about);
    assertTrue(about.contains("Licence: "), about);
    assertEquals("Diffusion Inpaint Help", seen.getProperty("helpTitle"));
    assertPreview(seen);
    assertTrue(seen.getProperty("info").contains("steps=120"), "" + seen);
    assertEquals("120 256", seen.getProperty("remembered"));
    assertEquals("1", seen.getProperty("seedAgain"));
    assertEquals("0 0", seen.getProperty("reset"));
    assertEquals("2", seen.getProperty("imagesAfterEsc"));
  }

  /** On a screen of 1024 x 768 with a task bar. */
  private static void assertFits(String size) {
    String[] sides = size.split(" ");
    assertTrue(Integer.parseInt(sides[0]) <= 900, size);
    assertTrue(Integer.parseInt(sides[1]) <= 650, size);
  }

  private static void assertPreview(Properties seen) {
    assertEquals("true", seen.getProperty("previewChanged"));
    assertTrue(seen.getProperty("previewStatus").matches(".*: \\d+/\\d+, .* left.*"), "" + seen);
    assertEquals("true", seen.getProperty("previewGone"));
    assertEquals("true", seen.getProperty("active"));
    assertFalse(seen.getProperty("info").contains("stopped_early"), "" + seen);
  }

  @Test
  void upscaleShowsAPreviewAndSaysWhatTheModelIsFor() {
    Properties seen = GuiSession.in(temp, display).playFeel("upscale");
    assertTrue(seen.getProperty("about").contains("nuclei"), "" + seen);
    assertTrue(seen.getProperty("aboutOther").contains("photographs"), "" + seen);
    assertPreview(seen);
  }

  @Test
  void aRunMayBeStoppedEarly() {
    Properties seen = GuiSession.in(temp, display).playFeel("stop");
    assertTrue(seen.getProperty("question").startsWith("Keep the current estimate?"), "" + seen);
    assertEquals("true", seen.getProperty("goesOn"));
    String kept = seen.getProperty("kept");
    assertTrue(kept.contains("diffusion.stopped_early_at_step: "), kept);
    assertTrue(kept.contains("diffusion.incomplete: "), kept);
    assertTrue(kept.contains("diffusion.result_sha256: "), kept);
    assertEquals("true", seen.getProperty("keptActive"));
    assertEquals("nuclei.tif", seen.getProperty("imagesAfterDiscard"));
    assertEquals("Diffusion Inpaint: cancelled", seen.getProperty("statusAfterDiscard"));
    assertTrue(Double.parseDouble(seen.getProperty("closedSeconds")) < 5, "" + seen);
    assertEquals("0", seen.getProperty("dialogsAfterClose"));
    assertEquals("0", seen.getProperty("imagesAfterClose"));
  }

  @Test
  void runsWaitForOneAnother() {
    Properties seen = GuiSession.in(temp, display).playFeel("queue");
    assertTrue(seen.getProperty("waiting").startsWith("Diffusion Inpaint: "), "" + seen);
    assertEquals("true", seen.getProperty("macroEnded"));
    assertEquals("true", seen.getProperty("firstGoesOn"));
    assertEquals("false", seen.getProperty("upscaledTooSoon"));
    assertEquals("nuclei.tif|nuclei-x4", seen.getProperty("images"));
  }

  @Test
  void macrosFindResultsByTheirId() {
    Properties seen = GuiSession.in(temp, display).playFeel("macros");
    assertEquals(
        "1 1 nuclei-inpainted 2 nuclei-x4 1024 nuclei-inpainted 2", seen.getProperty("log"));
    assertEquals("0", seen.getProperty("dialogs"));
    assertEquals("nuclei.tif|nuclei-inpainted", seen.getProperty("titles"));
  }
}
