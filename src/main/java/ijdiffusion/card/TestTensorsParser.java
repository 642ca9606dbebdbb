package ijdiffusion.card;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads which examples a card has of its tensors. */
final class TestTensorsParser {
  private final Fields rdf;
  private final TensorLayout layout;

  TestTensorsParser(Fields rdf, TensorLayout layout) {
    this.rdf = rdf;
    this.layout = layout;
  }

  /**
   * The examples of a card.
   *
   * @param output name of the output that is compared
   * @return empty where an input or the output has none
   */
  Optional<TestTensors> parse(String output) {
    Map<String, CardFile> inputs = new HashMap<>();
    boolean processed = false;
    List<Fields> tensors = rdf.children("inputs");
    for (int i = 0; i < tensors.size(); i++) {
      Optional<CardFile> file = layout.test("inputs", i);
      if (file.isEmpty()) {
        return Optional.empty();
      }
      inputs.put(layout.id(tensors.get(i)), file.get());
      processed |=
          layout.steps(tensors.get(i)).stream().anyMatch(s -> !s.id().equals("ensure_dtype"));
    }
    List<String> outputs = rdf.children("outputs").stream().map(layout::id).toList();
    int index = outputs.indexOf(output);
    boolean scaled = processed;
    return index < 0
        ? Optional.empty()
        : layout
            .test("outputs", index)
            .map(file -> new TestTensors(inputs, file, scaled, tolerance(output)));
  }

  /** The first entry that is about this output of an ONNX file. */
  private TestTensors.Tolerance tolerance(String output) {
    String key = "reproducibility_tolerance";
    Fields config = rdf.child("config").child("bioimageio");
    if (config.has(key)) {
      for (Fields entry : config.children(key)) {
        if (isAbout(entry, "output_ids", output) && isAbout(entry, "weights_formats", "onnx")) {
          TestTensors.Tolerance otherwise = TestTensors.Tolerance.DEFAULT;
          return new TestTensors.Tolerance(
              notNegative(entry, "relative_tolerance", otherwise.relative()),
              notNegative(entry, "absolute_tolerance", otherwise.absolute()),
              notNegative(entry, "mismatched_elements_per_million", otherwise.perMillion()));
        }
      }
    }
    return TestTensors.Tolerance.DEFAULT;
  }

  private static double notNegative(Fields entry, String key, double otherwise) {
    double number = entry.number(key, otherwise);
    if (!(number >= 0)) {
      throw entry.refused(key, "0 or more");
    }
    return number;
  }

  private static boolean isAbout(Fields entry, String key, String wanted) {
    return !entry.has(key) || entry.texts(key).isEmpty() || entry.texts(key).contains(wanted);
  }
}
