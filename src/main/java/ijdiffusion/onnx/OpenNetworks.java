package ijdiffusion.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Knows the networks that are open, and stops them when the JVM ends: leaving while native code
 * runs can crash. A second line of defence; commands cancel and close by themselves.
 */
final class OpenNetworks {
  private static final long PATIENCE_MILLISECONDS = 2000;

  private static final Set<Network> OPEN = Collections.newSetFromMap(new WeakHashMap<>());
  private static boolean hooked;

  private OpenNetworks() {}

  static synchronized void add(Network network) {
    OPEN.add(network);
    if (!hooked) {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(OpenNetworks::abandonAll, "close diffusion models"));
      hooked = true;
    }
  }

  static synchronized void remove(Network network) {
    OPEN.remove(network);
  }

  private static void abandonAll() {
    List<Network> open;
    synchronized (OpenNetworks.class) {
      open = new ArrayList<>(OPEN);
    }
    open.forEach(Network::cancel);
    open.forEach(network -> network.abandon(PATIENCE_MILLISECONDS));
    KeptSessions.freeAll();
  }
}
