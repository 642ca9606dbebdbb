package ijdiffusion.it;

import static ijdiffusion.it.GuiHands.await;
import static ijdiffusion.it.GuiHands.awaitImage;
import static ijdiffusion.it.GuiHands.behind;
import static ijdiffusion.it.GuiHands.buttons;
import static ijdiffusion.it.GuiHands.choose;
import static ijdiffusion.it.GuiHands.dialogs;
import static ijdiffusion.it.GuiHands.isRunning;
import static ijdiffusion.it.GuiHands.onEventThread;
import static ijdiffusion.it.GuiHands.press;
import static ijdiffusion.it.GuiHands.pressEscape;
import static ijdiffusion.it.GuiHands.select;
import static ijdiffusion.it.GuiHands.text;
import static ijdiffusion.it.GuiHands.texts;
import static ijdiffusion.it.GuiHands.tick;
import static ijdiffusion.it.GuiHands.type;

import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.gui.HTMLDialog;
import ij.gui.YesNoCancelDialog;
import java.awt.Button;
import java.awt.TextField;
import java.awt.event.KeyEvent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import java.util.zip.CRC32;

/**
 * What a run is like for somebody who looks on: dialog, Help, preview, an early end, the queue. As
 * {@link GuiDriver} it knows nothing of the plugin but what can be seen, and every wait has an end.
 */
public final class GuiFeel {
  private static final String INPAINT = "Diffusion Inpaint...";
  private static final String UPSCALE = "Diffusion Upscale...";

  private final Path folder;
  private final String selection;
  private final GuiHands hands;
  private final Properties report = new Properties();

  private GuiFeel(String[] args) throws Exception {
    folder = Path.of(args[1]);
    hands = new GuiHands(Path.of(args[2]));
    selection = args[3];
  }

  /**
   * Plays one scene.
   *
   * @param args its name, the ImageJ folder, where pictures of the screen go, and macro text that
   *     makes the selection
   */
  public static void main(String[] args) throws Exception {
    GuiHands.startWatchdog(300);
    GuiFeel feel = new GuiFeel(args);
    feel.hands.play(args[0], feel.folder, feel.report, () -> feel.play(args[0]));
  }

  private void play(String scene) throws Exception {
    switch (scene) {
      case "inpaint" -> inpaint();
      case "upscale" -> upscale();
      case "stop" -> stop();
      case "queue" -> queue();
      case "macros" -> macros();
      default -> throw new IllegalArgumentException(scene);
    }
  }

  // --- scenes

  private void inpaint() throws Exception {
    openImage();
    IJ.runMacro(selection);
    GenericDialog dialog = dialogOf(INPAINT);
    report("size", dialog.getWidth() + " " + dialog.getHeight());
    report("about", texts(dialog).get(1));
    hands.picture("inpaint-dialog", dialog);
    tick(dialog, "More settings", true);
    report("sizeWithMore", dialog.getWidth() + " " + dialog.getHeight());
    hands.picture("inpaint-dialog-more", dialog);
    Button help = button(dialog, "Help");
    // it is modal, so the press ends only with it
    Thread reader = new Thread(() -> pressQuietly(help));
    reader.start();
    HTMLDialog page = hands.awaitWindow(HTMLDialog.class);
    hands.picture("inpaint-help", page);
    report("helpTitle", page.getTitle());
    onEventThread(page::dispose);
    reader.join(10_000);
    type(dialog, "Steps", "120");
    type(dialog, "Seed", "9");
    type(dialog, "Tile", "256");
    await("the number of calls", () -> !text(dialog).startsWith("40 "));
    press(dialog.getButtons()[0], () -> !dialog.isShowing());
    watchPreview("nuclei-inpainted", INPAINT, "inpaint");

    GenericDialog again = dialogOf(INPAINT);
    report("remembered", field(again, "Steps") + " " + field(again, "Tile"));
    report("seedAgain", field(again, "Seed"));
    hands.picture("inpaint-dialog-again", again);
    press(button(again, "Reset"), () -> field(again, "Steps").equals("0"));
    report("reset", field(again, "Steps") + " " + field(again, "Tile"));
    TextField focus = behind(again, "Steps", TextField.class);
    onEventThread(
        () ->
            focus.dispatchEvent(
                new KeyEvent(
                    focus,
                    KeyEvent.KEY_PRESSED,
                    System.currentTimeMillis(),
                    0,
                    KeyEvent.VK_ESCAPE,
                    KeyEvent.CHAR_UNDEFINED)));
    await("Esc to close the dialog", () -> !again.isShowing() && !isRunning(INPAINT));
    report("imagesAfterEsc", WindowManager.getImageCount());
  }

  private void upscale() throws Exception {
    openImage();
    IJ.runMacro("makeRectangle(0, 0, 64, 64); run('Crop');");
    GenericDialog dialog = dialogOf(UPSCALE);
    report("about", texts(dialog).get(1));
    select(dialog, "Model", "photos-sr4");
    await("the other model", () -> texts(dialog).get(1).contains("photographs"));
    report("aboutOther", texts(dialog).get(1));
    select(dialog, "Model", "nuclei-sr4");
    await("the first model", () -> texts(dialog).get(1).contains("nuclei"));
    type(dialog, "Steps", "40");
    await("the number of calls", () -> text(dialog).startsWith("40 "));
    hands.picture("upscale-dialog", dialog);
    press(dialog.getButtons()[0], () -> !dialog.isShowing());
    watchPreview("nuclei-x4", UPSCALE, "upscale");
  }

  /** Follows a run by its preview to its result. */
  private void watchPreview(String title, String command, String name) throws Exception {
    ImagePlus preview = awaitImage(title + " (preview)");
    long first = checksum(preview);
    await("the preview to change", () -> preview.getWindow() == null || checksum(preview) != first);
    report("previewChanged", preview.getWindow() != null);
    report("previewStatus", ImageJ.getStatusBarText());
    hands.picture(name + "-preview", null);
    ImagePlus result = awaitImage(title);
    await("the command to end", () -> !isRunning(command));
    report("previewGone", WindowManager.getImage(title + " (preview)") == null);
    report("active", WindowManager.getCurrentImage() == result);
    report("info", result.getInfoProperty());
    hands.picture(name + "-result", null);
  }

  private void stop() throws Exception {
    ImagePlus image = openImage();
    String preview = "nuclei-inpainted (preview)";
    longRun(image);
    awaitImage(preview);
    pressEscape();
    YesNoCancelDialog question = hands.awaitWindow(YesNoCancelDialog.class);
    report("question", text(question));
    hands.picture("stop-question", null);
    press(button(question, "Cancel"), () -> !question.isShowing());
    String status = ImageJ.getStatusBarText();
    await("the run to go on", () -> !ImageJ.getStatusBarText().equals(status));
    report("goesOn", isRunning(INPAINT));
    pressEscape();
    YesNoCancelDialog second = hands.awaitWindow(YesNoCancelDialog.class);
    press(button(second, "Keep"), () -> !second.isShowing());
    ImagePlus kept = awaitImage("nuclei-inpainted-stopped-early");
    await("the command to end", () -> !isRunning(INPAINT));
    report("kept", kept.getInfoProperty());
    report("keptActive", WindowManager.getCurrentImage() == kept);
    hands.picture("stop-kept", null);
    kept.close();

    longRun(image);
    ImagePlus shown = awaitImage(preview);
    onEventThread(() -> shown.getWindow().close());
    YesNoCancelDialog third = hands.awaitWindow(YesNoCancelDialog.class);
    press(button(third, "Discard"), () -> !third.isShowing());
    await("the command to end", () -> !isRunning(INPAINT));
    report("imagesAfterDiscard", String.join("|", WindowManager.getImageTitles()));
    report("statusAfterDiscard", ImageJ.getStatusBarText());

    longRun(image);
    awaitImage(preview);
    long start = System.nanoTime();
    image.changes = false;
    onEventThread(() -> image.getWindow().close());
    await("the command to end", () -> !isRunning(INPAINT));
    report("closedSeconds", (System.nanoTime() - start) * 1e-9);
    report("dialogsAfterClose", dialogs().size());
    report("imagesAfterClose", WindowManager.getImageCount());
  }

  private void longRun(ImagePlus image) throws Exception {
    WindowManager.setCurrentWindow(image.getWindow());
    IJ.runMacro(selection);
    GenericDialog dialog = dialogOf(INPAINT);
    type(dialog, "Steps", "900");
    await("the number of calls", () -> !text(dialog).startsWith("40 "));
    press(dialog.getButtons()[0], () -> !dialog.isShowing());
  }

  /** From the menu a second run waits for the first. */
  private void queue() throws Exception {
    ImagePlus image = openImage();
    longRun(image);
    awaitImage("nuclei-inpainted (preview)");
    // a macro waits, too, and Esc is for what was started last
    Thread macro = new Thread(() -> IJ.runMacro("run('Diffusion Generate...', 'width=64');"));
    macro.start();
    await("a run to wait", () -> ImageJ.getStatusBarText().contains("Generate waits"));
    report("waiting", ImageJ.getStatusBarText());
    hands.picture("queue-waiting", null);
    pressEscape();
    macro.join(20_000);
    report("macroEnded", !macro.isAlive());
    report("firstGoesOn", isRunning(INPAINT) && dialogs().isEmpty());
    // the next one gets its turn; the preview stands for its image
    GenericDialog dialog = dialogOf(UPSCALE);
    type(dialog, "Steps", "2");
    await("the number of calls", () -> text(dialog).startsWith("2 "));
    press(dialog.getButtons()[0], () -> !dialog.isShowing());
    await("a run to wait", () -> ImageJ.getStatusBarText().contains("Upscale waits"));
    report("upscaledTooSoon", WindowManager.getImage("nuclei-x4") != null);
    onEventThread(() -> WindowManager.getImage("nuclei-inpainted (preview)").getWindow().close());
    YesNoCancelDialog question = hands.awaitWindow(YesNoCancelDialog.class);
    press(button(question, "Discard"), () -> !question.isShowing());
    awaitImage("nuclei-x4");
    await("the commands to end", () -> !isRunning(INPAINT) && !isRunning(UPSCALE));
    report("images", String.join("|", WindowManager.getImageTitles()));
  }

  /** Macros find results as those of any other command. */
  private void macros() throws Exception {
    openImage();
    IJ.runMacro(
        "a = getImageID();"
            + selection
            + "run('Diffusion Inpaint...', 'steps=2 jump=1 resamplings=1');"
            + "b = getImageID(); first = getTitle(); n = nImages;"
            + "selectImage(a);"
            + "run('Diffusion Upscale...', 'steps=2');"
            + "c = getImageID(); second = getTitle(); w = getWidth();"
            + "selectImage(b); back = getTitle();"
            + "selectImage(c); close();"
            + "print((a != b) + ' ' + (b != c) + ' ' + first + ' ' + n + ' ' + second + ' ' + w"
            + " + ' ' + back + ' ' + nImages);");
    report("log", IJ.getLog().strip());
    report("dialogs", dialogs().size());
    report("titles", String.join("|", WindowManager.getImageTitles()));
  }

  // --- help

  private ImagePlus openImage() {
    IJ.open(folder.resolve("nuclei.tif").toString());
    ImagePlus image = awaitImage("nuclei.tif");
    image.getWindow().setLocation(60, 200);
    return image;
  }

  private GenericDialog dialogOf(String command) throws Exception {
    choose("Plugins", "Diffusion", command);
    return hands.awaitWindow(GenericDialog.class);
  }

  private static String field(GenericDialog dialog, String label) {
    return behind(dialog, label, TextField.class).getText();
  }

  private static Button button(java.awt.Dialog dialog, String label) {
    return buttons(dialog).stream()
        .filter(b -> b.getLabel().strip().equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("There is no button " + label));
  }

  private static void pressQuietly(Button button) {
    try {
      press(button, () -> true);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static long checksum(ImagePlus image) {
    CRC32 sum = new CRC32();
    sum.update(Arrays.copyOf((byte[]) image.getProcessor().getPixels(), image.getWidth() * 256));
    return sum.getValue();
  }

  private void report(String key, Object value) {
    report.setProperty(key, String.valueOf(value));
  }
}
