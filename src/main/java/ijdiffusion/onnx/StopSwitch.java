package ijdiffusion.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;

/**
 * Stops the runs of one network. {@link #pull} never waits for a run, so it is guarded apart from
 * the network: only against the end of what it pulls at.
 */
final class StopSwitch implements AutoCloseable {
  private final OrtSession.RunOptions options;
  private boolean open = true;
  private volatile boolean pulled;

  StopSwitch() throws OrtException {
    options = Sessions.runOptions();
  }

  /** To be given to each run. */
  OrtSession.RunOptions options() {
    return options;
  }

  /** Ends a run in progress within milliseconds; for good. */
  synchronized void pull() {
    pulled = true;
    if (open) {
      try {
        options.setTerminate(true);
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime does not take a request to stop", e);
      }
    }
  }

  boolean isPulled() {
    return pulled;
  }

  /** Frees the options; nobody runs with them any more. */
  @Override
  public synchronized void close() {
    if (open) {
      open = false;
      options.close();
    }
  }
}
