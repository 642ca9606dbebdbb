package ijdiffusion.command;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.WindowManager;
import ij.gui.ImageWindow;
import ij.macro.Interpreter;
import ij.plugin.PlugIn;
import ij.plugin.frame.Recorder;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.command.Parameters.Setting;
import java.awt.GraphicsEnvironment;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The bridge from ImageJ 1.x to the commands: one class for all of them, named with a command's
 * label as argument in {@code plugins.config}. From the menu it shows a dialog made from the
 * command's settings; in a macro it reads the options itself, so that no dialog can appear.
 */
public final class MenuPlugIn implements PlugIn {

  /**
   * Runs a command on the current image.
   *
   * @param label the command's label
   */
  @Override
  public void run(String label) {
    // SciJava and service loaders look here, and ImageJ's threads carry the application's loader
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(MenuPlugIn.class.getClassLoader());
    try {
      DiffusionCommand command = Commands.create(label);
      boolean asks = isInteractive();
      ImagePlus image = setImage(command);
      if (configure(command, label, image)) {
        Optional<ImagePlus> source = withWindow(image);
        RunQueue.run(title(label), () -> perform(command, source, asks));
        if (asks && Recorder.record) {
          // only now: while it ran, ImageJ may have recorded other commands
          SettingsDialog.record(command, label);
        }
      } else {
        Recorder.setCommand(null); // nothing was done
      }
    } catch (Cancelled e) {
      IJ.showStatus(title(label) + ": cancelled");
      Recorder.setCommand(null);
      stopMacro(null);
    } catch (DiffusionException e) {
      IJ.showStatus("");
      if (isInteractive()) {
        Recorder.setCommand(null);
        IJ.error(title(label), wrap(e.getMessage(), 70));
      } else {
        stopMacro(label + " " + e.getMessage());
      }
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** An image whose window can be closed by the user. */
  private static Optional<ImagePlus> withWindow(ImagePlus image) {
    return Optional.ofNullable(image).filter(i -> i.getWindow() != null);
  }

  private static boolean isClosed(Optional<ImagePlus> source) {
    return source.isPresent() && source.get().getWindow() == null;
  }

  /** Runs, with a preview where somebody looks on, and shows what was made. */
  private static void perform(
      DiffusionCommand command, Optional<ImagePlus> source, boolean watched) {
    if (command.needsImage() && isClosed(source)) {
      throw new Cancelled(); // closed while the run waited for its turn
    }
    if (!watched) {
      command.run();
      show(command);
      return;
    }
    LivePreview live =
        new LivePreview(
            Progress.statusBar(),
            source.filter(image -> command.needsImage()),
            SettingsDialog.isPreviewWanted(command));
    command.setProgress(live);
    try {
      command.run();
      live.close().ifPresent(ImageWindow::setNextLocation);
      show(command);
    } catch (RuntimeException e) {
      // whatever it was: an image whose window is closed has no pixels any more
      throw command.needsImage() && isClosed(source) ? new Cancelled() : e;
    } finally {
      live.close();
    }
  }

  /**
   * For macros where ImageJ has no menu to call, that is, when it runs headless: {@code
   * call("ijdiffusion.command.MenuPlugIn.call", "Diffusion Inpaint...", "model=nuclei seed=1")}.
   *
   * @param label the command's label
   * @param options macro options
   * @return title of the result, which is the current image afterwards; empty where a command makes
   *     none
   */
  public static String call(String label, String options) {
    return inMacro(
        label,
        () -> {
          DiffusionCommand command = Commands.create(label);
          Optional<ImagePlus> source = withWindow(setImage(command));
          Parameters.apply(command, options);
          RunQueue.run(title(label), () -> perform(command, source, false));
          List<ImagePlus> results = command.results();
          return results.isEmpty() ? "" : results.get(results.size() - 1).getTitle();
        });
  }

  /** Runs what a macro calls; where it fails the macro ends, with a line in the Log. */
  static String inMacro(String label, Supplier<String> work) {
    try {
      return work.get();
    } catch (Cancelled | DiffusionException e) {
      Interpreter macro = Interpreter.getInstance();
      if (macro == null) {
        throw e;
      }
      // ImageJ would log the stack and go on with the macro
      IJ.log(label + " " + e.getMessage());
      macro.abort((String) null);
      return "";
    }
  }

  private static boolean configure(DiffusionCommand command, String label, ImagePlus image) {
    String options = Macro.getOptions();
    if (options != null) {
      Parameters.apply(command, options);
      return true;
    }
    if (!isInteractive()) {
      return true;
    }
    preselect(command);
    if (!command.canBePutRight()) {
      // fail before the dialog where no setting could help
      command.estimate();
    }
    DiffusionCommand defaults = Commands.create(label);
    defaults.setImage(image);
    preselect(defaults);
    LastValues.recall(command);
    return SettingsDialog.ask(command, defaults, label);
  }

  /**
   * Where a default is not to be had, as a model that is not here, the first of what is; and the
   * model that suits the image's colour.
   */
  private static void preselect(DiffusionCommand command) {
    ImagePlus image = command.needsImage() ? WindowManager.getCurrentImage() : null;
    for (Setting s : Parameters.of(command.getClass())) {
      List<String> choices = command.choices(s.key());
      String value = s.get(command).toString();
      if (choices.isEmpty()) {
        continue;
      }
      if (image != null && s.key().equals("model")) {
        boolean rgb = image.getType() == ImagePlus.COLOR_RGB;
        s.parse(command, Models.fitting(choices, value, rgb));
      } else if (!choices.contains(value)) {
        s.parse(command, choices.get(0));
      }
    }
  }

  /** The current image, or if that is the preview of a run, what the run is on. */
  private static ImagePlus setImage(DiffusionCommand command) {
    ImagePlus current = WindowManager.getCurrentImage();
    boolean preview = current != null && LivePreview.isPreview(current);
    ImagePlus image = preview ? LivePreview.sourceOf(current).orElse(null) : current;
    if (image == null && command.needsImage()) {
      throw new DiffusionException("No image is open; open one and run again.");
    }
    command.setImage(image);
    return image;
  }

  /** Whether somebody is there who can be asked. */
  static boolean isInteractive() {
    return Macro.getOptions() == null
        && !GraphicsEnvironment.isHeadless()
        && !Interpreter.isBatchMode()
        && IJ.getInstance() != null;
  }

  /** Shows what a run made; the last one, the result, becomes the current image. */
  private static void show(DiffusionCommand command) {
    for (ImagePlus image : command.results()) {
      if (image.getWindow() != null) {
        WindowManager.setCurrentWindow(image.getWindow());
        image.updateAndDraw();
      } else if (image == WindowManager.getCurrentImage()) {
        image.updateAndDraw();
      } else if (!GraphicsEnvironment.isHeadless() || Interpreter.isBatchMode()) {
        image.show();
      } else {
        WindowManager.setTempCurrentImage(image);
      }
    }
  }

  /**
   * Ends the macro that is running, without a dialog: the reason goes to the Log.
   *
   * @param message what to log, or null for nothing
   */
  static void stopMacro(String message) {
    if (message != null) {
      IJ.log(message);
    }
    Interpreter macro = Interpreter.getInstance();
    if (macro != null) {
      macro.abort((String) null);
    }
    if (!isInteractive()) {
      Macro.abort();
      throw new IllegalStateException(Macro.MACRO_CANCELED);
    }
  }

  /** A label as a title: without the dots that promise a dialog. */
  static String title(String label) {
    return label.replace("...", "");
  }

  /** ImageJ's message dialogs do not break lines. */
  static String wrap(String message, int columns) {
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (String word : message.split(" ", -1)) {
      if (column + word.length() > columns) {
        out.append('\n');
        column = 0;
      } else if (column > 0) {
        out.append(' ');
        column++;
      }
      out.append(word);
      column += word.length();
    }
    return out.toString();
  }
}
