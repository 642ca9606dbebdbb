package ijdiffusion.onnx;

import ijdiffusion.DiffusionException;
import java.util.Locale;

/** Where a network is to run. */
public enum Device {
  /** A CUDA device where the runtime can use one, the CPU otherwise. */
  AUTO,
  /** The CPU; no other device is touched. */
  CPU,
  /** A CUDA device, or an error that says why not. */
  CUDA;

  /**
   * Reads a device as users write it.
   *
   * @param text {@code auto}, {@code cpu} or {@code cuda}, in any case
   */
  public static Device parse(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "auto" -> AUTO;
      case "cpu" -> CPU;
      case "cuda" -> CUDA;
      default ->
          throw new DiffusionException(
              "device is \"" + text + "\", but must be auto, cpu or cuda.");
    };
  }

  /** The device as users write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
