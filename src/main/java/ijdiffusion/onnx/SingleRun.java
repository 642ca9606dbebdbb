package ijdiffusion.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;

/** One image through a network of one input and one output, with memory of its own. */
final class SingleRun {
  private SingleRun() {}

  /** What came out. */
  record Result(long[] shape, float[] values) {}

  /**
   * Runs the network; the caller has the use of it.
   *
   * @param batch (N, C, H, W)
   * @param image which of them
   */
  static Result run(Network network, String input, String output, Tensor batch, int image)
      throws OrtException {
    Shape shape = batch.shape();
    int size = shape.imageSize();
    FloatBuffer values =
        ByteBuffer.allocateDirect(Math.multiplyExact(size, Float.BYTES))
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    values.put(0, batch.data(), image * size, size);
    long[] dimensions = {1, shape.c(), shape.h(), shape.w()};
    try (OnnxTensor tensor = OnnxTensor.createTensor(network.environment(), values, dimensions);
        OrtSession.Result result = network.run(Map.of(input, tensor), Set.of(output), Map.of())) {
      network.checkUsable();
      OnnxTensor out = (OnnxTensor) result.get(0);
      FloatBuffer buffer = out.getFloatBuffer();
      float[] numbers = new float[buffer.remaining()];
      buffer.get(numbers);
      network.checkFinite(numbers, 0, numbers.length);
      return new Result(out.getInfo().getShape(), numbers);
    }
  }
}
