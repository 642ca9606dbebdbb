package ijdiffusion.card;

import ijdiffusion.card.NetworkFacts.TensorFacts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** A card file made of the fields of a draft, see {@code docs/model-card.md}. */
final class DraftDocument {
  private static final String NUMBER = "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?";

  private final String network;
  private final Weights weights;
  private final NetworkRoles roles;
  private final Map<String, String> values;

  /**
   * @param network name of the ONNX file
   * @param weights that file and where its weights are
   */
  DraftDocument(String network, Weights weights, NetworkRoles roles, Map<String, String> values) {
    this.network = network;
    this.weights = weights;
    this.roles = roles;
    this.values = values;
  }

  /** What the file holds. */
  Map<String, Object> content() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("format_version", "0.5.7");
    root.put("type", "model");
    for (String key : List.of("name", "version", "description", "license")) {
      text(root, key);
    }
    if (values.containsKey("cite")) {
      root.put("cite", List.of(Map.of("text", values.get("cite"))));
    }
    root.put("inputs", List.of(images(roles.image().name(), "image.channels", sizes()), time()));
    Map<String, Object> y = ordered("tensor_id", roles.image().name(), "axis_id", "y");
    Map<String, Object> x = ordered("tensor_id", roles.image().name(), "axis_id", "x");
    root.put("outputs", List.of(images(roles.output().name(), "output.channels", List.of(y, x))));
    root.put("weights", Map.of("onnx", files()));
    root.put("config", config());
    return root;
  }

  private Map<String, Object> files() {
    Map<String, Object> files = ordered("source", network, "sha256", weights.sha256());
    weights
        .externalData()
        .ifPresent(
            data ->
                files.put(
                    "external_data",
                    ordered("source", data.name(), "sha256", data.sha256().orElseThrow())));
    return files;
  }

  private Map<String, Object> config() {
    Map<String, Object> bioimageio = new LinkedHashMap<>();
    text(bioimageio, "out_of_scope_use");
    Map<String, Object> block = new LinkedHashMap<>();
    block.put("format", 1);
    text(block, "domain");
    if (values.containsKey("attribution")) {
      block.put("attribution", List.of(values.get("attribution")));
    }
    values.forEach(
        (key, value) -> {
          if (key.contains(".")) {
            put(block, key.split("\\."), value);
          }
        });
    return ordered("bioimageio", bioimageio, "diffusion", block);
  }

  @SuppressWarnings("unchecked") // what is at a path of a key is a mapping that we made
  private static void put(Map<String, Object> block, String[] path, String value) {
    Map<String, Object> map = block;
    for (int i = 0; i < path.length - 1; i++) {
      map = (Map<String, Object>) map.computeIfAbsent(path[i], key -> new LinkedHashMap<>());
    }
    String last = path[path.length - 1];
    map.put(last, last.equals("tensor") ? value : scalar(value));
  }

  /** Numbers, truth values and lists of them as such, so that other programs read them too. */
  private static Object scalar(String text) {
    if (text.startsWith("[") && text.endsWith("]")) {
      return Arrays.stream(text.substring(1, text.length() - 1).split(","))
          .map(part -> scalar(part.strip()))
          .toList();
    }
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    if (text.matches("[+-]?[0-9]{1,9}")) {
      return Integer.valueOf(text);
    }
    return text.matches(NUMBER) ? (Object) Double.valueOf(text) : text;
  }

  private void text(Map<String, Object> into, String key) {
    if (values.containsKey(key)) {
      into.put(key, values.get(key));
    }
  }

  /** Sizes of y and x. */
  private List<Object> sizes() {
    if (values.containsKey("image.height") || values.containsKey("image.width")) {
      return List.of(
          scalar(values.getOrDefault("image.height", "")),
          scalar(values.getOrDefault("image.width", "")));
    }
    Object multiple = scalar(values.getOrDefault("image.size_multiple", ""));
    return List.of(
        ordered("min", multiple, "step", multiple), ordered("min", multiple, "step", multiple));
  }

  private Map<String, Object> images(String id, String channels, List<?> sizes) {
    List<Object> axes = new ArrayList<>();
    axes.add(ordered("type", "batch"));
    axes.add(ordered("type", "channel", "channel_names", names(channels)));
    axes.add(ordered("type", "space", "id", "y", "size", sizes.get(0)));
    axes.add(ordered("type", "space", "id", "x", "size", sizes.get(1)));
    return ordered("id", id, "axes", axes, "data", ordered("type", "float32"));
  }

  private List<String> names(String channels) {
    Object count = scalar(values.getOrDefault(channels, ""));
    int n = count instanceof Integer i ? Math.min(Math.max(i, 1), 2048) : 1;
    return IntStream.range(0, n).mapToObj(c -> "channel" + c).toList();
  }

  private Map<String, Object> time() {
    TensorFacts time = roles.time();
    List<Object> axes = new ArrayList<>();
    String layout = values.getOrDefault("time.layout", "");
    if (!layout.equals("scalar")) {
      axes.add(ordered("type", "batch"));
    }
    if (!layout.equals("vector")) {
      axes.add(ordered("type", "index", "size", 1));
    }
    String type = values.getOrDefault("time.type", "float32");
    return ordered("id", time.name(), "axes", axes, "data", ordered("type", type));
  }

  private static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  /** The file. */
  String text() {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setWidth(120);
    return "# Proposed for a network without a card, and completed by its user; the fields are those of\n"
        + "# docs/model-card.md.\n"
        + new Yaml(options).dump(content());
  }
}
