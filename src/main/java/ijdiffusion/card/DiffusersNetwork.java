package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.List;
import java.util.Optional;

/**
 * What the header of an exported network adds to the files of diffusers: how the time is to be
 * given, and whether the size of images is fixed. Names are those of diffusers' own exporter.
 *
 * @param timeType data type of the time
 * @param timeLayout its shape
 * @param fixedSize the only size of images, if there is one
 */
record DiffusersNetwork(
    TimeTensor.Type timeType, TimeTensor.Layout timeLayout, Optional<FixedSize> fixedSize) {
  static final String IMAGE = "sample";
  static final String TIME = "timestep";
  static final String OUTPUT = "out_sample";

  private static final String CARD = " or write a model card (rdf.yaml) beside it.";

  /**
   * Looks at a header.
   *
   * @param file its name, for complaints
   * @param indexed whether the network is told an index, which may be an integer
   */
  static DiffusersNetwork of(OnnxHeader header, String file, boolean indexed) {
    checkNames(header, file);
    OnnxHeader.Value image = named(IMAGE, header.inputs());
    OnnxHeader.Value time = named(TIME, header.inputs());
    if (image.type() != OnnxHeader.FLOAT32) {
      throw new DiffusionException(
          file
              + ": input \"sample\" is "
              + (image.type() == OnnxHeader.FLOAT16 ? "float16" : "no float32")
              + ", but must be float32; export the network in float32.");
    }
    if (image.shape().size() != 4) {
      throw new DiffusionException(
          file
              + ": input \"sample\" has the dimensions "
              + image.shape()
              + ", but must have four; export the network anew.");
    }
    return new DiffusersNetwork(
        timeType(time, file, indexed), layout(time, file), size(image, file));
  }

  private static void checkNames(OnnxHeader header, String file) {
    List<String> inputs = names(header.inputs());
    List<String> outputs = names(header.outputs());
    boolean known =
        inputs.size() == 2 && inputs.containsAll(List.of(IMAGE, TIME)) && outputs.contains(OUTPUT);
    if (!known) {
      throw new DiffusionException(
          file
              + " has the inputs "
              + String.join(", ", inputs)
              + " and the outputs "
              + String.join(", ", outputs)
              + ", but must have the inputs sample, timestep and the output out_sample; give them"
              + " these names when you export it,"
              + CARD);
    }
  }

  private static TimeTensor.Type timeType(OnnxHeader.Value time, String file, boolean indexed) {
    return switch (time.type()) {
      case OnnxHeader.FLOAT32 -> TimeTensor.Type.FLOAT32;
      case OnnxHeader.INT64 -> {
        if (!indexed) {
          throw new DiffusionException(
              file
                  + ": input \"timestep\" is int64, but the scheduler tells the network a fraction;"
                  + " export it with float32,"
                  + CARD);
        }
        yield TimeTensor.Type.INT64;
      }
      default ->
          throw new DiffusionException(
              file
                  + ": input \"timestep\" is neither int64 nor float32; export it with one of"
                  + " them.");
    };
  }

  private static TimeTensor.Layout layout(OnnxHeader.Value time, String file) {
    boolean column = time.shape().size() == 2 && Math.abs(time.shape().get(1)) == 1;
    if (time.shape().size() > 1 && !column) {
      throw new DiffusionException(
          file
              + ": input \"timestep\" has the dimensions "
              + time.shape()
              + ", but must have none, one (N) or two (N, 1); export the network anew.");
    }
    return switch (time.shape().size()) {
      case 0 -> TimeTensor.Layout.SCALAR;
      case 1 -> TimeTensor.Layout.VECTOR;
      default -> TimeTensor.Layout.COLUMN;
    };
  }

  private static Optional<FixedSize> size(OnnxHeader.Value image, String file) {
    long height = image.shape().get(2);
    long width = image.shape().get(3);
    if (height < 0 && width < 0) {
      return Optional.empty();
    }
    if (height < 0 || width < 0 || Math.max(height, width) > ImageTensor.MAX_SIDE) {
      throw new DiffusionException(
          file
              + ": input \"sample\" has the dimensions "
              + image.shape()
              + ", but height and width must both be free (-1) or both fixed, up to "
              + ImageTensor.MAX_SIDE
              + "; export the network anew.");
    }
    return Optional.of(new FixedSize((int) width, (int) height));
  }

  private static OnnxHeader.Value named(String name, List<OnnxHeader.Value> values) {
    return values.stream().filter(value -> value.name().equals(name)).findFirst().orElseThrow();
  }

  private static List<String> names(List<OnnxHeader.Value> values) {
    return values.isEmpty()
        ? List.of("none")
        : values.stream().map(OnnxHeader.Value::name).toList();
  }
}
