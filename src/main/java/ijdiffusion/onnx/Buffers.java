package ijdiffusion.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ijdiffusion.card.Condition;
import ijdiffusion.card.Condition.Order;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Memory shared with the runtime for runs of one size: the runtime reads inputs from it and writes
 * its output into it, so a step allocates nothing.
 */
final class Buffers implements AutoCloseable {
  private static final Optional<Order> FIRST = Optional.of(Order.CONDITION_FIRST);

  private final Shape shape;
  private final Slot image;
  private final ByteBuffer time;
  private final FloatBuffer output;
  private final boolean integerTime;
  private final int timeValues;

  /** Of the condition; {@code null} where the network has none. */
  private final Slot condition;

  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();

  /** Where in a buffer the values of each image stand. */
  private record Slot(FloatBuffer buffer, int stride, int start) {
    int of(int image) {
      return image * stride + start;
    }
  }

  /**
   * @param shape (N, C, H, W) of the images of one run
   */
  Buffers(OrtEnvironment environment, ModelCard card, Shape shape) throws OrtException {
    this.shape = shape;
    Shape outputShape = shape.withChannels(card.output().channels());
    long[] timeShape = card.time().layout().shape(shape.n());
    this.timeValues = timeShape.length == 0 ? 1 : shape.n();
    this.integerTime = card.time().type() == TimeTensor.Type.INT64;
    this.time = bytes((long) timeValues * (integerTime ? Long.BYTES : Float.BYTES));
    this.output = floats(outputShape.size());
    Shape conditionShape = card.condition().map(c -> ofCondition(c, shape)).orElse(null);
    boolean shared = card.condition().map(Condition::isConcatenated).orElse(false);
    Shape imageShape = shared ? shape.withChannels(shape.c() + conditionShape.c()) : shape;
    if (shared) {
      boolean first = card.condition().get().order().equals(FIRST);
      FloatBuffer both = floats(imageShape.size());
      int stride = imageShape.imageSize();
      this.image = new Slot(both, stride, first ? conditionShape.imageSize() : 0);
      this.condition = new Slot(both, stride, first ? 0 : shape.imageSize());
    } else {
      this.image = new Slot(floats(shape.size()), shape.imageSize(), 0);
      this.condition =
          conditionShape == null
              ? null
              : new Slot(floats(conditionShape.size()), conditionShape.imageSize(), 0);
    }
    try {
      put(inputs, environment, card.image().name(), image.buffer, imageShape);
      if (conditionShape != null && !shared) {
        String name = card.condition().get().name();
        put(inputs, environment, name, condition.buffer, conditionShape);
      }
      inputs.put(
          card.time().name(),
          integerTime
              ? OnnxTensor.createTensor(environment, time.asLongBuffer(), timeShape)
              : OnnxTensor.createTensor(environment, time.asFloatBuffer(), timeShape));
      put(outputs, environment, card.output().name(), output, outputShape);
    } catch (OrtException e) {
      close();
      throw e;
    }
  }

  private static Shape ofCondition(Condition condition, Shape state) {
    int reduction = condition.reduction();
    return new Shape(
        state.n(), condition.inputChannels(), state.h() / reduction, state.w() / reduction);
  }

  private static void put(
      Map<String, OnnxTensor> tensors,
      OrtEnvironment environment,
      String name,
      FloatBuffer buffer,
      Shape shape)
      throws OrtException {
    long[] dimensions = {shape.n(), shape.c(), shape.h(), shape.w()};
    tensors.put(name, OnnxTensor.createTensor(environment, buffer, dimensions));
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

  /**
   * Sets one image of the run to a multiple of one of a batch.
   *
   * @param into which image of the run
   * @param from which image of the batch
   */
  void setImage(int into, Tensor x, int from, double scale) {
    int length = shape.imageSize();
    float[] values = x.data();
    int target = image.of(into);
    if (scale == 1) {
      image.buffer.put(target, values, from * length, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      image.buffer.put(target + i, (float) (scale * values[from * length + i]));
    }
  }

  /**
   * Sets the condition of one image of the run to a window of one of a batch.
   *
   * @param into which image of the run
   * @param from which image of the batch
   * @param where inside the batch's height and width; of the size the network gets
   */
  void setCondition(int into, Tensor batch, int from, Window where) {
    Shape whole = batch.shape();
    int target = condition.of(into);
    boolean allColumns = where.width() == whole.w();
    int rows = allColumns ? 1 : where.height();
    int length = allColumns ? where.width() * where.height() : where.width();
    for (int c = 0; c < whole.c(); c++) {
      int source = ((from * whole.c() + c) * whole.h() + where.y()) * whole.w() + where.x();
      for (int row = 0; row < rows; row++) {
        condition.buffer.put(target, batch.data(), source + row * whole.w(), length);
        target += length;
      }
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
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
  }

  private static FloatBuffer floats(int size) {
    return bytes((long) size * Float.BYTES).asFloatBuffer();
  }

  private static ByteBuffer bytes(long size) {
    return ByteBuffer.allocateDirect(Math.toIntExact(size)).order(ByteOrder.nativeOrder());
  }
}
