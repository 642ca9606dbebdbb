package ijdiffusion.command;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.gui.MultiLineLabel;
import ij.macro.Interpreter;
import ij.plugin.PlugIn;
import ij.plugin.frame.Recorder;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.command.Parameters.Setting;
import java.awt.AWTEvent;
import java.awt.Dimension;
import java.awt.GraphicsEnvironment;
import java.util.Arrays;
import java.util.List;

/**
 * The bridge from ImageJ 1.x to the commands: one class for all of them, named with a command's
 * label as argument in {@code plugins.config}. From the menu it shows a dialog made from the
 * command's settings; in a macro it reads the options itself, so that no dialog can appear.
 */
public final class MenuPlugIn implements PlugIn {

  private static final int DIALOG_COLUMNS = 45;

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
      if (configure(command, label)) {
        command.run();
        show(command);
      }
    } catch (Cancelled e) {
      IJ.showStatus(title(label) + ": cancelled");
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
    try {
      DiffusionCommand command = Commands.create(label);
      setImage(command);
      Parameters.apply(command, options);
      command.run();
      show(command);
      List<ImagePlus> results = command.results();
      return results.isEmpty() ? "" : results.get(results.size() - 1).getTitle();
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

  private static boolean configure(DiffusionCommand command, String label) {
    setImage(command);
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
    return ask(command, label);
  }

  /** Where a default is not to be had, as a model that is not here, the first of what is. */
  private static void preselect(DiffusionCommand command) {
    for (Setting s : Parameters.of(command.getClass())) {
      List<String> choices = command.choices(s.key());
      if (!choices.isEmpty() && !choices.contains(s.get(command).toString())) {
        s.parse(command, choices.get(0));
      }
    }
  }

  private static void setImage(DiffusionCommand command) {
    ImagePlus image = WindowManager.getCurrentImage();
    if (image == null && command.needsImage()) {
      throw new DiffusionException("No image is open; open one and run again.");
    }
    command.setImage(image);
  }

  /** Whether somebody is there who can be asked. */
  static boolean isInteractive() {
    return Macro.getOptions() == null
        && !GraphicsEnvironment.isHeadless()
        && !Interpreter.isBatchMode()
        && IJ.getInstance() != null;
  }

  private static boolean ask(DiffusionCommand command, String label) {
    GenericDialog dialog = new GenericDialog(title(label));
    dialog.addMessage(wrap(Commands.description(command.getClass()), DIALOG_COLUMNS));
    List<Setting> settings = Parameters.of(command.getClass());
    for (Setting s : settings) {
      add(dialog, command, s);
    }
    // the line break makes it a label that can show several
    dialog.addMessage(wrap(estimateOrComplaint(command), DIALOG_COLUMNS) + "\n ");
    MultiLineLabel estimate = (MultiLineLabel) dialog.getMessage();
    dialog.addDialogListener((d, event) -> update(command, settings, d, event, estimate));
    dialog.showDialog();
    if (dialog.wasCanceled()) {
      Recorder.setCommand(null); // nothing was done
      return false;
    }
    read(dialog, command, settings);
    return true;
  }

  private static String estimateOrComplaint(DiffusionCommand command) {
    try {
      return command.estimate();
    } catch (DiffusionException e) {
      return e.getMessage();
    }
  }

  private static void add(GenericDialog dialog, DiffusionCommand command, Setting s) {
    Object value = s.get(command);
    List<String> choices =
        s.annotation().choices().length > 0
            ? Arrays.asList(s.annotation().choices())
            : command.choices(s.key());
    if (s.isFlag()) {
      dialog.addCheckbox(s.label(), (boolean) value);
    } else if (!choices.isEmpty()) {
      dialog.addChoice(s.label(), choices.toArray(new String[0]), value.toString());
    } else if (value instanceof String text) {
      dialog.addStringField(s.label(), text, 20);
    } else {
      int digits = value instanceof Double ? 2 : 0;
      dialog.addNumericField(s.label(), ((Number) value).doubleValue(), digits);
    }
  }

  /**
   * Reads all fields, in order, as ImageJ wants it; records them when a macro is being recorded.
   */
  private static void read(GenericDialog dialog, DiffusionCommand command, List<Setting> settings) {
    for (Setting s : settings) {
      boolean fromList = s.annotation().choices().length > 0 || !command.choices(s.key()).isEmpty();
      if (s.isFlag()) {
        s.set(command, dialog.getNextBoolean());
      } else if (fromList) {
        s.parse(command, dialog.getNextChoice());
      } else if (s.field().getType() == String.class) {
        s.parse(command, dialog.getNextString());
      } else {
        double number = dialog.getNextNumber();
        if (dialog.invalidNumber()) {
          throw new DiffusionException(s.key() + " is not a number; write one.");
        }
        s.parse(command, number == Math.rint(number) ? "" + Math.round(number) : "" + number);
      }
    }
  }

  /** Keeps the line about costs up to date; returns false, which greys out OK, on a bad value. */
  private static boolean update(
      DiffusionCommand command,
      List<Setting> settings,
      GenericDialog dialog,
      AWTEvent event,
      MultiLineLabel line) {
    if (event == null) {
      // the dialog has closed, and this is when ImageJ's recorder listens
      read(dialog, command, settings);
      return true;
    }
    try {
      read(dialog, command, settings);
      say(dialog, line, command.estimate());
      return true;
    } catch (DiffusionException e) {
      say(dialog, line, e.getMessage());
      return false;
    }
  }

  /** Writes below the fields, and makes room where there is too little. */
  private static void say(GenericDialog dialog, MultiLineLabel line, String text) {
    line.setText(wrap(text, DIALOG_COLUMNS));
    Dimension wanted = line.getPreferredSize();
    if (wanted.width > line.getWidth() || wanted.height > line.getHeight()) {
      line.invalidate();
      dialog.pack();
    }
  }

  /** Shows what a run made; the last one, the result, becomes the current image. */
  private static void show(DiffusionCommand command) {
    for (ImagePlus image : command.results()) {
      if (image == WindowManager.getCurrentImage()) {
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
  private static void stopMacro(String message) {
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
