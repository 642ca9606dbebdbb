package ijdiffusion.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.Set;

/**
 * Memory shared with the runtime for runs of one size: the runtime reads inputs from it and writes
 * its output into it, so a step allocates nothing.
 */
final class Buffers implements AutoCloseable {
  private final Shape shape;
  private final FloatBuffer image;
  private final ByteBuffer time;
  private final FloatBuffer output;
  private final boolean integerTime;
  private final int timeValues;
  private final OnnxTensor imageTensor;
  private final OnnxTensor timeTensor;
  private final OnnxTensor outputTensor;
  private final Map<String, OnnxTensor> inputs;
  private final Map<String, OnnxTensor> outputs;

  /**
   * @param shape (N, C, H, W) of the images of one run
   */
  Buffers(OrtEnvironment environment, ModelCard card, Shape shape) throws OrtException {
    this.shape = shape;
    Shape outputShape = shape.withChannels(card.output().channels());
    long[] timeShape = card.time().layout().shape(shape.n());
    this.timeValues = timeShape.length == 0 ? 1 : shape.n();
    this.integerTime = card.time().type() == TimeTensor.Type.INT64;
    this.image = floats(shape.size());
    this.time = bytes((long) timeValues * (integerTime ? Long.BYTES : Float.BYTES));
    this.output = floats(outputShape.size());
    this.imageTensor = OnnxTensor.createTensor(environment, image, dimensions(shape));
    this.timeTensor =
        integerTime
            ? OnnxTensor.createTensor(environment, time.asLongBuffer(), timeShape)
            : OnnxTensor.createTensor(environment, time.asFloatBuffer(), timeShape);
    this.outputTensor = OnnxTensor.createTensor(environment, output, dimensions(outputShape));
    this.inputs = Map.of(card.image().name(), imageTensor, card.time().name(), timeTensor);
    this.outputs = Map.of(card.output().name(), outputTensor);
  }

  /** (N, C, H, W) of the images of one run. */
  Shape shape() {
    return shape;
  }

  /** Sets the time of all images. */
  void setTime(double value) {
    if (integerTime) {
      LongBuffer longs = time.asLongBuffer();
      for (int i = 0; i < timeValues; i++) {
        longs.put(i, (long) Math.rint(value));
      }
    } else {
      FloatBuffer floats = time.asFloatBuffer();
      for (int i = 0; i < timeValues; i++) {
        floats.put(i, (float) value);
      }
    }
  }

  /** Sets the first images to a multiple of the values; later ones keep what they held. */
  void setImages(float[] values, int from, int length, double scale) {
    if (scale == 1) {
      image.put(0, values, from, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      image.put(i, (float) (scale * values[from + i]));
    }
  }

  /** One pass through the network. */
  void run(OrtSession session, OrtSession.RunOptions options) throws OrtException {
    session.run(inputs, Set.of(), outputs, options).close();
  }

  /** Reads a piece of the network's output. */
  void getOutput(int position, float[] into, int from, int length) {
    output.get(position, into, from, length);
  }

  /** Frees the runtime's handles; the memory itself goes with this object. */
  @Override
  public void close() {
    imageTensor.close();
    timeTensor.close();
    outputTensor.close();
  }

  private static long[] dimensions(Shape shape) {
    return new long[] {shape.n(), shape.c(), shape.h(), shape.w()};
  }

  private static FloatBuffer floats(int size) {
    return bytes((long) size * Float.BYTES).asFloatBuffer();
  }

  private static ByteBuffer bytes(long size) {
    return ByteBuffer.allocateDirect(Math.toIntExact(size)).order(ByteOrder.nativeOrder());
  }
}
