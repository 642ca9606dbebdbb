package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.List;

/**
 * Holds the tensors that the BioImage.IO part of a card describes against those of our part:
 * whoever reads only one of them must not be told something else.
 */
final class TensorCheck {
  private final List<Fields> inputs;
  private final List<Fields> outputs;

  TensorCheck(Fields rdf) {
    this.inputs = rdf.children("inputs");
    this.outputs = rdf.children("outputs");
  }

  void check(ModelCard card) {
    image(find("config.diffusion.image.tensor", card.image().name(), "inputs", inputs), card);
    time(find("config.diffusion.time.tensor", card.time().name(), "inputs", inputs), card);
    Fields out = find("config.diffusion.output.tensor", card.output().name(), "outputs", outputs);
    planes(out, card.output().channels(), "output.channels");
    type(out, "float32", "the images of a noise predictor");
    card.condition()
        .filter(condition -> !condition.isConcatenated())
        .ifPresent(condition -> condition(condition, card));
    for (Fields input : inputs) {
      String id = input.text("id");
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

  private static Fields find(String field, String name, String where, List<Fields> tensors) {
    List<String> ids = tensors.stream().map(t -> t.text("id")).toList();
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

  private static void image(Fields tensor, ModelCard card) {
    List<Fields> axes =
        card.condition().filter(Condition::isConcatenated).isPresent()
            ? planes(
                tensor,
                card.condition().get().channels() + card.channels(),
                "condition.channels + image.channels")
            : planes(tensor, card.channels(), "image.channels");
    type(tensor, "float32", "the images of a noise predictor");
    var fixed = card.image().fixedSize();
    size(axes.get(2), fixed.map(FixedSize::height).orElse(0), "height", card.sizeMultiple());
    size(axes.get(3), fixed.map(FixedSize::width).orElse(0), "width", card.sizeMultiple());
  }

  private void condition(Condition condition, ModelCard card) {
    Fields tensor = find(Condition.FIELD + "tensor", condition.name(), "inputs", inputs);
    String field = condition.encoder().isPresent() ? "condition.encoder" : "condition";
    List<Fields> axes = planes(tensor, condition.inputChannels(), field + ".channels");
    type(tensor, "float32", "a condition");
    var fixed = card.image().fixedSize();
    int reduction = condition.reduction();
    fixedSide(axes.get(2), fixed.map(FixedSize::height).orElse(0) / reduction);
    fixedSide(axes.get(3), fixed.map(FixedSize::width).orElse(0) / reduction);
  }

  /** The side of a condition may be told by the image's, which BioImage.IO has several ways for. */
  private static void fixedSide(Fields axis, int fixed) {
    if (!axis.hasChild("size") && axis.integer("size", 1, Integer.MAX_VALUE) != fixed) {
      throw axis.refused(
          "size",
          fixed == 0
              ? "a mapping, since config.diffusion.image has no fixed size"
              : fixed + ", since that goes with the fixed size of config.diffusion.image");
    }
  }

  /** Axes must be batch, channel, space (y), space (x). */
  private static List<Fields> planes(Fields tensor, int channels, String field) {
    List<Fields> axes = tensor.children("axes");
    if (!types(axes).equals(List.of("batch", "channel", "space", "space"))) {
      throw tensor.refused("axes", "batch, channel, space (y) and space (x)");
    }
    int named = axes.get(1).texts("channel_names").size();
    if (named != channels) {
      throw axes.get(1)
          .refused(
              "channel_names",
              channels + " names, since config.diffusion." + field + " is " + channels);
    }
    return axes;
  }

  private static void size(Fields axis, int fixed, String side, int multiple) {
    if (fixed > 0) {
      if (axis.hasChild("size") || axis.integer("size", 1, Integer.MAX_VALUE) != fixed) {
        throw axis.refused(
            "size", fixed + ", since config.diffusion.image." + side + " is " + fixed);
      }
      return;
    }
    if (!axis.hasChild("size")) {
      throw axis.refused(
          "size", "{min, step}, since config.diffusion.image." + side + " is not fixed");
    }
    Fields size = axis.child("size");
    for (String key : List.of("min", "step")) {
      if (size.integer(key, 1, Integer.MAX_VALUE) % multiple != 0) {
        throw size.refused(
            key, "a multiple of " + multiple + ", which is config.diffusion.image.size_multiple");
      }
    }
  }

  private static void time(Fields tensor, ModelCard card) {
    List<String> expected =
        switch (card.time().layout()) {
          case SCALAR -> List.of("index");
          case VECTOR -> List.of("batch");
          case COLUMN -> List.of("batch", "index");
        };
    List<Fields> axes = tensor.children("axes");
    String reason = ", since config.diffusion.time.layout is ";
    String layout = Fields.spelling(card.time().layout());
    if (!types(axes).equals(expected)) {
      throw tensor.refused("axes", String.join(" and ", expected) + reason + layout);
    }
    Fields last = axes.get(axes.size() - 1);
    if (last.text("type").equals("index") && last.integer("size", 1, Integer.MAX_VALUE) != 1) {
      throw last.refused("size", "1" + reason + layout);
    }
    String type = Fields.spelling(card.time().type());
    type(tensor, type, "config.diffusion.time.type");
  }

  private static List<String> types(List<Fields> axes) {
    return axes.stream().map(axis -> axis.text("type")).toList();
  }

  /** BioImage.IO's default is float32. */
  private static void type(Fields tensor, String expected, String of) {
    String type =
        tensor.has("data") && tensor.child("data").has("type")
            ? tensor.child("data").text("type")
            : "float32";
    if (!type.equals(expected)) {
      throw new DiffusionException(
          "inputs and outputs: tensor \""
              + tensor.text("id")
              + "\" has data.type "
              + type
              + ", but must have "
              + expected
              + ", the type of "
              + of
              + ".");
    }
  }
}
