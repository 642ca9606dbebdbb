package ijdiffusion.it;

import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import ij.Menus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.gui.MultiLineLabel;
import java.awt.Button;
import java.awt.Checkbox;
import java.awt.Choice;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.imageio.ImageIO;

/** Hands and eyes of somebody who uses ImageJ; knows nothing of the plugin. */
final class GuiHands {
  private static final int PATIENCE_SECONDS = 60;

  private final Path pictures;
  private final Robot robot;

  /** Takes pictures of the screen into a folder, which is made. */
  GuiHands(Path pictures) throws Exception {
    this.pictures = Files.createDirectories(pictures);
    this.robot = new Robot();
  }

  /** Nothing here may hang for good. */
  static void startWatchdog(int seconds) {
    Thread dog =
        new Thread(
            () -> {
              IJ.wait(seconds * 1000);
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

  /** What somebody does in ImageJ. */
  @FunctionalInterface
  interface Scene {
    void play() throws Exception;
  }

  /**
   * Starts ImageJ, plays a scene, writes what was seen to report.properties and ends this JVM.
   * AWT's threads would keep it alive for good; the test that started it reads the exit code (0, or
   * 3 with the reason on standard error).
   */
  void play(String name, Path folder, Properties report, Scene scene) throws Exception {
    int code = 0;
    try {
      new ImageJ(ImageJ.STANDALONE).exitWhenQuitting(true);
      scene.play();
      try (OutputStream out = Files.newOutputStream(folder.resolve("report.properties"))) {
        report.store(out, name);
      }
    } catch (Throwable e) {
      e.printStackTrace(); // shown by the test, see GuiSession
      picture("failed-" + name, null);
      code = 3;
    }
    System.exit(code); // the threads of ImageJ would keep this JVM alive
  }

  /** Chooses an item of the menu bar. */
  static void choose(String... path) throws Exception {
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
  static void type(GenericDialog dialog, String label, String text) throws Exception {
    TextField field = behind(dialog, label, TextField.class);
    onEventThread(() -> field.setText(text));
  }

  /** Presses a button as a mouse does; a real mouse needs a window manager to be trusted. */
  static void press(Button button, BooleanSupplier done) throws Exception {
    if (!button.isEnabled()) {
      throw new IllegalStateException(button + " is grey");
    }
    onEventThread(
        () ->
            button.dispatchEvent(
                new ActionEvent(button, ActionEvent.ACTION_PERFORMED, button.getActionCommand())));
    await(button.getLabel() + " to work", done);
  }

  static void tick(GenericDialog dialog, String label, boolean state) throws Exception {
    Checkbox box =
        components(dialog).stream()
            .filter(c -> c instanceof Checkbox b && b.getLabel().equals(label))
            .map(Checkbox.class::cast)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("There is no checkbox " + label));
    int change = state ? ItemEvent.SELECTED : ItemEvent.DESELECTED;
    onEventThread(
        () -> {
          box.setState(state);
          box.dispatchEvent(new ItemEvent(box, ItemEvent.ITEM_STATE_CHANGED, label, change));
        });
  }

  /** Chooses from the list behind a label. */
  static void select(GenericDialog dialog, String label, String item) throws Exception {
    Choice choice = behind(dialog, label, Choice.class);
    onEventThread(
        () -> {
          choice.select(item);
          choice.dispatchEvent(
              new ItemEvent(choice, ItemEvent.ITEM_STATE_CHANGED, item, ItemEvent.SELECTED));
        });
  }

  /** The first field of a type behind a label. */
  static <T extends Component> T behind(GenericDialog dialog, String label, Class<T> type) {
    List<Component> all = components(dialog);
    int i = 0;
    while (!(all.get(i) instanceof Label l && l.getText().trim().startsWith(label))) {
      i++;
    }
    while (!type.isInstance(all.get(i))) {
      i++;
    }
    return type.cast(all.get(i));
  }

  /** As when ImageJ's window has the focus, which takes a window manager to give. */
  static void pressEscape() throws Exception {
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

  static boolean isRunning(String command) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(t -> t.getName().endsWith(command));
  }

  static ImagePlus awaitImage(String title) {
    await("image " + title, () -> WindowManager.getImage(title) != null);
    return WindowManager.getImage(title);
  }

  <T extends Window> T awaitWindow(Class<T> type) {
    Supplier<T> find =
        () ->
            Arrays.stream(Window.getWindows())
                .filter(w -> type.isInstance(w) && w.isShowing())
                .map(type::cast)
                .findFirst()
                .orElse(null);
    // the one that was seen: a window may be hidden for a moment while it is laid out
    AtomicReference<T> seen = new AtomicReference<>();
    await(
        type.getSimpleName(),
        () -> {
          seen.set(find.get());
          return seen.get() != null;
        });
    robot.waitForIdle();
    await("it to be shown", () -> seen.get().isShowing());
    return seen.get();
  }

  static List<Dialog> dialogs() {
    List<Dialog> open = new ArrayList<>();
    for (Window w : Window.getWindows()) {
      if (w instanceof Dialog d && d.isShowing()) {
        open.add(d);
      }
    }
    return open;
  }

  static List<Component> components(Container container) {
    List<Component> all = new ArrayList<>();
    for (Component c : container.getComponents()) {
      all.add(c);
      if (c instanceof Container inner) {
        all.addAll(components(inner));
      }
    }
    return all;
  }

  static List<Button> buttons(Container container) {
    List<Button> all = new ArrayList<>();
    for (Component c : components(container)) {
      if (c instanceof Button b) {
        all.add(b);
      }
    }
    return all;
  }

  /** ImageJ paints its messages, and tells nobody what they are. */
  static String text(Dialog dialog) {
    List<String> all = texts(dialog);
    return all.isEmpty() ? "" : all.get(all.size() - 1);
  }

  /** All of a dialog's messages, from top to bottom. */
  static List<String> texts(Dialog dialog) {
    List<String> texts = new ArrayList<>();
    for (Component c : components(dialog)) {
      if (c instanceof MultiLineLabel) {
        try {
          Field lines = MultiLineLabel.class.getDeclaredField("lines");
          lines.setAccessible(true);
          texts.add(String.join(" ", (String[]) lines.get(c)).strip());
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return texts;
  }

  /** The screen, or a window. */
  void picture(String name, Window window) throws Exception {
    robot.waitForIdle();
    robot.delay(300);
    Rectangle area =
        window == null
            ? new Rectangle(Toolkit.getDefaultToolkit().getScreenSize())
            : window.getBounds();
    ImageIO.write(robot.createScreenCapture(area), "png", pictures.resolve(name + ".png").toFile());
  }

  static void onEventThread(Runnable action) throws Exception {
    EventQueue.invokeAndWait(action);
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("Waited in vain for " + what);
      }
      IJ.wait(20);
    }
  }
}
