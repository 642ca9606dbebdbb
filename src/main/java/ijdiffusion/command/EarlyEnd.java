package ijdiffusion.command;

import ijdiffusion.Cancelled;
import ijdiffusion.tensor.Tensor;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Lets a run end before its last step with what it has: the network's estimate of the clean image.
 * That is no sample of the model, and the record says so.
 */
final class EarlyEnd {
  /** Key of the record. */
  static final String KEY = "stopped_early_at_step";

  /** Ending of the titles of such results. */
  static final String SUFFIX = "-stopped-early";

  private Tensor estimate;
  private int step;
  private int steps;
  private boolean happened;

  /**
   * Thrown by a {@link Progress} to end a run that has told it of an estimate, and to keep that.
   */
  static final class Wanted extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /**
   * Keeps a copy of the present estimate.
   *
   * @param done steps done
   * @param total steps of the run
   * @param x0 the estimate
   */
  void keep(int done, int total, Tensor x0) {
    if (estimate == null || !estimate.shape().equals(x0.shape())) {
      estimate = x0.copy();
    } else {
      estimate.set(x0);
    }
    step = done;
    steps = total;
  }

  /**
   * Runs.
   *
   * @param work the run
   * @return what the run makes, or the last estimate where somebody ended it early
   */
  Tensor run(Supplier<Tensor> work) {
    try {
      return work.get();
    } catch (Wanted e) {
      if (estimate == null) {
        throw new Cancelled();
      }
      happened = true;
      return estimate;
    }
  }

  /** Whether the last run was ended early. */
  boolean happened() {
    return happened;
  }

  /** Ending of the result's title. */
  String suffix() {
    return happened ? SUFFIX : "";
  }

  /** Says in a record that its image is no sample. */
  void describe(Map<String, String> fields) {
    if (happened) {
      fields.put(KEY, step + " of " + steps);
      fields.put(
          "incomplete",
          "stopped by the user; the pixels are the network's estimate of the clean image at that"
              + " step, not a sample of the model");
    }
  }
}
