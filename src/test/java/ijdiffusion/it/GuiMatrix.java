package ijdiffusion.it;

import static ijdiffusion.it.GuiHands.await;
import static ijdiffusion.it.GuiHands.awaitImage;
import static ijdiffusion.it.GuiHands.choose;
import static ijdiffusion.it.GuiHands.dialogs;
import static ijdiffusion.it.GuiHands.isRunning;
import static ijdiffusion.it.GuiHands.press;
import static ijdiffusion.it.GuiHands.select;
import static ijdiffusion.it.GuiHands.text;
import static ijdiffusion.it.GuiHands.type;

import ij.CompositeImage;
import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.gui.Roi;
import ij.io.FileSaver;
import ij.plugin.Duplicator;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import java.awt.Color;
import java.awt.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * Runs many macros in one ImageJ, and two commands by their dialogs. As {@link GuiDriver} it knows
 * nothing of the plugin but what can be seen: it saves what it made, and who started it judges.
 */
public final class GuiMatrix {
  /** File of the cells, a line each: name, macro that opens the image, macro of the command. */
  static final String CELLS = "cells.txt";

  private static final int GAP = 4;

  private final Path folder;
  private final Path pictures;
  private final GuiHands hands;
  private final Properties report = new Properties();

  private GuiMatrix(Path folder, Path pictures) throws Exception {
    this.folder = folder;
    this.pictures = pictures;
    this.hands = new GuiHands(pictures);
  }

  /**
   * Runs all cells and writes report.properties.
   *
   * @param args the ImageJ folder, which holds the cells, and where pictures go
   */
  public static void main(String[] args) throws Exception {
    GuiHands.startWatchdog(600);
    GuiMatrix matrix = new GuiMatrix(Path.of(args[0]), Path.of(args[1]));
    matrix.hands.play("matrix", matrix.folder, matrix.report, matrix::play);
  }

  private void play() throws Exception {
    for (String line : Files.readAllLines(folder.resolve(CELLS))) {
      String[] cell = line.split("\t");
      run(cell[0], cell[1], cell[2]);
    }
    edit();
    upscale();
    restore();
  }

  // --- macros

  private void run(String name, String open, String command) throws Exception {
    closeAll();
    IJ.runMacro(open);
    ImagePlus before = WindowManager.getCurrentImage();
    report(name, "virtual", before.getStack().isVirtual());
    report(name, "hyperstackBefore", before.isHyperStack());
    long start = System.nanoTime();
    Thread macro = new Thread(() -> IJ.runMacro(command));
    macro.start();
    await(name + " or a dialog", () -> !macro.isAlive() || !dialogs().isEmpty());
    report(name, "seconds", (System.nanoTime() - start) * 1e-9);
    report(name, "dialogs", dialogs().size());
    if (!dialogs().isEmpty()) {
      hands.picture("dialog-" + name, null);
      dialogs().forEach(Window::dispose);
      macro.join(10_000);
    }
    String log = IJ.getLog();
    report(name, "log", log == null ? "" : log.strip());
    report(name, "images", String.join("|", WindowManager.getImageTitles()));
    report(name, "locked", before.isLocked());
    ImagePlus after = WindowManager.getCurrentImage();
    if (after != null && after != before) {
      look(name, after);
      save(after, name + "-after.tif");
      save(before, name + "-before.tif");
      new FileSaver(new ImagePlus(name, sheet(before, after)))
          .saveAsPng(pictures.resolve(name + ".png").toString());
    }
  }

  /** What a file does not tell. */
  private void look(String name, ImagePlus image) {
    report(name, "title", image.getTitle());
    report(name, "window", image.getWindow() != null && image.getWindow().isShowing());
    report(name, "hyperstack", image.isHyperStack());
    report(name, "composite", image instanceof CompositeImage c ? c.getModeAsString() : "no");
  }

  private static void closeAll() {
    if (IJ.getLog() != null) {
      IJ.log("\\Clear");
    }
    for (int id : ids()) {
      ImagePlus image = WindowManager.getImage(id);
      image.changes = false;
      image.close();
    }
  }

  private static int[] ids() {
    int[] ids = WindowManager.getIDList();
    return ids == null ? new int[0] : ids;
  }

  // --- dialogs

  /** Fields and checks of the dialog of Edit, as a person goes through it. */
  private void edit() throws Exception {
    GenericDialog dialog = dialogOf("Diffusion Edit...");
    report("edit-dialog", "estimate", text(dialog));
    type(dialog, "Strength", "0.8");
    select(dialog, "Sampler", "ddim");
    type(dialog, "Steps", "10");
    await("the number of calls", () -> text(dialog).startsWith("8 network calls"));
    report("edit-dialog", "estimateChanged", text(dialog));
    hands.picture("dialog-edit", dialog);
    type(dialog, "Strength", "2");
    await("OK to be greyed", () -> !dialog.getButtons()[0].isEnabled());
    report("edit-dialog", "complaint", text(dialog));
    type(dialog, "Strength", "0.8");
    await("OK to come back", () -> dialog.getButtons()[0].isEnabled());
    confirm("edit-dialog", "Diffusion Edit...", dialog, "grey8-edited");
  }

  private void upscale() throws Exception {
    GenericDialog dialog = dialogOf("Diffusion Upscale...");
    report("upscale-dialog", "estimate", text(dialog));
    select(dialog, "Model", "cond-inside");
    type(dialog, "Steps", "5");
    await("the number of calls", () -> text(dialog).startsWith("5 network calls"));
    report("upscale-dialog", "estimateChanged", text(dialog));
    hands.picture("dialog-upscale", dialog);
    confirm("upscale-dialog", "Diffusion Upscale...", dialog, "grey8-x2");
  }

  private void restore() throws Exception {
    GenericDialog dialog = dialogOf("Diffusion Restore...");
    select(dialog, "Model", "repair");
    type(dialog, "Steps", "5");
    await("the number of calls", () -> text(dialog).startsWith("5 network calls"));
    hands.picture("dialog-restore", dialog);
    confirm("restore-dialog", "Diffusion Restore...", dialog, "grey8-restored");
  }

  private GenericDialog dialogOf(String command) throws Exception {
    closeAll();
    IJ.open(folder.resolve("grey8.tif").toString());
    awaitImage("grey8.tif");
    choose("Plugins", "Diffusion", command);
    return hands.awaitWindow(GenericDialog.class);
  }

  private void confirm(String name, String command, GenericDialog dialog, String title)
      throws Exception {
    press(dialog.getButtons()[0], () -> !dialog.isShowing());
    ImagePlus made = awaitImage(title);
    await("the command to end", () -> !isRunning(command));
    look(name, made);
    report(name, "dialogs", dialogs().size());
    save(made, name + "-after.tif");
    hands.picture(name + "-screen", null);
  }

  // --- pictures and report

  /** Every position of both images as it is shown, the image above, the result below. */
  private static ColorProcessor sheet(ImagePlus before, ImagePlus after) {
    List<ColorProcessor> above = positions(before);
    List<ColorProcessor> below = positions(after);
    int w = below.get(0).getWidth();
    int h = below.get(0).getHeight();
    int n = Math.max(above.size(), below.size());
    ColorProcessor sheet = new ColorProcessor(n * (w + GAP), 2 * (h + GAP));
    sheet.setColor(Color.WHITE);
    sheet.fill();
    for (int i = 0; i < above.size(); i++) {
      ImageProcessor fitted = above.get(i).resize(w, h, false);
      sheet.insert(fitted, i * (w + GAP), 0);
    }
    for (int i = 0; i < below.size(); i++) {
      sheet.insert(below.get(i), i * (w + GAP), h + GAP);
    }
    return sheet;
  }

  private static List<ColorProcessor> positions(ImagePlus image) {
    Roi roi = image.getRoi();
    image.deleteRoi(); // it would limit the copies
    List<ColorProcessor> out = new ArrayList<>();
    for (int t = 1; t <= image.getNFrames(); t++) {
      for (int z = 1; z <= image.getNSlices(); z++) {
        ImagePlus one = new Duplicator().run(image, 1, image.getNChannels(), z, z, t, t);
        one.setRoi(roi);
        ColorProcessor shown = (ColorProcessor) one.flatten().getProcessor();
        shown.setInterpolationMethod(ImageProcessor.NONE);
        int twice = shown.getWidth() < 150 ? 2 : 1;
        out.add((ColorProcessor) shown.resize(twice * shown.getWidth()));
      }
    }
    image.setRoi(roi);
    return out;
  }

  private void save(ImagePlus image, String name) {
    FileSaver saver = new FileSaver(image);
    String file = folder.resolve(name).toString();
    if (!(image.getStackSize() > 1 ? saver.saveAsTiffStack(file) : saver.saveAsTiff(file))) {
      throw new IllegalStateException(name + " could not be saved");
    }
  }

  private void report(String name, String key, Object value) {
    report.setProperty(name + "." + key, String.valueOf(value));
  }
}
