package ijdiffusion.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Knows the predictors that are open, and stops them when the JVM ends: leaving while native code
 * runs can crash. A second line of defence; commands cancel and close by themselves.
 */
final class OpenPredictors {
  private static final long PATIENCE_MILLISECONDS = 2000;

  private static final Set<OnnxPredictor> OPEN = Collections.newSetFromMap(new WeakHashMap<>());
  private static boolean hooked;

  private OpenPredictors() {}

  static synchronized void add(OnnxPredictor predictor) {
    OPEN.add(predictor);
    if (!hooked) {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(OpenPredictors::abandonAll, "close diffusion models"));
      hooked = true;
    }
  }

  static synchronized void remove(OnnxPredictor predictor) {
    OPEN.remove(predictor);
  }

  private static void abandonAll() {
    List<OnnxPredictor> open;
    synchronized (OpenPredictors.class) {
      open = new ArrayList<>(OPEN);
    }
    open.forEach(OnnxPredictor::cancel);
    open.forEach(predictor -> predictor.abandon(PATIENCE_MILLISECONDS));
  }
}
