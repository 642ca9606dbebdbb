package ijdiffusion.it;

import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import ij.Menus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.gui.MessageDialog;
import ij.gui.MultiLineLabel;
import ij.io.FileSaver;
import ij.plugin.frame.Recorder;
import java.awt.Button;
import java.awt.Checkbox;
import java.awt.Component;
import java.awt.Container;
import java.awt.Dialog;
import java.awt.EventQueue;
import java.awt.Label;
import java.awt.Menu;
import java.awt.MenuItem;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.TextField;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.event.ActionEvent;
import java.awt.event.ItemEvent;
import java.awt.event.KeyEvent;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.imageio.ImageIO;

/**
 * Uses ImageJ as a person does: the real menu, the real dialogs. Runs in a process of its own and
 * knows nothing of the plugin but what can be seen. Writes what it saw to report.properties and
 * ends the JVM.
 */
public final class GuiDriver {
  private static final String COMMAND = "Diffusion Inpaint...";
  private static final int PATIENCE_SECONDS = 60;

  private final Path folder;
  private final Path pictures;
  private final String select;
  private final String options;
  private final Properties report = new Properties();
  private final Robot robot;

  private GuiDriver(String[] args) throws Exception {
    folder = Path.of(args[1]);
    pictures = Files.createDirectories(Path.of(args[2]));
    select = args[3];
    options = args[4];
    robot = new Robot();
  }

  /**
   * Plays one scene.
   *
   * @param args its name, the ImageJ folder, where pictures of the screen go, macro text that makes
   *     the selection, and options of a short run
   */
  public static void main(String[] args) throws Exception {
    startWatchdog();
    GuiDriver driver = new GuiDriver(args);
    try {
      new ImageJ(ImageJ.STANDALONE).exitWhenQuitting(true);
      driver.play(args[0]);
      try (OutputStream out = Files.newOutputStream(driver.folder.resolve("report.properties"))) {
        driver.report.store(out, args[0]);
      }
      System.exit(0);
    } catch (Throwable e) {
      e.printStackTrace();
      driver.picture("failed-" + args[0], null);
      System.exit(3);
    }
  }

  /** Nothing here may hang for good. */
  private static void startWatchdog() {
    Thread dog =
        new Thread(
            () -> {
              IJ.wait(150_000);
              for (Map.Entry<Thread, StackTraceElement[]> t :
                  Thread.getAllStackTraces().entrySet()) {
                System.err.println(t.getKey());
                for (StackTraceElement e : t.getValue()) {
                  System.err.println("    " + e);
                }
              }
              Runtime.getRuntime().halt(4);
            });
    dog.setDaemon(true);
    dog.start();
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
    GenericDialog declined = awaitWindow(GenericDialog.class);
    press(declined.getButtons()[1], () -> !declined.isShowing());
    await("the command to end", () -> !isRunning(COMMAND));
    report("afterCancel", recorder.getText());
    choose("Plugins", "Diffusion", COMMAND);
    GenericDialog dialog = awaitWindow(GenericDialog.class);
    Component message = dialog.getMessage();
    picture("dialog", dialog);
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
    picture("dialog-bad-value", dialog);
    type(dialog, "Eta", "1");
    await("OK to come back", ok::isEnabled);
    type(dialog, "Grow", "1000");
    await("OK to be greyed", () -> !ok.isEnabled());
    picture("dialog-long-complaint", dialog);
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
    picture("result", null);
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
    MessageDialog dialog = awaitWindow(MessageDialog.class);
    report("title", dialog.getTitle());
    report("message", text(dialog));
    picture("no-selection", dialog);
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
      picture("macro-dialog-" + name, null);
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
    GenericDialog dialog = awaitWindow(GenericDialog.class);
    type(dialog, "Steps", "1000");
    await("the number of calls", () -> !text(dialog).startsWith("185 "));
    press(dialog.getButtons()[0], () -> !dialog.isShowing());
    awaitProgress();
    picture("progress", IJ.getInstance());
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
    macro.join(PATIENCE_SECONDS * 1000L);
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
    GenericDialog dialog = awaitWindow(GenericDialog.class);
    type(dialog, "Steps", "2");
    await("the number of calls", () -> text(dialog).startsWith("2 "));
    Checkbox box = (Checkbox) dialog.getCheckboxes().get(0);
    tick(box);
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
      System.exit(0);
    } else if (how.equals("quit")) {
      choose("File", "Quit");
    }
    run.join();
  }

  // --- hands

  private ImagePlus openImage() {
    IJ.open(folder.resolve("nuclei.tif").toString());
    ImagePlus image = awaitImage("nuclei.tif");
    image.getWindow().setLocation(60, 200);
    return image;
  }

  /** Chooses an item of the menu bar. */
  private static void choose(String... path) throws Exception {
    MenuItem item = null;
    for (int i = 0; i < Menus.getMenuBar().getMenuCount(); i++) {
      if (Menus.getMenuBar().getMenu(i).getLabel().equals(path[0])) {
        item = Menus.getMenuBar().getMenu(i);
      }
    }
    for (int depth = 1; depth < path.length; depth++) {
      Menu menu = (Menu) item;
      item = null;
      for (int i = 0; menu != null && i < menu.getItemCount(); i++) {
        if (menu.getItem(i).getLabel().equals(path[depth])) {
          item = menu.getItem(i);
        }
      }
    }
    if (item == null) {
      throw new IllegalStateException("The menu has no " + String.join(" > ", path));
    }
    MenuItem chosen = item;
    onEventThread(
        () ->
            chosen.dispatchEvent(
                new ActionEvent(chosen, ActionEvent.ACTION_PERFORMED, chosen.getActionCommand())));
  }

  /** Writes into the field behind a label. */
  private static void type(GenericDialog dialog, String label, String text) throws Exception {
    List<Component> all = components(dialog);
    int i = 0;
    while (!(all.get(i) instanceof Label l && l.getText().trim().startsWith(label))) {
      i++;
    }
    while (!(all.get(i) instanceof TextField)) {
      i++;
    }
    TextField field = (TextField) all.get(i);
    onEventThread(() -> field.setText(text));
  }

  /** Presses a button as a mouse does; a real mouse needs a window manager to be trusted. */
  private static void press(Button button, BooleanSupplier done) throws Exception {
    if (!button.isEnabled()) {
      throw new IllegalStateException(button + " is grey");
    }
    onEventThread(
        () ->
            button.dispatchEvent(
                new ActionEvent(button, ActionEvent.ACTION_PERFORMED, button.getActionCommand())));
    await(button.getLabel() + " to work", done);
  }

  private static void tick(Checkbox box) throws Exception {
    onEventThread(
        () -> {
          box.setState(true);
          box.dispatchEvent(
              new ItemEvent(box, ItemEvent.ITEM_STATE_CHANGED, box.getLabel(), ItemEvent.SELECTED));
        });
  }

  /** As when ImageJ's window has the focus, which takes a window manager to give. */
  private static void pressEscape() throws Exception {
    ImageJ window = IJ.getInstance();
    for (int id : new int[] {KeyEvent.KEY_PRESSED, KeyEvent.KEY_RELEASED}) {
      onEventThread(
          () ->
              window.dispatchEvent(
                  new KeyEvent(
                      window,
                      id,
                      System.currentTimeMillis(),
                      0,
                      KeyEvent.VK_ESCAPE,
                      KeyEvent.CHAR_UNDEFINED)));
    }
  }

  // --- eyes

  private static void awaitProgress() {
    await("progress", () -> ImageJ.getStatusBarText().matches(".*: \\d+/\\d+, .*"));
  }

  private static boolean isRunning(String command) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(t -> t.getName().endsWith(command));
  }

  private static ImagePlus awaitImage(String title) {
    await("image " + title, () -> WindowManager.getImage(title) != null);
    return WindowManager.getImage(title);
  }

  private <T extends Window> T awaitWindow(Class<T> type) {
    Supplier<T> find =
        () ->
            Arrays.stream(Window.getWindows())
                .filter(w -> type.isInstance(w) && w.isShowing())
                .map(type::cast)
                .findFirst()
                .orElse(null);
    await(type.getSimpleName(), () -> find.get() != null);
    robot.waitForIdle();
    return find.get();
  }

  private static List<Dialog> dialogs() {
    List<Dialog> open = new ArrayList<>();
    for (Window w : Window.getWindows()) {
      if (w instanceof Dialog d && d.isShowing()) {
        open.add(d);
      }
    }
    return open;
  }

  private static List<Component> components(Container container) {
    List<Component> all = new ArrayList<>();
    for (Component c : container.getComponents()) {
      all.add(c);
      if (c instanceof Container inner) {
        all.addAll(components(inner));
      }
    }
    return all;
  }

  private static List<Button> buttons(Container container) {
    List<Button> all = new ArrayList<>();
    for (Component c : components(container)) {
      if (c instanceof Button b) {
        all.add(b);
      }
    }
    return all;
  }

  /** ImageJ paints its messages, and tells nobody what they are. */
  private static String text(Dialog dialog) {
    String text = "";
    for (Component c : components(dialog)) {
      if (c instanceof MultiLineLabel) {
        try {
          Field lines = MultiLineLabel.class.getDeclaredField("lines");
          lines.setAccessible(true);
          text = String.join(" ", (String[]) lines.get(c)).strip();
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return text;
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

  /** The screen, or a window. */
  private void picture(String name, Window window) throws Exception {
    robot.waitForIdle();
    robot.delay(300);
    Rectangle area =
        window == null
            ? new Rectangle(Toolkit.getDefaultToolkit().getScreenSize())
            : window.getBounds();
    ImageIO.write(robot.createScreenCapture(area), "png", pictures.resolve(name + ".png").toFile());
  }

  private static void onEventThread(Runnable action) throws Exception {
    EventQueue.invokeAndWait(action);
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("Waited in vain for " + what);
      }
      IJ.wait(20);
    }
  }
}
