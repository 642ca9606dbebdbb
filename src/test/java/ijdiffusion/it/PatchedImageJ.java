package ijdiffusion.it;

import ij.IJ;
import net.imagej.patcher.LegacyInjector;

/** ImageJ without a screen as Fiji starts it: patched first, then run. */
public final class PatchedImageJ {
  private PatchedImageJ() {}

  /**
   * Runs a macro.
   *
   * @param args the macro's file
   */
  public static void main(String[] args) {
    LegacyInjector.preinit(); // no class of ImageJ may have been loaded yet
    Patched.run(args[0]);
    System.exit(0); // the threads of ImageJ would keep this JVM alive
  }

  /** Loaded after the patches. */
  private static final class Patched {
    static void run(String macro) {
      IJ.runPlugIn("ij.IJ.init", ""); // the patches' way to have a menu without a window
      IJ.runMacroFile(macro, "");
    }
  }
}
