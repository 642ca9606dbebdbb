package ijdiffusion.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ijdiffusion.DiffusionException;
import java.nio.file.Path;

/** Makes sessions, and sentences out of the runtime's errors. */
final class Sessions {
  private Sessions() {}

  /**
   * Loads a network, one operator after the other on so many threads.
   *
   * @param model its name, for sentences
   * @param loaded the network
   * @param cuda how to run on a CUDA device, {@code null} for the CPU
   */
  static OrtSession create(
      String model,
      OrtEnvironment environment,
      LoadedModel loaded,
      CudaSettings cuda,
      int threads) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      // Operators of a small image follow each other sooner than a sleeping thread awakes; threads
      // that wait long take the time of other programs and of runs side by side. At 64 x 64 on two
      // idle cores 30 us take 0.8 of the time without, on busy ones the same; no limit takes 1.4.
      options.addConfigEntry("session.intra_op.allow_spinning", "1");
      options.addConfigEntry("session.intra_op.spin_duration_us", "30");
      // what the runtime has to say comes as an exception; the console is not ours
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (cuda != null) {
        CudaDevice.current().addTo(options, cuda);
      }
      if (!loaded.external().isEmpty()) {
        options.addExternalInitializers(loaded.external());
      }
      return environment.createSession(loaded.network(), options);
    } catch (OrtException e) {
      throw switch (e.getCode()) {
        case ORT_INVALID_PROTOBUF, ORT_INVALID_GRAPH, ORT_NO_MODEL, ORT_NO_SUCHFILE ->
            damaged(loaded.file(), reason(e), e);
        default -> cuda != null ? noCuda(reason(e), e) : failed("opening", model, e);
      };
    }
  }

  static DiffusionException damaged(Path file, String reason, Throwable cause) {
    return new DiffusionException(
        "Model file "
            + file
            + " is not an ONNX model or is damaged ("
            + reason
            + "); get another copy of the model.",
        cause);
  }

  static OrtSession.RunOptions runOptions() throws OrtException {
    OrtSession.RunOptions options = new OrtSession.RunOptions();
    options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    return options;
  }

  static DiffusionException noCuda(String reason, Throwable cause) {
    return new DiffusionException(
        "The CUDA device cannot be used ("
            + reason
            + "); choose device=cpu, or install CUDA and cuDNN and put onnxruntime_gpu in the place"
            + " of onnxruntime.",
        cause);
  }

  static DiffusionException failed(String doing, String model, OrtException e) {
    return new DiffusionException(
        "ONNX Runtime failed when "
            + doing
            + " model "
            + model
            + " ("
            + reason(e)
            + "); try a smaller selection or another model.",
        e);
  }

  static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime does not free a session", e);
    }
  }

  /** The runtime's message on one line. */
  static String reason(OrtException e) {
    String message = e.getMessage() == null ? e.getCode().toString() : e.getMessage();
    return message.replaceAll("\\s+", " ").strip();
  }
}
