package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.NetworkFacts.TensorFacts;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which tensor of a network is which, as far as their shapes tell.
 *
 * @param image the image input
 * @param time the time input
 * @param output the output
 * @param channels C, of the image
 * @param batch images per run where the network fixes it, else 0
 */
public record NetworkRoles(
    TensorFacts image, TensorFacts time, TensorFacts output, int channels, int batch) {
  /**
   * Finds them.
   *
   * @throws DiffusionException when the network is no noise predictor, or sees more than a card can
   *     be proposed for; says why
   */
  public static NetworkRoles of(NetworkFacts facts) {
    String network = "Network " + facts.weights().file().getFileName();
    TensorFacts image = image(network, facts.inputs());
    TensorFacts time = time(network, facts.inputs(), image);
    TensorFacts output =
        facts.outputs().stream()
            .filter(TensorFacts::isImages)
            .filter(TensorFacts::isReal)
            .findFirst()
            .orElseThrow(
                () ->
                    no(
                        network
                            + " returns "
                            + all(facts.outputs())
                            + ", no image of float numbers (N, C, H, W)"));
    return new NetworkRoles(image, time, output, channels(network, image, output), image.length(0));
  }

  private static TensorFacts image(String network, List<TensorFacts> inputs) {
    if (inputs.size() < 2) {
      throw no(
          network
              + " has "
              + (inputs.isEmpty() ? "no input" : "the only input " + all(inputs))
              + ", so it cannot be told how much noise an image holds");
    }
    List<TensorFacts> images = inputs.stream().filter(TensorFacts::isImages).toList();
    if (images.isEmpty()) {
      throw no(network + " takes " + all(inputs) + ", none of them an image (N, C, H, W)");
    }
    TensorFacts image = images.get(0);
    if (!image.isReal()) {
      throw no(network + " takes images of " + image.type() + ", not of float numbers");
    }
    if (inputs.size() > 2) {
      throw new DiffusionException(
          network
              + " takes "
              + all(inputs)
              + ": more than an image and a time, which no card can be proposed for; write one by"
              + " hand (docs/model-card.md, condition), or export the network without them.");
    }
    return image;
  }

  private static TensorFacts time(String network, List<TensorFacts> inputs, TensorFacts image) {
    TensorFacts time = inputs.get(inputs.get(0) == image ? 1 : 0);
    List<Long> shape = time.shape();
    boolean oneEach = shape.size() < 2 || shape.size() == 2 && Math.abs(shape.get(1)) == 1;
    if (!oneEach || !(time.isReal() || time.isInteger())) {
      throw no(
          network
              + " takes "
              + all(List.of(time))
              + " beside its image, which is no time: one number for each image");
    }
    return time;
  }

  private static int channels(String network, TensorFacts image, TensorFacts output) {
    for (int dimension = 2; dimension < 4; dimension++) {
      int in = image.length(dimension);
      int out = output.length(dimension);
      if (in > 0 && out > 0 && in != out) {
        throw no(network + " returns images " + output + " of another size than it takes");
      }
    }
    int in = image.length(1);
    int out = output.length(1);
    if (in > out && out > 0) {
      throw new DiffusionException(
          network
              + " takes images of "
              + in
              + " channels and returns "
              + out
              + ", so it seems to see a second image beside the state, which no card can be"
              + " proposed for; write one by hand (docs/model-card.md, condition).");
    }
    if (in > 0 && out > 0 && out != in && out != 2 * in) {
      throw no(network + " returns " + out + " channels for images of " + in);
    }
    return in > 0 ? in : Math.max(1, out);
  }

  private static String all(List<TensorFacts> tensors) {
    return tensors.stream().map(TensorFacts::toString).collect(Collectors.joining(", "));
  }

  /** What is said of a network that is no noise predictor. */
  public static DiffusionException no(String reason) {
    return new DiffusionException(
        reason + ", so it is no noise predictor of a diffusion model; choose another file.");
  }

  /** Height that the network fixes, 0 where it does not. */
  public int height() {
    return Math.max(image.length(2), output.length(2));
  }

  /** Width that the network fixes, 0 where it does not. */
  public int width() {
    return Math.max(image.length(3), output.length(3));
  }

  /** Shape of the time input for a batch. */
  public long[] timeShape(int images) {
    return layout().shape(images);
  }

  /** How the time is laid out. */
  TimeTensor.Layout layout() {
    return switch (time.shape().size()) {
      case 0 -> TimeTensor.Layout.SCALAR;
      case 1 -> TimeTensor.Layout.VECTOR;
      default -> TimeTensor.Layout.COLUMN;
    };
  }

  /** Images of one run: what the network fixes, for the images or for the time, or one. */
  public int imagesPerRun() {
    return Math.max(1, batch);
  }
}
