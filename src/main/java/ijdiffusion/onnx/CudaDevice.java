package ijdiffusion.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.util.Map;
import java.util.Set;

/**
 * The way to a CUDA device. All that is done on one goes through here, so that tests can put a
 * device in its place that fails when they want it to.
 */
class CudaDevice {
  private static volatile CudaDevice current = new CudaDevice();

  /** The one in use. */
  static CudaDevice current() {
    return current;
  }

  /** Puts another in its place, for tests. */
  static void use(CudaDevice device) {
    current = device;
  }

  /** Whether this build of the runtime knows CUDA, which says nothing about the machine. */
  boolean isBuiltIn() {
    return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
  }

  /**
   * Has a session run on the device. This overload of the runtime's method names a missing library;
   * the one with a device number hides it.
   */
  void addTo(OrtSession.SessionOptions options, CudaSettings settings) throws OrtException {
    try (OrtCUDAProviderOptions provider = new OrtCUDAProviderOptions(settings.device())) {
      // the same algorithm at every start, so that the same seed gives the same pixels
      provider.add("cudnn_conv_algo_search", "HEURISTIC");
      // off: float32 as on the CPU
      provider.add("use_tf32", settings.tf32() ? "1" : "0");
      if (settings.gigabytes() > 0) {
        provider.add("gpu_mem_limit", Long.toString(settings.bytes()));
        // doubling, as usual, would give up with nearly half of the limit unused
        provider.add("arena_extend_strategy", "kSameAsRequested");
      }
      options.addCUDA(provider);
    }
  }

  /** One pass through a network. */
  OrtSession.Result run(
      OrtSession session,
      Map<String, ? extends OnnxTensorLike> inputs,
      Set<String> wanted,
      Map<String, OnnxTensor> into,
      OrtSession.RunOptions options)
      throws OrtException {
    return session.run(inputs, wanted, into, options);
  }
}
