package ijdiffusion.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * Memory of one tensor of real numbers, shared with the runtime. It is floats to us; where the
 * network wants 16-bit floats (IEEE 754 binary16), they are rounded to the nearest on the way in
 * and widened on the way out.
 */
final class FloatMemory implements AutoCloseable {
  private final FloatBuffer values;

  /** What the runtime sees; {@code null} where it sees {@link #values}. */
  private final ShortBuffer halves;

  private final OnnxTensor tensor;

  /**
   * @param type {@code FLOAT} or {@code FLOAT16}
   * @param dimensions of the tensor
   */
  FloatMemory(OrtEnvironment environment, OnnxJavaType type, long[] dimensions)
      throws OrtException {
    int size = 1;
    for (long length : dimensions) {
      size = Math.multiplyExact(size, Math.toIntExact(length));
    }
    values = bytes(Math.multiplyExact(size, Float.BYTES)).asFloatBuffer();
    if (type == OnnxJavaType.FLOAT16) {
      ByteBuffer bytes = bytes(size * Short.BYTES);
      halves = bytes.asShortBuffer();
      tensor = OnnxTensor.createTensor(environment, bytes, dimensions, OnnxJavaType.FLOAT16);
    } else {
      halves = null;
      tensor = OnnxTensor.createTensor(environment, values, dimensions);
    }
  }

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  FloatBuffer values() {
    return values;
  }

  OnnxTensor tensor() {
    return tensor;
  }

  /** Hands what was written to {@link #values} to the runtime. */
  void toRuntime() {
    if (halves != null) {
      for (int i = 0; i < halves.capacity(); i++) {
        halves.put(i, Fp16Conversions.floatToFp16(values.get(i)));
      }
    }
  }

  /** Brings what the runtime wrote to {@link #values}. */
  void fromRuntime() {
    if (halves != null) {
      for (int i = 0; i < halves.capacity(); i++) {
        values.put(i, Fp16Conversions.fp16ToFloat(halves.get(i)));
      }
    }
  }

  @Override
  public void close() {
    tensor.close();
  }
}
