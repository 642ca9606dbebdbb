package ijdiffusion.it;

import static ijdiffusion.it.GuiHands.await;
import static ijdiffusion.it.GuiHands.choose;
import static ijdiffusion.it.GuiHands.dialogs;
import static ijdiffusion.it.GuiHands.isRunning;
import static ijdiffusion.it.GuiHands.press;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.io.FileSaver;
import ij.plugin.frame.Recorder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Goes through dialogs with the macro recorder open, and runs what it recorded. As {@link
 * GuiDriver} it knows nothing of the plugin but what can be seen.
 */
public final class GuiRecorder {
  /** File of the scenes, a line each: name, macro that opens images, command, fields to change. */
  static final String SCENES = "scenes.txt";

  private final Path folder;
  private final GuiHands hands;
  private final Properties report = new Properties();

  private GuiRecorder(Path folder, Path pictures) throws Exception {
    this.folder = folder;
    this.hands = new GuiHands(pictures);
  }

  /**
   * Plays all scenes and writes report.properties.
   *
   * @param args the ImageJ folder, which holds the scenes, and where pictures go
   */
  public static void main(String[] args) throws Exception {
    GuiHands.startWatchdog(600);
    GuiRecorder driver = new GuiRecorder(Path.of(args[0]), Path.of(args[1]));
    driver.hands.play("recorder", driver.folder, driver.report, driver::play);
  }

  private void play() throws Exception {
    for (String line : Files.readAllLines(folder.resolve(SCENES))) {
      String[] scene = line.split("\t", -1);
      play(scene[0], scene[1], scene[2], scene[3]);
    }
  }

  private void play(String name, String open, String command, String fields) throws Exception {
    closeAll();
    IJ.runMacro(open);
    Recorder recorder = new Recorder();
    int before = WindowManager.getImageCount();
    choose("Plugins", "Diffusion", command);
    if (command.endsWith("...")) {
      GenericDialog dialog = hands.awaitWindow(GenericDialog.class);
      change(dialog, fields);
      press(dialog.getButtons()[0], () -> !dialog.isShowing());
    }
    await(command + " to record", () -> recorder.getText().contains("run(\"" + command));
    await(command + " to end", () -> !isRunning(command));
    String recorded = recorder.getText();
    recorder.close();
    report.setProperty(name + ".recorded", recorded.strip());
    report.setProperty(name + ".made", "" + (WindowManager.getImageCount() - before));
    save(name + "-dialog.tif");
    closeAll();
    IJ.runMacro(open);
    Thread replay = new Thread(() -> IJ.runMacro(recorded));
    replay.start();
    await("the macro or a dialog", () -> !replay.isAlive() || !dialogs().isEmpty());
    report.setProperty(name + ".dialogs", "" + dialogs().size());
    String log = IJ.getLog();
    report.setProperty(name + ".log", log == null ? "" : log.strip());
    save(name + "-replay.tif");
  }

  /** Fields as "Steps=3,Seed=5"; a field is found by the beginning of its label. */
  private static void change(GenericDialog dialog, String fields) throws Exception {
    for (String field : fields.split(",")) {
      if (!field.isEmpty()) {
        String[] parts = field.split("=");
        GuiHands.type(dialog, parts[0], parts[1]);
      }
    }
    await("OK", () -> dialog.getButtons()[0].isEnabled());
  }

  private void save(String name) {
    ImagePlus image = WindowManager.getCurrentImage();
    FileSaver saver = new FileSaver(image);
    String file = folder.resolve(name).toString();
    boolean saved = image.getStackSize() > 1 ? saver.saveAsTiffStack(file) : saver.saveAsTiff(file);
    if (!saved) {
      throw new IllegalStateException(name + " could not be saved");
    }
  }

  private static void closeAll() {
    int[] ids = WindowManager.getIDList();
    for (int i = 0; ids != null && i < ids.length; i++) {
      ImagePlus image = WindowManager.getImage(ids[i]);
      image.changes = false;
      image.close();
    }
  }
}
