package ijdiffusion.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft;
import ijdiffusion.card.NetworkFacts;
import ijdiffusion.card.NetworkFacts.TensorFacts;
import ijdiffusion.card.NetworkRoles;
import ijdiffusion.card.Sidecar;
import ijdiffusion.card.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Looks into an ONNX file that has no card: its tensors, its metadata, and how it answers. */
public final class NetworkInspector {
  private NetworkInspector() {}

  /**
   * A card for a network, as far as one can be found out.
   *
   * @param onnx the file
   * @param options fields of the card that are known better
   * @throws DiffusionException when the file cannot be read or run, or is no noise predictor
   */
  public static CardDraft propose(Path onnx, Map<String, String> options) {
    return CardDraft.of(inspect(onnx), options);
  }

  /**
   * Looks at a file and runs it on the CPU, some thirty times on its smallest size.
   *
   * @param onnx the file
   * @throws DiffusionException when the file cannot be read or run, or is no noise predictor
   */
  public static NetworkFacts inspect(Path onnx) {
    Weights weights = Sidecar.weights(onnx);
    String name = onnx.getFileName().toString();
    Looking looking =
        Network.open(
            new Network.Source("network", name, weights),
            Device.CPU,
            0,
            network -> new Looking(network, facts(network, weights)),
            unused -> {});
    try (Network network = looking.network) {
      NetworkFacts said = looking.facts;
      NetworkProbe probe = new NetworkProbe(network, name, NetworkRoles.of(said), said.metadata());
      return new NetworkFacts(
          weights, said.inputs(), said.outputs(), said.metadata(), Optional.of(probe.probe()));
    }
  }

  private record Looking(Network network, NetworkFacts facts) {}

  private static NetworkFacts facts(Network network, Weights weights) throws OrtException {
    var metadata = network.session().getMetadata();
    Map<String, String> said = new HashMap<>(metadata.getCustomMetadata());
    if (!metadata.getDescription().isBlank()) {
      said.putIfAbsent("description", metadata.getDescription());
    }
    return new NetworkFacts(
        weights,
        tensors(network.session().getInputInfo()),
        tensors(network.session().getOutputInfo()),
        said,
        Optional.empty());
  }

  private static List<TensorFacts> tensors(Map<String, NodeInfo> nodes) {
    List<TensorFacts> tensors = new ArrayList<>();
    nodes.forEach(
        (name, node) -> {
          if (node.getInfo() instanceof TensorInfo tensor) {
            List<Long> shape = Arrays.stream(tensor.getShape()).boxed().toList();
            tensors.add(new TensorFacts(name, type(tensor), shape));
          } else {
            tensors.add(new TensorFacts(name, "no tensor", List.of()));
          }
        });
    return tensors;
  }

  private static String type(TensorInfo tensor) {
    return switch (tensor.type) {
      case FLOAT -> "float32";
      case DOUBLE -> "float64";
      default -> tensor.type.toString().toLowerCase(Locale.ROOT);
    };
  }
}
