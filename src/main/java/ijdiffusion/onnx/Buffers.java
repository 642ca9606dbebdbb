package ijdiffusion.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ijdiffusion.card.Condition;
import ijdiffusion.card.Condition.Order;
import ijdiffusion.card.ModelCard;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
  private final List<FloatMemory> read = new ArrayList<>();
  private final TimeMemory time;
  private final FloatMemory output;

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
   * @param types data types of the network's inputs and outputs, by name
   * @param shape (N, C, H, W) of the images of one run
   */
  Buffers(OrtEnvironment environment, ModelCard card, Map<String, OnnxJavaType> types, Shape shape)
      throws OrtException {
    this.shape = shape;
    Shape conditionShape = card.condition().map(c -> ofCondition(c, shape)).orElse(null);
    boolean shared = card.condition().map(Condition::isConcatenated).orElse(false);
    Shape imageShape = shared ? shape.withChannels(shape.c() + conditionShape.c()) : shape;
    try {
      FloatBuffer both = input(environment, types, card.image().name(), imageShape);
      if (shared) {
        boolean first = card.condition().get().order().equals(FIRST);
        int stride = imageShape.imageSize();
        this.image = new Slot(both, stride, first ? conditionShape.imageSize() : 0);
        this.condition = new Slot(both, stride, first ? 0 : shape.imageSize());
      } else {
        this.image = new Slot(both, shape.imageSize(), 0);
        this.condition =
            conditionShape == null
                ? null
                : new Slot(
                    input(environment, types, card.condition().get().name(), conditionShape),
                    conditionShape.imageSize(),
                    0);
      }
      String name = card.time().name();
      long[] timeShape = card.time().layout().shape(shape.n());
      this.time = new TimeMemory(environment, types.get(name), timeShape);
      inputs.put(name, time.tensor());
      name = card.output().name();
      Shape outputShape = shape.withChannels(card.output().channels());
      this.output = new FloatMemory(environment, types.get(name), dimensions(outputShape));
      outputs.put(name, output.tensor());
    } catch (OrtException e) {
      close();
      throw e;
    }
  }

  private FloatBuffer input(
      OrtEnvironment environment, Map<String, OnnxJavaType> types, String name, Shape of)
      throws OrtException {
    FloatMemory memory = new FloatMemory(environment, types.get(name), dimensions(of));
    read.add(memory);
    inputs.put(name, memory.tensor());
    return memory.values();
  }

  private static long[] dimensions(Shape shape) {
    return new long[] {shape.n(), shape.c(), shape.h(), shape.w()};
  }

  private static Shape ofCondition(Condition condition, Shape state) {
    int reduction = condition.reduction();
    return new Shape(
        state.n(), condition.inputChannels(), state.h() / reduction, state.w() / reduction);
  }

  /** (N, C, H, W) of the images of one run. */
  Shape shape() {
    return shape;
  }

  /** Sets the time of all images. */
  void setTime(double value) {
    time.set(value);
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
  void run(Network network) throws OrtException {
    read.forEach(FloatMemory::toRuntime);
    network.run(inputs, Set.of(), outputs).close();
    output.fromRuntime();
  }

  /** Reads a piece of the network's output. */
  void getOutput(int position, float[] into, int from, int length) {
    output.values().get(position, into, from, length);
  }

  /** Frees the runtime's handles; the memory itself goes with this object. */
  @Override
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
  }
}
