package ijdiffusion.card;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What can be found out about an ONNX file that has no card: what it says of itself, and how it
 * answers to noise.
 *
 * @param weights the file
 * @param inputs its inputs, in the file's order
 * @param outputs its outputs, in the file's order
 * @param metadata names and values in the file
 * @param probe how it answers, empty where nobody asked yet
 */
public record NetworkFacts(
    Weights weights,
    List<TensorFacts> inputs,
    List<TensorFacts> outputs,
    Map<String, String> metadata,
    Optional<Probe> probe) {
  public NetworkFacts {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    metadata = Map.copyOf(metadata);
  }

  /**
   * An input or output.
   *
   * @param name in the file
   * @param type of its elements, as ONNX calls it, in lower case: {@code float32}, {@code uint8}
   * @param shape its dimensions, -1 where any length will do
   */
  public record TensorFacts(String name, String type, List<Long> shape) {
    public TensorFacts {
      shape = List.copyOf(shape);
    }

    /** Whether it may hold images: (N, C, H, W). */
    boolean isImages() {
      return shape.size() == 4;
    }

    /** Whether its elements are real numbers that we can give and take. */
    boolean isReal() {
      return type.equals("float32") || type.equals("float16");
    }

    /** Whether its elements are integers that a time may be. */
    boolean isInteger() {
      return type.equals("int64") || type.equals("int32");
    }

    /** Length of a dimension; 0 where any will do. */
    public int length(int dimension) {
      return (int) Math.max(0, shape.get(dimension));
    }

    @Override
    public String toString() {
      return "\"" + name + "\" of type " + type + " and shape " + shape;
    }
  }

  /**
   * How a network answers.
   *
   * @param sizeMultiple what the sides of an image must be a multiple of; 0 where the size is fixed
   * @param outputChannels channels of the output
   * @param steps the length of the table that the time is looked up in, where there is one
   * @param readings what its output may mean, the best first
   * @param variance least and greatest value in the second half of the channels, empty without one
   */
  public record Probe(
      int sizeMultiple,
      int outputChannels,
      OptionalInt steps,
      List<Reading> readings,
      List<Double> variance) {
    public Probe {
      readings = List.copyOf(readings);
      variance = List.copyOf(variance);
    }
  }

  /**
   * What came of taking a network's time and output for something.
   *
   * @param time time.meaning on a card
   * @param output output.meaning on a card
   * @param left share of the noise (its mean square) that is left in the clean image then; the
   *     geometric mean over levels
   * @param worst the largest of them
   */
  public record Reading(String time, String output, double left, double worst) {
    /**
     * Whether noise is taken away at all levels, and most of it on average. An exact predictor for
     * pixels that know nothing of each other leaves 0.04 and at worst 0.45; returning the input
     * leaves 0.07 and 0.68, its exponential 0.3 and 0.7.
     */
    public boolean denoises() {
      return left < 0.25 && worst < 0.6;
    }

    /** For people, in brackets. */
    String describe() {
      return String.format(
          Locale.ROOT,
          " (at best, as %s and %s, %.2f of it is left, and %.2f at one level)",
          time,
          output,
          left,
          worst);
    }
  }
}
