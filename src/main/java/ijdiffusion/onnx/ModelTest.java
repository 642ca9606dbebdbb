package ijdiffusion.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFile;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TestTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Runs a network on the examples of its card and compares what comes out with what its author got:
 * whether the model works here as it did there.
 */
public final class ModelTest {
  private ModelTest() {}

  /**
   * What the comparison found.
   *
   * @param values numbers in the output
   * @param largestDifference largest |found - expected|; infinite where a value is no number
   * @param mismatched values with |found - expected| &gt; absolute + relative |expected|
   * @param tolerance the card's
   * @param provider where the network ran, {@code CPU} or {@code CUDA}
   */
  public record Result(
      long values,
      double largestDifference,
      long mismatched,
      TestTensors.Tolerance tolerance,
      String provider) {
    /** Whether no more values mismatch than the card allows. */
    public boolean passed() {
      return mismatched * 1e6 <= tolerance.perMillion() * values;
    }

    /** One line for people. */
    public String describe() {
      return String.format(
          Locale.ROOT,
          "%s on %s: largest difference %.3g over %d values, %d beyond %s + %s |value|",
          passed() ? "passed" : "FAILED",
          provider,
          largestDifference,
          values,
          mismatched,
          tolerance.absolute(),
          tolerance.relative());
    }
  }

  /** As {@link #run(ModelCard, Device, int)} on the CPU, on all its physical cores. */
  public static Result run(ModelCard card) {
    return run(card, Device.CPU, 0);
  }

  /**
   * Runs the network once and compares.
   *
   * @param card its card
   * @param device where to run it
   * @param threads of the CPU, 0 for one on each physical core this process may use
   * @throws DiffusionException when the card has no test tensors or other than the network takes, a
   *     file is not what the card says, or the network cannot be run
   */
  public static Result run(ModelCard card, Device device, int threads) {
    TestTensors tests =
        card.tests()
            .orElseThrow(
                () ->
                    new DiffusionException(
                        "Model "
                            + card.name()
                            + " cannot be tested, for its card has no test tensors in its folder;"
                            + " add a test_tensor to each of inputs and outputs."));
    if (tests.processed()) {
      throw new DiffusionException(
          "Model "
              + card.name()
              + " cannot be tested: its test tensors are images before the preprocessing that its"
              + " card lists, which a test does not repeat; give tensors as the network takes them"
              + " and leave preprocessing out.");
    }
    Map<String, NpyArray> inputs = new HashMap<>();
    tests.inputs().forEach((name, file) -> inputs.put(name, NpyArray.read(file)));
    NpyArray expected = NpyArray.read(tests.output());
    Runner runner =
        Network.open(
            new Network.Source("test", card.name(), card.weights()),
            device,
            threads,
            network -> new Runner(network, card, inputs),
            Runner::run);
    try (runner) {
      return compare(runner.run(), expected, tests, runner.network.provider());
    }
  }

  /** An output, as it is. */
  private record Output(long[] shape, float[] values) {}

  /** The network with its inputs, for one run. */
  private record Runner(Network network, ModelCard card, Map<String, NpyArray> inputs)
      implements AutoCloseable {
    Runner {
      try {
        Signature.check(network.session(), card);
      } catch (OrtException e) {
        throw Sessions.failed("opening", card.name(), e);
      }
    }

    Output run() {
      Output[] output = new Output[1];
      network.use(() -> output[0] = runOnce());
      return output[0];
    }

    private Output runOnce() throws OrtException {
      Map<String, OnnxTensor> tensors = new HashMap<>();
      try {
        for (Map.Entry<String, NodeInfo> input : network.session().getInputInfo().entrySet()) {
          tensors.put(input.getKey(), tensor(input.getKey(), input.getValue()));
        }
        String name = card.output().name();
        try (OrtSession.Result result = network.run(tensors, Set.of(name), Map.of())) {
          OnnxTensor out = (OnnxTensor) result.get(0);
          FloatBuffer buffer = out.getFloatBuffer();
          float[] values = new float[buffer.remaining()];
          buffer.get(values);
          return new Output(out.getInfo().getShape(), values);
        }
      } finally {
        tensors.values().forEach(OnnxTensor::close);
      }
    }

    /** An example as the network takes it: the same shape, float32 or int64. */
    private OnnxTensor tensor(String name, NodeInfo node) throws OrtException {
      NpyArray array = inputs.get(name);
      TensorInfo info = (TensorInfo) node.getInfo();
      checkShape(name, array.shape(), info.getShape());
      boolean whole = info.type == OnnxJavaType.INT64;
      int count = array.values().length;
      ByteBuffer bytes =
          ByteBuffer.allocateDirect(Math.multiplyExact(count, whole ? Long.BYTES : Float.BYTES))
              .order(ByteOrder.nativeOrder());
      for (double value : array.values()) {
        if (whole) {
          bytes.putLong((long) value);
        } else {
          bytes.putFloat((float) value);
        }
      }
      bytes.flip();
      return OnnxTensor.createTensor(network.environment(), bytes, array.shape(), info.type);
    }

    private void checkShape(String name, long[] found, long[] free) {
      boolean fits = found.length == free.length;
      for (int i = 0; fits && i < found.length; i++) {
        fits = free[i] < 0 || free[i] == found[i];
      }
      if (!fits) {
        throw new DiffusionException(
            "Test tensor of input \""
                + name
                + "\" of model "
                + card.name()
                + " has the shape "
                + Arrays.toString(found)
                + ", but the network takes "
                + Arrays.toString(free)
                + "; correct the test tensor.");
      }
    }

    @Override
    public void close() {
      network.close();
    }
  }

  private static Result compare(
      Output found, NpyArray expected, TestTensors tests, String provider) {
    CardFile file = tests.output();
    if (!Arrays.equals(found.shape, expected.shape())) {
      throw new DiffusionException(
          "Test tensor "
              + file.file().getFileName()
              + " has the shape "
              + Arrays.toString(expected.shape())
              + ", but the network gives "
              + Arrays.toString(found.shape)
              + "; correct the test tensor.");
    }
    TestTensors.Tolerance tolerance = tests.tolerance();
    double largest = 0;
    long mismatched = 0;
    for (int i = 0; i < found.values.length; i++) {
      double wanted = expected.values()[i];
      double difference = Math.abs(found.values[i] - wanted);
      if (!(difference <= tolerance.absolute() + tolerance.relative() * Math.abs(wanted))) {
        mismatched++;
      }
      largest = Math.max(largest, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
    }
    return new Result(found.values.length, largest, mismatched, tolerance, provider);
  }
}
