package ijdiffusion.command;

import ij.IJ;
import ijdiffusion.Cancelled;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.Tensor;

/** Who is told how far a run is, and may cancel it. */
public interface Progress extends Monitor {

  /**
   * Called when the run begins.
   *
   * @param title what runs
   */
  default void begin(String title) {}

  /**
   * Called after each tile of a prediction; may cancel.
   *
   * @param done tiles done in this prediction
   * @param total tiles of one prediction
   */
  default void onTile(int done, int total) {}

  /** Called when the run is over, however it ended. */
  default void end() {}

  /** Tells nobody. */
  static Progress silent() {
    return (done, total, x0) -> {};
  }

  /**
   * ImageJ's status bar and progress bar, with the time remaining; Esc cancels. Without an ImageJ
   * window it is silent.
   */
  static Progress statusBar() {
    return new StatusBar();
  }

  /** See {@link #statusBar}. */
  final class StatusBar implements Progress {
    private String title = "";
    private long start;

    private StatusBar() {}

    @Override
    public void begin(String what) {
      title = what;
      start = System.nanoTime();
      IJ.resetEscape();
      IJ.showStatus(title + ": loading the model...");
    }

    @Override
    public void onTile(int done, int total) {
      stopOnEscape();
      if (total > 1) {
        IJ.showStatus(String.format("%s: tile %d/%d (Esc cancels)", title, done, total));
      }
    }

    private static void stopOnEscape() {
      if (IJ.escapePressed()) {
        IJ.resetEscape();
        throw new Cancelled();
      }
    }

    @Override
    public void onStep(int done, int total, Tensor x0) {
      stopOnEscape();
      double seconds = (System.nanoTime() - start) * 1e-9;
      double left = seconds / done * (total - done);
      IJ.showStatus(
          String.format("%s: %d/%d, %s left (Esc cancels)", title, done, total, duration(left)));
      IJ.showProgress(done, total);
    }

    private static String duration(double seconds) {
      long s = Math.round(seconds);
      return s < 60 ? s + " s" : s / 60 + " min " + s % 60 + " s";
    }

    @Override
    public void end() {
      IJ.showProgress(1.0);
      IJ.showStatus("");
    }
  }
}
