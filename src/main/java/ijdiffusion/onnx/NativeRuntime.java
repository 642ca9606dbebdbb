package ijdiffusion.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ijdiffusion.DiffusionException;
import java.util.Locale;

/** ONNX Runtime itself, which has native code for some platforms only. */
final class NativeRuntime {
  private NativeRuntime() {}

  /** The process-wide environment; loads the native code when first asked. */
  static OrtEnvironment environment() {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment("ij-diffusion");
      environment.setTelemetry(false);
      return environment;
    } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError e) {
      throw new DiffusionException(
          unavailable(System.getProperty("os.name"), System.getProperty("os.arch"), e), e);
    } catch (OrtException e) {
      throw new DiffusionException("ONNX Runtime does not start: " + e.getMessage() + ".", e);
    }
  }

  /** What to tell a user whose platform has no native code, or could not load it. */
  static String unavailable(String os, String arch, Throwable error) {
    String system = os.toLowerCase(Locale.ROOT);
    boolean arm = arch.toLowerCase(Locale.ROOT).startsWith("aarch64");
    String platform = os + " on " + arch;
    if (system.contains("mac") && !arm) {
      return "ONNX Runtime has no native code for "
          + platform
          + " (Intel Mac); use a Mac with Apple silicon, Linux or Windows on x64, or on an Apple"
          + " silicon Mac an ARM Java instead of an Intel one.";
    }
    if (system.contains("win") && arm) {
      return "ONNX Runtime has no native code for "
          + platform
          + " (Windows on ARM); use the x64 version of ImageJ or Fiji with its x64 Java there.";
    }
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return "ONNX Runtime's native code cannot be loaded for "
        + platform
        + " ("
        + cause.getMessage()
        + "); it runs on 64-bit Windows (x64), Linux (x64, ARM) and macOS (Apple silicon), and needs"
        + " a writable folder for temporary files.";
  }
}
