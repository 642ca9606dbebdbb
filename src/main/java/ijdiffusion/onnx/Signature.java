package ijdiffusion.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition;
import ijdiffusion.card.FixedSize;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.NoiseEstimator;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.card.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds the inputs and outputs of a network against its card. */
final class Signature {
  private static final List<OnnxJavaType> SINGLE = List.of(OnnxJavaType.FLOAT);

  /** What a card calls float32: 16-bit floats are rounded to and widened from. */
  private static final List<OnnxJavaType> REAL = List.of(OnnxJavaType.FLOAT, OnnxJavaType.FLOAT16);

  /** What a card calls int64. */
  private static final List<OnnxJavaType> INTEGER = List.of(OnnxJavaType.INT64, OnnxJavaType.INT32);

  private final ModelCard card;
  private final String network;

  private Signature(ModelCard card, Weights weights) {
    this.card = card;
    this.network = "Network " + weights.file().getFileName() + " of model " + card.name();
  }

  /**
   * Refuses a network that is not what its card says.
   *
   * @return images per run where the network fixes it, 0 where it does not
   */
  static int check(OrtSession session, ModelCard card) throws OrtException {
    return new Signature(card, card.weights())
        .check(session.getInputInfo(), session.getOutputInfo());
  }

  /** Data types of a network's tensors, inputs and outputs, by name. */
  static Map<String, OnnxJavaType> types(OrtSession session) throws OrtException {
    Map<String, OnnxJavaType> types = new HashMap<>();
    for (Map<String, NodeInfo> ends : List.of(session.getInputInfo(), session.getOutputInfo())) {
      ends.forEach(
          (name, node) -> {
            if (node.getInfo() instanceof TensorInfo tensor) {
              types.put(name, tensor.type);
            }
          });
    }
    return types;
  }

  /** Refuses an encoder that is not what the card says. */
  static void checkEncoder(OrtSession session, ModelCard card, Condition.Encoder encoder)
      throws OrtException {
    Signature signature = new Signature(card, encoder.weights());
    NodeInfo[] ends = signature.single(session, encoder.input(), encoder.output());
    signature.images("input", encoder.input(), ends[0], card.condition().get().channels());
    signature.images("output", encoder.output(), ends[1], encoder.channels());
  }

  /** Refuses an estimator of the noise that is not what the card says. */
  static void checkEstimator(OrtSession session, ModelCard card, NoiseEstimator estimator)
      throws OrtException {
    Signature signature = new Signature(card, estimator.weights());
    NodeInfo[] ends = signature.single(session, estimator.input(), estimator.output());
    signature.images("input", estimator.input(), ends[0], card.channels());
    String what = "output \"" + estimator.output() + "\"";
    boolean column = ends[1].getInfo() instanceof TensorInfo t && t.getShape().length == 2;
    long[] shape = signature.tensor(what, ends[1], SINGLE, column ? 2 : 1).getShape();
    for (long length : shape) {
      signature.dimension(what, "values", length, 1);
    }
  }

  /** The one input and the one output that are asked for. */
  private NodeInfo[] single(OrtSession session, String input, String output) throws OrtException {
    Map<String, NodeInfo> inputs = session.getInputInfo();
    require("input", input, inputs);
    refuseOthers(inputs, List.of(input));
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    require("output", output, outputs);
    return new NodeInfo[] {inputs.get(input), outputs.get(output)};
  }

  /** Free sizes, and one image at a time. */
  private void images(String kind, String name, NodeInfo node, int channels) {
    String what = kind + " \"" + name + "\"";
    long[] shape = tensor(what, node, SINGLE, 4).getShape();
    dimension(what, "images", shape[0], 1);
    dimension(what, "channels", shape[1], channels);
  }

  private int check(Map<String, NodeInfo> inputs, Map<String, NodeInfo> outputs) {
    String image = card.image().name();
    String time = card.time().name();
    if (inputs.size() < 2) {
      throw new DiffusionException(
          network
              + " has "
              + (inputs.isEmpty() ? "no input" : "no time input, only " + names(inputs.keySet()))
              + ", so it is not a noise predictor.");
    }
    require("input", image, inputs);
    require("input", time, inputs);
    List<String> known = new ArrayList<>(List.of(image, time));
    card.condition().map(Condition::name).ifPresent(known::add);
    card.condition().ifPresent(condition -> require("input", condition.name(), inputs));
    refuseOthers(inputs, known);
    require("output", card.output().name(), outputs);

    int batch = image(inputs.get(image));
    card.condition()
        .filter(condition -> !condition.isConcatenated())
        .ifPresent(condition -> condition(condition, inputs.get(condition.name()), batch));
    boolean oneTime = time(inputs.get(time), batch);
    output(outputs.get(card.output().name()));
    return batch == 0 && oneTime ? 1 : batch;
  }

  private void refuseOthers(Map<String, NodeInfo> inputs, List<String> known) {
    List<String> others = new ArrayList<>(inputs.keySet());
    others.removeAll(known);
    if (!others.isEmpty()) {
      throw new DiffusionException(
          network
              + " needs the further input "
              + names(others)
              + ", which this version cannot supply.");
    }
  }

  private void require(String kind, String name, Map<String, NodeInfo> there) {
    if (!there.containsKey(name)) {
      throw new DiffusionException(
          network
              + " has no "
              + kind
              + " \""
              + name
              + "\" as its card says; its "
              + kind
              + "s are "
              + names(there.keySet())
              + ".");
    }
  }

  private int image(NodeInfo node) {
    String what = "input \"" + card.image().name() + "\"";
    long[] shape = tensor(what, node, REAL, 4).getShape();
    int shared =
        card.condition().filter(Condition::isConcatenated).map(Condition::channels).orElse(0);
    dimension(what, "channels", shape[1], shared + card.channels());
    side(what, "height", shape[2], card.image().fixedSize().map(FixedSize::height).orElse(0));
    side(what, "width", shape[3], card.image().fixedSize().map(FixedSize::width).orElse(0));
    return (int) Math.max(0, shape[0]);
  }

  private void condition(Condition condition, NodeInfo node, int batch) {
    String what = "input \"" + condition.name() + "\"";
    long[] shape = tensor(what, node, REAL, 4).getShape();
    if (batch > 0) {
      dimension(what, "images", shape[0], batch);
    } else if (shape[0] > 0) {
      throw new DiffusionException(
          network
              + ": "
              + what
              + " takes "
              + shape[0]
              + " images only, but the state's any number.");
    }
    dimension(what, "channels", shape[1], condition.inputChannels());
    int reduction = condition.reduction();
    var fixed = card.image().fixedSize();
    side(what, "height", shape[2], fixed.map(FixedSize::height).orElse(0) / reduction);
    side(what, "width", shape[3], fixed.map(FixedSize::width).orElse(0) / reduction);
  }

  private void side(String what, String name, long found, int fixed) {
    if (found > 0 && found != fixed) {
      throw new DiffusionException(
          network
              + ": "
              + what
              + " has the fixed "
              + name
              + " "
              + found
              + ", but its card says "
              + (fixed == 0 ? "that it is free" : fixed)
              + ".");
    }
  }

  /** Whether the network fixes that it is told one time, shape (1) or (1, 1). */
  private boolean time(NodeInfo node, int batch) {
    String what = "input \"" + card.time().name() + "\"";
    List<OnnxJavaType> type = card.time().type() == TimeTensor.Type.INT64 ? INTEGER : REAL;
    long[] expected = card.time().layout().shape(Math.max(1, batch));
    long[] shape = tensor(what, node, type, expected.length).getShape();
    for (int i = 0; i < shape.length; i++) {
      dimension(what, "values", shape[i], (int) expected[i]);
    }
    return shape.length > 0 && shape[0] == 1;
  }

  private void output(NodeInfo node) {
    String what = "output \"" + card.output().name() + "\"";
    long[] shape = tensor(what, node, REAL, 4).getShape();
    dimension(what, "channels", shape[1], card.output().channels());
  }

  private TensorInfo tensor(String what, NodeInfo node, List<OnnxJavaType> types, int rank) {
    if (!(node.getInfo() instanceof TensorInfo tensor)) {
      throw new DiffusionException(network + ": " + what + " is not a tensor.");
    }
    if (!types.contains(tensor.type)) {
      throw new DiffusionException(
          network
              + ": "
              + what
              + " is "
              + tensor.type
              + ", but its card says "
              + types.get(0)
              + ".");
    }
    if (tensor.getShape().length != rank) {
      throw new DiffusionException(
          network
              + ": "
              + what
              + " has "
              + tensor.getShape().length
              + " dimensions "
              + Arrays.toString(tensor.getShape())
              + ", but must have "
              + rank
              + ".");
    }
    return tensor;
  }

  /** A dimension that is free in the network, -1, fits everything. */
  private void dimension(String what, String name, long found, int expected) {
    if (found >= 0 && found != expected) {
      throw new DiffusionException(
          network
              + ": "
              + what
              + " has "
              + found
              + " "
              + name
              + ", but its card says "
              + expected
              + ".");
    }
  }

  private static String names(Iterable<String> names) {
    return String.join(", ", names);
  }
}
