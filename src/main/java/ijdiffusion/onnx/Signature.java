package ijdiffusion.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.FixedSize;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Holds the inputs and outputs of a network against its card. */
final class Signature {
  private final ModelCard card;
  private final String network;

  private Signature(ModelCard card) {
    this.card = card;
    this.network = "Network " + card.weights().file().getFileName() + " of model " + card.name();
  }

  /**
   * Refuses a network that is not what its card says.
   *
   * @return images per run where the network fixes it, 0 where it does not
   */
  static int check(OrtSession session, ModelCard card) throws OrtException {
    return new Signature(card).check(session.getInputInfo(), session.getOutputInfo());
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
    List<String> others = new ArrayList<>(inputs.keySet());
    others.removeAll(List.of(image, time));
    if (!others.isEmpty()) {
      throw new DiffusionException(
          network
              + " needs the further input "
              + names(others)
              + ", which this version cannot supply.");
    }
    require("output", card.output().name(), outputs);

    int batch = image(inputs.get(image));
    time(inputs.get(time), batch);
    output(outputs.get(card.output().name()));
    return batch;
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
    long[] shape = tensor(what, node, OnnxJavaType.FLOAT, 4).getShape();
    dimension(what, "channels", shape[1], card.channels());
    side(what, "height", shape[2], card.image().fixedSize().map(FixedSize::height).orElse(0));
    side(what, "width", shape[3], card.image().fixedSize().map(FixedSize::width).orElse(0));
    return (int) Math.max(0, shape[0]);
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

  private void time(NodeInfo node, int batch) {
    String what = "input \"" + card.time().name() + "\"";
    OnnxJavaType type =
        card.time().type() == TimeTensor.Type.INT64 ? OnnxJavaType.INT64 : OnnxJavaType.FLOAT;
    long[] expected = card.time().layout().shape(Math.max(1, batch));
    long[] shape = tensor(what, node, type, expected.length).getShape();
    for (int i = 0; i < shape.length; i++) {
      dimension(what, "values", shape[i], (int) expected[i]);
    }
  }

  private void output(NodeInfo node) {
    String what = "output \"" + card.output().name() + "\"";
    long[] shape = tensor(what, node, OnnxJavaType.FLOAT, 4).getShape();
    dimension(what, "channels", shape[1], card.output().channels());
  }

  private TensorInfo tensor(String what, NodeInfo node, OnnxJavaType type, int rank) {
    if (!(node.getInfo() instanceof TensorInfo tensor)) {
      throw new DiffusionException(network + ": " + what + " is not a tensor.");
    }
    if (tensor.type != type) {
      throw new DiffusionException(
          network + ": " + what + " is " + tensor.type + ", but its card says " + type + ".");
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
