package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.TensorLayout.Axis;
import ijdiffusion.card.TensorLayout.Length;
import java.util.List;

/**
 * Holds the tensors that the BioImage.IO part of a card describes against those of our part:
 * whoever reads only one of them must not be told something else.
 */
final class TensorCheck {
  private final TensorLayout layout;
  private final List<Fields> inputs;
  private final List<Fields> outputs;

  TensorCheck(Fields rdf, TensorLayout layout) {
    this.layout = layout;
    this.inputs = rdf.children("inputs");
    this.outputs = rdf.children("outputs");
  }

  void check(ModelCard card) {
    image(find("config.diffusion.image.tensor", card.image().name(), "inputs", inputs), card);
    time(find("config.diffusion.time.tensor", card.time().name(), "inputs", inputs), card);
    Fields out = find("config.diffusion.output.tensor", card.output().name(), "outputs", outputs);
    planes(out, card.output().channels(), "output.channels");
    type(out, "float32", "the images of a noise predictor");
    ProcessingCheck.nothing(layout.steps(out), "float32", "what a noise predictor says");
    card.condition()
        .filter(condition -> !condition.isConcatenated())
        .ifPresent(condition -> condition(condition, card));
    for (Fields input : inputs) {
      String id = layout.id(input);
      if (!id.equals(card.image().name())
          && !id.equals(card.time().name())
          && card.condition().map(Condition::name).filter(id::equals).isEmpty()) {
        throw new DiffusionException(
            "inputs has the further tensor \""
                + id
                + "\", which this version cannot supply; only image, time and condition are.");
      }
    }
  }

  private Fields find(String field, String name, String where, List<Fields> tensors) {
    List<String> ids = tensors.stream().map(layout::id).toList();
    int i = ids.indexOf(name);
    if (i < 0) {
      throw new DiffusionException(
          field
              + " is \""
              + name
              + "\", but must be an id of "
              + where
              + ": "
              + String.join(", ", ids)
              + ".");
    }
    return tensors.get(i);
  }

  private void image(Fields tensor, ModelCard card) {
    int shared =
        card.condition().filter(Condition::isConcatenated).map(Condition::channels).orElse(0);
    int channels = shared + card.channels();
    List<Axis> axes =
        planes(
            tensor,
            channels,
            shared > 0 ? "condition.channels + image.channels" : "image.channels");
    type(tensor, "float32", "the images of a noise predictor");
    var fixed = card.image().fixedSize();
    size(axes.get(2), fixed.map(FixedSize::height).orElse(0), "height", card.sizeMultiple());
    size(axes.get(3), fixed.map(FixedSize::width).orElse(0), "width", card.sizeMultiple());
    ProcessingCheck.image(layout.steps(tensor), layout.id(tensor), channels, card);
  }

  private void condition(Condition condition, ModelCard card) {
    Fields tensor = find(Condition.FIELD + "tensor", condition.name(), "inputs", inputs);
    boolean encoded = condition.encoder().isPresent();
    String field = encoded ? "condition.encoder" : "condition";
    int channels = condition.inputChannels();
    List<Axis> axes = planes(tensor, channels, field + ".channels");
    type(tensor, "float32", "a condition");
    var fixed = card.image().fixedSize();
    int reduction = condition.reduction();
    fixedSide(axes.get(2), fixed.map(FixedSize::height).orElse(0) / reduction);
    fixedSide(axes.get(3), fixed.map(FixedSize::width).orElse(0) / reduction);
    List<TensorLayout.Step> steps = layout.steps(tensor);
    if (encoded) {
      ProcessingCheck.nothing(steps, "float32", "what an encoder says");
    } else {
      ProcessingCheck.image(steps, condition.name(), channels, card);
    }
  }

  /** The side of a condition may be told by the image's, which BioImage.IO has several ways for. */
  private static void fixedSide(Axis axis, int fixed) {
    if (axis.length().isFixed() && axis.length().fixed() != fixed) {
      throw axis.refused(
          "",
          fixed == 0
              ? "a mapping, since config.diffusion.image has no fixed size"
              : fixed + ", since that goes with the fixed size of config.diffusion.image");
    }
  }

  /** Axes must be batch, channel, space (y), space (x). */
  private List<Axis> planes(Fields tensor, int channels, String field) {
    List<Axis> axes = layout.axes(tensor);
    if (!types(axes).equals(List.of("batch", "channel", "space", "space"))) {
      throw tensor.refused("axes", "batch, channel, space (y) and space (x)");
    }
    if (axes.get(1).length().fixed() != channels) {
      throw axes.get(1)
          .refused(
              "",
              channels
                  + " "
                  + axes.get(1).unit()
                  + ", since config.diffusion."
                  + field
                  + " is "
                  + channels);
    }
    return axes;
  }

  private static void size(Axis axis, int fixed, String side, int multiple) {
    Length length = axis.length();
    if (fixed > 0) {
      if (length.fixed() != fixed) {
        throw axis.refused("", fixed + ", since config.diffusion.image." + side + " is " + fixed);
      }
      return;
    }
    if (length.isFixed() || length.step() == 0) {
      throw axis.refused("", "{min, step}, since config.diffusion.image." + side + " is not fixed");
    }
    String legal = "a multiple of " + multiple + ", which is config.diffusion.image.size_multiple";
    if (length.min() % multiple != 0) {
      throw axis.refused("min", legal);
    }
    if (length.step() % multiple != 0) {
      throw axis.refused("step", legal);
    }
  }

  private void time(Fields tensor, ModelCard card) {
    List<String> expected =
        switch (card.time().layout()) {
          case SCALAR -> List.of("index");
          case VECTOR -> List.of("batch");
          case COLUMN -> List.of("batch", "index");
        };
    List<Axis> axes = layout.axes(tensor);
    String reason = ", since config.diffusion.time.layout is ";
    String said = Fields.spelling(card.time().layout());
    if (!types(axes).equals(expected)) {
      throw tensor.refused("axes", String.join(" and ", expected) + reason + said);
    }
    Axis last = axes.get(axes.size() - 1);
    if (last.type().equals("index") && last.length().fixed() != 1) {
      throw last.refused("", "1" + reason + said);
    }
    String type = Fields.spelling(card.time().type());
    type(tensor, type, "config.diffusion.time.type");
    ProcessingCheck.nothing(layout.steps(tensor), type, "the time");
  }

  private static List<String> types(List<Axis> axes) {
    return axes.stream().map(Axis::type).toList();
  }

  private void type(Fields tensor, String expected, String of) {
    String type = layout.type(tensor);
    if (!type.equals(expected)) {
      throw new DiffusionException(
          "inputs and outputs: tensor \""
              + layout.id(tensor)
              + "\" has "
              + layout.typeField()
              + " "
              + type
              + ", but must have "
              + expected
              + ", the type of "
              + of
              + ".");
    }
  }
}
