package ijdiffusion.bench;

import ijdiffusion.onnx.OnnxPredictor;

/** How many threads are of use. */
final class Cores {
  private Cores() {}

  /** Cores that this process may use, as the engine counts them. */
  static int physical() {
    try (OnnxPredictor network = Subject.open(0)) {
      return network.threads();
    }
  }
}
