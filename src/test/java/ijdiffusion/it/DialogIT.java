package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The menu, the dialog, the recorder, Esc and Undo, with real windows; pictures in target/gui. */
class DialogIT extends OnDisplay {
  @Test
  void theDialogRunsTheCommandAndItsRecordRepeatsIt() {
    GuiSession session = GuiSession.in(temp, display);
    Properties seen = session.play("dialog");
    assertEquals("", seen.getProperty("afterCancel"), "recorded though nothing was done");
    assertTrue(seen.getProperty("estimate").startsWith("40 network calls on "), "" + seen);
    String estimate = seen.getProperty("estimateChanged");
    assertTrue(estimate.matches("35 network calls on \\d+ x \\d+ pixels; about .*"), estimate);
    assertEquals("eta is 7, but must be from 0 to 1.", seen.getProperty("complaint"));
    assertTrue(seen.getProperty("longComplaint").contains("covers the whole image"), "" + seen);
    assertEquals("true", seen.getProperty("longComplaintFits"));
    assertEquals(estimate, seen.getProperty("estimateBack"));
    List<String> recorded =
        seen.getProperty("recorded")
            .lines()
            .filter(l -> l.contains("Diffusion"))
            .collect(Collectors.toList());
    assertEquals(
        List.of(
            "run(\"Diffusion Inpaint...\", \"model=nuclei preset=balanced steps=20 jump=0 resamplings=2 eta=1"
                + " grain=1 grow=0 feather=0 planes=current limits=context percentiles=model seed=5"
                + " samples=1 tile=0 overlap=0 folder=[] device=auto threads=0\");"),
        recorded);
    assertEquals("0", seen.getProperty("replayDialogs"));
    byte[] byHand = pixels(session, "dialog.tif");
    assertArrayEquals(byHand, pixels(session, "replay.tif"));
  }

  private static byte[] pixels(GuiSession session, String file) {
    return (byte[]) Nuclei.assertResult(session.folder().path(file), 5).getProcessor().getPixels();
  }

  @Test
  void mistakesAreDialogsForPeopleAndLinesInTheLogForMacros() {
    Properties seen = GuiSession.in(temp, display).play("errors");
    assertEquals("Diffusion Inpaint", seen.getProperty("title"));
    String message = seen.getProperty("message");
    assertTrue(message.startsWith("\"nuclei.tif\" has no selection; draw one"), message);
    assertLogged(seen, "noSelection", "\"nuclei.tif\" has no selection; draw one");
    assertLogged(seen, "badValue", "steps is 1, but must be 0 or from 2 to 1000.");
    assertLogged(
        seen, "badKey", "Unknown option \"stepps\"; the options are model, preset, steps, jump");
    assertLogged(seen, "badModel", "cats");
    assertEquals("1", seen.getProperty("images"));
    assertEquals("fine", seen.getProperty("after"));
    assertEquals("2", seen.getProperty("imagesAfter"));
    assertEquals("false", seen.getProperty("locked"));
  }

  private static void assertLogged(Properties seen, String macro, String part) {
    assertEquals("0", seen.getProperty(macro + ".dialogs"), macro);
    String log = seen.getProperty(macro);
    assertEquals(1, log.lines().count(), log);
    assertTrue(log.contains(part), log);
    assertFalse(log.contains("went on"), log);
  }

  @Test
  void escStopsARunAndLeavesNothing() {
    Properties seen = GuiSession.in(temp, display).play("cancel");
    System.out.println("Status bar: " + seen.getProperty("progress"));
    System.out.println("Esc took s: " + seen.getProperty("seconds"));
    assertTrue(Double.parseDouble(seen.getProperty("seconds")) < 5, "" + seen);
    assertEquals("Diffusion Inpaint: cancelled", seen.getProperty("status"));
    assertEquals("0", seen.getProperty("dialogs"));
    assertTrue(Double.parseDouble(seen.getProperty("macro.seconds")) < 5, "" + seen);
    assertEquals("", seen.getProperty("macro.log"));
    assertEquals("0", seen.getProperty("macro.dialogs"));
    assertEquals("1", seen.getProperty("images"));
    assertEquals("true", seen.getProperty("unchanged"));
    assertEquals("false", seen.getProperty("locked"));
  }

  @Test
  void undoTakesBackWhatWasDoneInPlace() {
    GuiSession session = GuiSession.in(temp, display);
    Properties seen = session.play("inPlace");
    assertEquals("true", seen.getProperty("changed"));
    assertEquals("true", seen.getProperty("undone"));
    assertEquals("true", seen.getProperty("menuUndone"));
    assertEquals("1", seen.getProperty("images"));
    Nuclei.assertResult(session.folder().path("in-place.tif"), 5);
  }
}
