package ijdiffusion.command;

import ij.IJ;
import ij.ImagePlus;
import ijdiffusion.Cancelled;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.Tensor;
import java.util.function.Supplier;

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

  /** Whether {@link #onEstimate} is to be called; costs a copy of the state at each step. */
  default boolean wantsEstimates() {
    return false;
  }

  /**
   * Called before {@link #onStep} where a run has an estimate of its result that can be shown.
   *
   * @param picture the result as it would be with the present estimate; may be asked during the
   *     call only
   */
  default void onEstimate(Supplier<ImagePlus> picture) {}

  /** Called with what a user should know of a run that goes on; ImageJ's Log, if not silent. */
  default void warn(String sentence) {}

  /** Called when the run is over, however it ended. */
  default void end() {}

  /** Tells nobody. */
  static Progress silent() {
    return (done, total, x0) -> {};
  }

  /** Tells warnings only, on standard error. */
  static Progress warningsOnly() {
    return new Progress() {
      @Override
      public void onStep(int done, int total, Tensor x0) {}

      @Override
      public void warn(String sentence) {
        System.err.println(sentence);
      }
    };
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
    private int first;

    private StatusBar() {}

    @Override
    public void begin(String what) {
      title = what;
      start = System.nanoTime();
      first = 0;
      IJ.resetEscape();
      IJ.showStatus(title + ": loading the model...");
    }

    @Override
    public void onTile(int done, int total) {
      stopOnEscape();
      if (total > 1) {
        IJ.showStatus(String.format("%s: tile %d/%d%s", title, done, total, ending()));
      }
    }

    private static void stopOnEscape() {
      // a run that waits for this one is the one that was started last, and takes Esc for itself
      if (IJ.escapePressed() && RunQueue.waiting().isEmpty()) {
        IJ.resetEscape();
        throw new Cancelled();
      }
    }

    private static String ending() {
      return RunQueue.waiting()
          .map(other -> "; " + other.replace("Diffusion ", "") + " waits (Esc cancels it)")
          .orElse(" (Esc cancels)");
    }

    @Override
    public void onStep(int done, int total, Tensor x0) {
      stopOnEscape();
      long now = System.nanoTime();
      String left = "";
      if (first == 0) {
        // the first took the time for loading the model, which says nothing about the others
        first = done;
        start = now;
      } else {
        left = ", " + duration((now - start) * 1e-9 / (done - first) * (total - done)) + " left";
      }
      IJ.showStatus(String.format("%s: %d/%d%s%s", title, done, total, left, ending()));
      IJ.showProgress(done, total);
    }

    private static String duration(double seconds) {
      long s = Math.round(seconds);
      if (s < 60) {
        return s + " s";
      }
      return s < 3600 ? s / 60 + " min " + s % 60 + " s" : s / 3600 + " h " + s / 60 % 60 + " min";
    }

    @Override
    public void warn(String sentence) {
      IJ.log(title + ": " + sentence);
    }

    @Override
    public void end() {
      IJ.showProgress(1.0);
      IJ.showStatus("");
    }
  }
}
