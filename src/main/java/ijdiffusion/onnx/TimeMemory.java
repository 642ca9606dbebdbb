package ijdiffusion.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/** Memory of the time, shared with the runtime; the same for all images of a run. */
final class TimeMemory implements AutoCloseable {
  private final LongBuffer longs;
  private final IntBuffer ints;
  private final FloatMemory floats;
  private final OnnxTensor tensor;

  /**
   * @param type {@code INT64}, {@code INT32}, {@code FLOAT} or {@code FLOAT16}
   * @param dimensions of the tensor
   */
  TimeMemory(OrtEnvironment environment, OnnxJavaType type, long[] dimensions) throws OrtException {
    int size = dimensions.length == 0 ? 1 : Math.toIntExact(dimensions[0]);
    ByteBuffer bytes = ByteBuffer.allocateDirect(size * Long.BYTES).order(ByteOrder.nativeOrder());
    longs = type == OnnxJavaType.INT64 ? bytes.asLongBuffer() : null;
    ints = type == OnnxJavaType.INT32 ? bytes.asIntBuffer().limit(size).slice() : null;
    if (longs != null) {
      floats = null;
      tensor = OnnxTensor.createTensor(environment, longs, dimensions);
    } else if (ints != null) {
      floats = null;
      tensor = OnnxTensor.createTensor(environment, ints, dimensions);
    } else {
      floats = new FloatMemory(environment, type, dimensions);
      tensor = floats.tensor();
    }
  }

  /** Sets the time of all images; an integer is the nearest one. */
  void set(double value) {
    if (longs != null) {
      for (int i = 0; i < longs.capacity(); i++) {
        longs.put(i, (long) Math.rint(value));
      }
    } else if (ints != null) {
      for (int i = 0; i < ints.capacity(); i++) {
        ints.put(i, (int) Math.rint(value));
      }
    } else {
      for (int i = 0; i < floats.values().capacity(); i++) {
        floats.values().put(i, (float) value);
      }
      floats.toRuntime();
    }
  }

  OnnxTensor tensor() {
    return tensor;
  }

  @Override
  public void close() {
    tensor.close();
  }
}
