package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** BioImage.IO 0.4: a letter for each axis, and the lengths of all of them in one field. */
final class TensorLayout4 implements TensorLayout {
  private static final Map<Character, String> TYPES =
      Map.of(
          'b', "batch", 'i', "index", 't', "time", 'c', "channel", 'z', "space", 'y', "space", 'x',
          "space");

  private final Fields rdf;
  private final WeightsParser files;

  TensorLayout4(Fields rdf, WeightsParser files) {
    this.rdf = rdf;
    this.files = files;
  }

  @Override
  public String id(Fields tensor) {
    return tensor.text("name");
  }

  @Override
  public String type(Fields tensor) {
    return tensor.text("data_type");
  }

  @Override
  public List<Axis> axes(Fields tensor) {
    String letters = tensor.text("axes");
    if (!letters.matches("[bitczyx]+") || letters.chars().distinct().count() != letters.length()) {
      throw tensor.refused("axes", "letters out of b, i, t, c, z, y and x, each once at most");
    }
    List<Length> lengths = lengths(tensor, letters.length());
    List<Axis> axes = new ArrayList<>();
    for (int i = 0; i < letters.length(); i++) {
      char letter = letters.charAt(i);
      axes.add(
          new Axis(
              TYPES.get(letter),
              lengths.get(i),
              letter == 'c' ? "channels" : "pixels",
              (part, legal) -> refused(tensor, part, letter + ": " + legal)));
    }
    return axes;
  }

  private static DiffusionException refused(Fields tensor, String part, String legal) {
    String where = "such that along axis ";
    return part.isEmpty()
        ? tensor.refused("shape", where + legal)
        : tensor.child("shape").refused(part, where + legal);
  }

  private List<Length> lengths(Fields tensor, int axes) {
    if (!tensor.hasChild("shape")) {
      List<Length> lengths = new ArrayList<>();
      for (double length : numbers(tensor, "shape", axes)) {
        lengths.add(Length.fixed(whole(tensor, "shape", length)));
      }
      return lengths;
    }
    Fields shape = tensor.child("shape");
    return shape.has("reference_tensor") ? derived(shape, axes) : stepped(shape, axes);
  }

  /** A step of 0 fixes the length. */
  private static List<Length> stepped(Fields shape, int axes) {
    double[] min = numbers(shape, "min", axes);
    double[] step = numbers(shape, "step", axes);
    List<Length> lengths = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      int shortest = whole(shape, "min", min[i]);
      lengths.add(
          step[i] == 0
              ? Length.fixed(shortest)
              : new Length(0, shortest, whole(shape, "step", step[i])));
    }
    return lengths;
  }

  /**
   * Length = scale * length of the reference + 2 * offset, of which only those that are fixed there
   * are worked out. No scale means that the axis is new.
   */
  private List<Length> derived(Fields shape, int axes) {
    List<Length> of = reference(shape);
    List<String> scale = shape.textsOrNull("scale");
    double[] offset = numbers(shape, "offset", axes);
    if (scale.size() != axes || of.size() != axes) {
      throw shape.refused("scale", "a list of " + axes + " numbers, one for each axis");
    }
    List<Length> lengths = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      boolean isNew = scale.get(i) == null;
      double factor = isNew ? 0 : shape.numberOf("scale", scale.get(i));
      boolean fixed = factor == 0 || of.get(i).isFixed();
      lengths.add(
          fixed
              ? Length.fixed(whole(shape, "offset", factor * of.get(i).fixed() + 2 * offset[i]))
              : Length.DERIVED);
    }
    return lengths;
  }

  private List<Length> reference(Fields shape) {
    String name = shape.text("reference_tensor");
    for (Fields input : rdf.children("inputs")) {
      if (id(input).equals(name)) {
        if (input.hasChild("shape") && input.child("shape").has("reference_tensor")) {
          throw shape.refused("reference_tensor", "an input whose own shape is stated");
        }
        return lengths(input, input.text("axes").length());
      }
    }
    throw shape.refused("reference_tensor", "the name of an input");
  }

  private static double[] numbers(Fields fields, String key, int axes) {
    String legal = "a list of " + axes + " numbers, one for each axis";
    double[] numbers = fields.numbers(key, legal);
    if (numbers.length != axes) {
      throw fields.refused(key, legal);
    }
    return numbers;
  }

  private static int whole(Fields fields, String key, double number) {
    if (number < 1 || number > Integer.MAX_VALUE || number != Math.rint(number)) {
      throw fields.refused(key, "whole numbers of pixels, at least 1");
    }
    return (int) number;
  }

  @Override
  public String typeField() {
    return "data_type";
  }

  @Override
  public List<Step> steps(Fields tensor) {
    List<Step> steps = new ArrayList<>();
    for (String key : List.of("preprocessing", "postprocessing")) {
      if (tensor.has(key)) {
        tensor.children(key).forEach(step -> steps.add(step(step)));
      }
    }
    return steps;
  }

  private static Step step(Fields step) {
    String name = step.text("name");
    Fields kwargs = step.has("kwargs") ? step.child("kwargs") : Fields.of(Map.of());
    Set<String> axes = new TreeSet<>();
    if (kwargs.has("axes")) {
      kwargs.text("axes").chars().forEach(letter -> axes.add(Character.toString(letter)));
    }
    boolean fixed =
        name.equals("zero_mean_unit_variance")
            && (!kwargs.has("mode") || kwargs.text("mode").equals("fixed"));
    return new Step(
        step.path(),
        fixed ? "fixed_zero_mean_unit_variance" : name,
        kwargs,
        kwargs.has("axes") ? Optional.of(axes) : Optional.empty());
  }

  /** Listed apart from the tensors, in their order, without hashes. */
  @Override
  public Optional<CardFile> test(String side, int index) {
    String key = side.equals("inputs") ? "test_inputs" : "test_outputs";
    if (!rdf.has(key)) {
      return Optional.empty();
    }
    List<String> sources = rdf.texts(key);
    return index >= sources.size() || sources.get(index).contains("://")
        ? Optional.empty()
        : Optional.of(files.plainFile(rdf, key, sources.get(index)));
  }
}
