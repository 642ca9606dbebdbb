package ijdiffusion.it;

import static ijdiffusion.it.GuiHands.await;
import static ijdiffusion.it.GuiHands.awaitImage;
import static ijdiffusion.it.GuiHands.buttons;
import static ijdiffusion.it.GuiHands.choose;
import static ijdiffusion.it.GuiHands.dialogs;
import static ijdiffusion.it.GuiHands.isRunning;
import static ijdiffusion.it.GuiHands.onEventThread;
import static ijdiffusion.it.GuiHands.press;
import static ijdiffusion.it.GuiHands.pressEscape;
import static ijdiffusion.it.GuiHands.text;
import static ijdiffusion.it.GuiHands.tick;
import static ijdiffusion.it.GuiHands.type;

import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.gui.MessageDialog;
import ij.io.FileSaver;
import ij.plugin.frame.Recorder;
import java.awt.Button;
import java.awt.Component;
import java.awt.Window;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;

/**
 * Uses ImageJ as a person does: the real menu, the real dialogs. Runs in a process of its own and
 * knows nothing of the plugin but what can be seen. Writes what it saw to report.properties and
 * ends the JVM.
 */
public final class GuiDriver {
  private static final String COMMAND = "Diffusion Inpaint...";

  private final Path folder;
  private final String select;
  private final String options;
  private final Properties report = new Properties();
  private final GuiHands hands;

  private GuiDriver(String[] args) throws Exception {
    folder = Path.of(args[1]);
    select = args[3];
    options = args[4];
    hands = new GuiHands(Path.of(args[2]));
  }

  /**
   * Plays one scene.
   *
   * @param args its name, the ImageJ folder, where pictures of the screen go, macro text that makes
   *     the selection, and options of a short run
   */
  public static void main(String[] args) throws Exception {
    GuiHands.startWatchdog(150);
    GuiDriver driver = new GuiDriver(args);
    driver.hands.play(args[0], driver.folder, driver.report, () -> driver.play(args[0]));
  }

  private void play(String scene) throws Exception {
    switch (scene) {
      case "dialog" -> dialog();
      case "errors" -> errors();
      case "cancel" -> cancel();
      case "inPlace" -> inPlace();
      case "terminate", "exit", "quit" -> leave(scene);
      default -> throw new IllegalArgumentException(scene);
    }
  }

  // --- scenes

  private void dialog() throws Exception {
    ImagePlus image = openImage();
    IJ.runMacro(select);
    // new images must not cover the dialog in the picture
    Recorder recorder = new Recorder();
    onEventThread(() -> recorder.setLocation(700, 600));
    choose("Plugins", "Diffusion", COMMAND);
    GenericDialog declined = hands.awaitWindow(GenericDialog.class);
    press(declined.getButtons()[1], () -> !declined.isShowing());
    await("the command to end", () -> !isRunning(COMMAND));
    report("afterCancel", recorder.getText());
    choose("Plugins", "Diffusion", COMMAND);
    GenericDialog dialog = hands.awaitWindow(GenericDialog.class);
    Component message = dialog.getMessage();
    hands.picture("dialog", dialog);
    report("estimate", text(dialog));
    type(dialog, "Steps", "20");
    type(dialog, "Resamplings", "2");
    type(dialog, "Seed", "5");
    await("the number of calls", () -> text(dialog).startsWith("35 "));
    report("estimateChanged", text(dialog));
    Button ok = dialog.getButtons()[0];
    type(dialog, "Eta", "7");
    await("OK to be greyed", () -> !ok.isEnabled());
    report("complaint", text(dialog));
    hands.picture("dialog-bad-value", dialog);
    type(dialog, "Eta", "1");
    await("OK to come back", ok::isEnabled);
    type(dialog, "Grow", "1000");
    await("OK to be greyed", () -> !ok.isEnabled());
    hands.picture("dialog-long-complaint", dialog);
    report("longComplaint", text(dialog));
    report(
        "longComplaintFits",
        message.getPreferredSize().width <= message.getWidth()
            && message.getPreferredSize().height <= message.getHeight());
    type(dialog, "Grow", "0");
    await("OK to come back", ok::isEnabled);
    report("estimateBack", text(dialog));
    press(ok, () -> !dialog.isShowing());
    ImagePlus made = awaitImage("nuclei-inpainted");
    await("a recorded command", () -> recorder.getText().contains("run("));
    hands.picture("result", null);
    String recorded = recorder.getText();
    report("recorded", recorded);
    save(made, "dialog.tif");
    made.close();
    WindowManager.setCurrentWindow(image.getWindow());
    Thread replay = new Thread(() -> IJ.runMacro(recorded));
    replay.start();
    await("the macro or a dialog", () -> !replay.isAlive() || !dialogs().isEmpty());
    report("replayDialogs", dialogs().size());
    save(awaitImage("nuclei-inpainted"), "replay.tif");
  }

  private void errors() throws Exception {
    ImagePlus image = openImage();
    choose("Plugins", "Diffusion", COMMAND);
    MessageDialog dialog = hands.awaitWindow(MessageDialog.class);
    report("title", dialog.getTitle());
    report("message", text(dialog));
    hands.picture("no-selection", dialog);
    press(buttons(dialog).get(0), () -> dialogs().isEmpty());
    macroThatFails("noSelection", "model=nuclei");
    IJ.runMacro(select);
    macroThatFails("badValue", "steps=1");
    macroThatFails("badKey", "stepps=5");
    macroThatFails("badModel", "model=cats");
    report("images", WindowManager.getImageCount());
    // the failures must not spoil what comes after
    IJ.runMacro("run('" + COMMAND + "', 'steps=2 jump=1 resamplings=1'); print('fine');");
    report("after", IJ.getLog().strip());
    report("imagesAfter", WindowManager.getImageCount());
    report("locked", image.isLocked());
  }

  /** Runs in a thread of its own, for a dialog would block it. */
  private void macroThatFails(String name, String options) throws Exception {
    IJ.log("\\Clear");
    Thread macro =
        new Thread(
            () -> IJ.runMacro("run('" + COMMAND + "', '" + options + "'); print('went on');"));
    macro.start();
    await("the macro or a dialog", () -> !macro.isAlive() || !dialogs().isEmpty());
    report(name + ".dialogs", dialogs().size());
    if (!dialogs().isEmpty()) {
      hands.picture("macro-dialog-" + name, null);
      dialogs().forEach(Window::dispose);
    }
    macro.join(10_000);
    String log = IJ.getLog();
    report(name, log == null ? "" : log.strip());
    IJ.log("\\Clear");
  }

  private void cancel() throws Exception {
    ImagePlus image = openImage();
    byte[] before = pixels(image);
    IJ.runMacro(select);
    choose("Plugins", "Diffusion", COMMAND);
    GenericDialog dialog = hands.awaitWindow(GenericDialog.class);
    type(dialog, "Steps", "1000");
    // with it Esc asks
    tick(dialog, "Preview while it runs", false);
    await("the number of calls", () -> !text(dialog).startsWith("40 "));
    press(dialog.getButtons()[0], () -> !dialog.isShowing());
    awaitProgress();
    hands.picture("progress", IJ.getInstance());
    report("progress", ImageJ.getStatusBarText());
    long start = System.nanoTime();
    pressEscape();
    await("the command to stop", () -> !isRunning(COMMAND));
    report("seconds", (System.nanoTime() - start) * 1e-9);
    report("status", ImageJ.getStatusBarText());
    report("dialogs", dialogs().size());

    Thread macro =
        new Thread(() -> IJ.runMacro("run('" + COMMAND + "', 'steps=1000'); print('went on');"));
    macro.start();
    awaitProgress();
    start = System.nanoTime();
    pressEscape();
    macro.join(60_000);
    report("macro.seconds", (System.nanoTime() - start) * 1e-9);
    report("macro.log", IJ.getLog() == null ? "" : IJ.getLog().strip());
    report("macro.dialogs", dialogs().size());
    report("images", WindowManager.getImageCount());
    report("unchanged", Arrays.equals(before, pixels(image)));
    report("locked", image.isLocked());
  }

  private void inPlace() throws Exception {
    ImagePlus image = openImage();
    byte[] before = pixels(image);
    IJ.runMacro(select + "run('" + COMMAND + "', '" + options + " in_place');");
    save(image.duplicate(), "in-place.tif");
    report("changed", !Arrays.equals(before, pixels(image)));
    IJ.runMacro("run('Undo');");
    report("undone", Arrays.equals(before, pixels(image)));
    choose("Plugins", "Diffusion", COMMAND);
    GenericDialog dialog = hands.awaitWindow(GenericDialog.class);
    type(dialog, "Steps", "2");
    await("the number of calls", () -> text(dialog).startsWith("2 "));
    tick(dialog, "In place", true);
    press(dialog.getButtons()[0], () -> !dialog.isShowing());
    await("the fill", () -> !Arrays.equals(before, pixels(image)));
    await("the command to end", () -> !isRunning(COMMAND));
    choose("Edit", "Undo");
    await("Undo", () -> Arrays.equals(before, pixels(image)));
    report("menuUndone", true);
    report("images", WindowManager.getImageCount());
    report("info", image.getInfoProperty());
  }

  /** Leaves, or lets itself be sent away, while the network is at work. */
  private void leave(String how) throws Exception {
    openImage();
    Thread run =
        new Thread(
            () -> IJ.runMacro("makeOval(60, 60, 130, 130); run('" + COMMAND + "', 'steps=1000');"));
    run.start();
    awaitProgress();
    IJ.wait(150);
    System.out.println("RUNNING");
    if (how.equals("exit")) {
      System.exit(0); // what is tested: a JVM that ends in the middle of a run
    } else if (how.equals("quit")) {
      choose("File", "Quit");
    }
    run.join();
  }

  // --- help

  private ImagePlus openImage() {
    IJ.open(folder.resolve("nuclei.tif").toString());
    ImagePlus image = awaitImage("nuclei.tif");
    image.getWindow().setLocation(60, 200);
    return image;
  }

  private static void awaitProgress() {
    await("progress", () -> ImageJ.getStatusBarText().matches(".*: \\d+/\\d+, .*"));
  }

  private static byte[] pixels(ImagePlus image) {
    return ((byte[]) image.getProcessor().getPixels()).clone();
  }

  // --- report

  private void report(String key, Object value) {
    report.setProperty(key, String.valueOf(value));
  }

  private void save(ImagePlus image, String name) {
    new FileSaver(image).saveAsTiff(folder.resolve(name).toString());
  }
}
