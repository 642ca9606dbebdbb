package ijdiffusion.command;

import ij.IJ;
import ij.macro.Interpreter;
import ij.plugin.PlugIn;
import ij.text.TextWindow;
import java.awt.GraphicsEnvironment;

/**
 * Says what works on this machine: versions and where they were loaded from, devices by running a
 * network on them, models by their hashes. In a window to copy from; in macros and without a
 * display in the Log.
 */
public final class CheckSetup implements PlugIn {
  private static final String TITLE = "Diffusion Check Setup";

  @Override
  public void run(String arg) {
    IJ.showStatus(TITLE + ": trying the devices");
    String text = report();
    IJ.showStatus("");
    if (GraphicsEnvironment.isHeadless() || IJ.isMacro() || Interpreter.isBatchMode()) {
      IJ.log(text);
    } else {
      new TextWindow(TITLE, text, 900, 400);
    }
  }

  /** The report, for {@code call("ijdiffusion.command.CheckSetup.report")} in a macro. */
  public static String report() {
    return SetupReport.make().text();
  }
}
