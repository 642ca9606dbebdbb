package ijdiffusion.card;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** BioImage.IO 0.5: each axis is a mapping with its own type and size. */
final class TensorLayout5 implements TensorLayout {
  /** The ids that axes have unless they are given others. */
  private static final Map<String, String> LETTERS = Map.of("batch", "b", "channel", "c");

  private final Fields rdf;
  private final WeightsParser files;

  TensorLayout5(Fields rdf, WeightsParser files) {
    this.rdf = rdf;
    this.files = files;
  }

  @Override
  public String id(Fields tensor) {
    return tensor.text("id");
  }

  @Override
  public List<Axis> axes(Fields tensor) {
    return tensor.children("axes").stream().map(TensorLayout5::axis).toList();
  }

  private static Axis axis(Fields axis) {
    String type = axis.text("type");
    String key = type.equals("channel") ? "channel_names" : "size";
    return new Axis(
        type,
        length(axis, type),
        type.equals("channel") ? "names" : "pixels",
        (part, legal) ->
            part.isEmpty() ? axis.refused(key, legal) : axis.child("size").refused(part, legal));
  }

  private static Length length(Fields axis, String type) {
    if (type.equals("channel")) {
      return Length.fixed(axis.texts("channel_names").size());
    }
    if (type.equals("batch")) {
      return Length.DERIVED;
    }
    if (!axis.hasChild("size")) {
      return Length.fixed(axis.integer("size", 1, Integer.MAX_VALUE));
    }
    Fields size = axis.child("size");
    return size.has("tensor_id")
        ? Length.DERIVED
        : new Length(
            0,
            size.integer("min", 1, Integer.MAX_VALUE),
            size.integer("step", 1, Integer.MAX_VALUE));
  }

  /** BioImage.IO's default is float32. */
  @Override
  public String type(Fields tensor) {
    return tensor.has("data") && tensor.child("data").has("type")
        ? tensor.child("data").text("type")
        : "float32";
  }

  @Override
  public String typeField() {
    return "data.type";
  }

  @Override
  public List<Step> steps(Fields tensor) {
    List<Step> steps = new ArrayList<>();
    for (String key : List.of("preprocessing", "postprocessing")) {
      if (tensor.has(key)) {
        for (Fields step : tensor.children(key)) {
          Fields kwargs = step.has("kwargs") ? step.child("kwargs") : Fields.of(Map.of());
          steps.add(new Step(step.path(), step.text("id"), kwargs, axesOf(kwargs)));
        }
      }
    }
    return steps;
  }

  private static Optional<Set<String>> axesOf(Fields kwargs) {
    if (!kwargs.has("axes")) {
      return Optional.empty();
    }
    Set<String> letters = new TreeSet<>();
    kwargs.texts("axes").forEach(id -> letters.add(LETTERS.getOrDefault(id, id)));
    return Optional.of(letters);
  }

  @Override
  public Optional<CardFile> test(String side, int index) {
    Fields tensor = rdf.children(side).get(index);
    if (!tensor.hasChild("test_tensor")) {
      return Optional.empty();
    }
    Fields test = tensor.child("test_tensor");
    return test.text("source").contains("://")
        ? Optional.empty()
        : Optional.of(files.file(test, false));
  }
}
