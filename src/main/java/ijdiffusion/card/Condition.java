package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.Optional;

/**
 * The second image a network sees beside the state: float32 (N, K, h, w) from the image that the
 * task is about, the condition image.
 *
 * @param name of the input in the ONNX file that receives it
 * @param order where its channels stand among the state's, if both share one input; empty for an
 *     input of its own
 * @param channels of the condition image
 * @param task what the network makes of it
 * @param upscaling how it becomes larger; with {@link Task#UPSCALE}, where it must be, only
 * @param fill what its hole holds; with {@link Task#INPAINT} and {@link Task#UNCROP}, where it must
 *     be, only
 * @param start the state that a run starts from
 * @param residual what the state means where it is not the image itself
 * @param encoder a network the condition image goes through first
 */
public record Condition(
    String name,
    Optional<Order> order,
    int channels,
    Task task,
    Optional<Upscaling> upscaling,
    Optional<Fill> fill,
    Start start,
    Optional<Residual> residual,
    Optional<Encoder> encoder) {
  static final String FIELD = "config.diffusion.condition.";

  /** Which channels come first in an input that state and condition share. */
  public enum Order {
    /** Those of the condition (SR3, Palette). */
    CONDITION_FIRST,
    /** Those of the state. */
    CONDITION_LAST
  }

  /** What the network makes of the condition image; decides which command offers it. */
  public enum Task {
    /** The same picture with more pixels. */
    UPSCALE("upscale images"),
    /** The same picture with more channels. */
    COLORIZE("colour images"),
    /** The same picture without noise, blur or artefacts of compression. */
    RESTORE("restore images"),
    /** The same picture and what lies beyond its edges. */
    UNCROP("extend images beyond their edges"),
    /** The same picture with a hole filled. */
    INPAINT("fill holes in images");

    private final String does;

    Task(String does) {
      this.does = does;
    }

    /** What it does, to follow "made to". */
    String does() {
      return does;
    }

    /** Whether the condition image has a hole. */
    public boolean hasHole() {
      return this == UNCROP || this == INPAINT;
    }
  }

  /** Who brings the condition image to the state's size. */
  public enum Enlargement {
    /** We do, with Keys' cubic, a = -0.5. */
    BICUBIC,
    /** The network, or whoever comes before it, gets the small image. */
    INSIDE
  }

  /** What the hole of the condition image holds. */
  public enum Fill {
    /** Values drawn from N(0, 1) (Palette). */
    NOISE,
    /** Zeros. */
    ZERO
  }

  /** The state that a run starts from. */
  public enum Start {
    /** Noise. */
    NOISE,
    /** The condition image, its hole filled with noise (Palette's inpainting). */
    CONDITION
  }

  /**
   * From a small image to a large one.
   *
   * @param factor sides of the state over sides of the small image, from 2 to 16
   * @param enlargement who does it
   */
  public record Upscaling(int factor, Enlargement enlargement) {
    public Upscaling {
      DiffusionException.inRange(FIELD + "factor", factor, 2, 16);
    }
  }

  /**
   * A clean state that is the difference to the enlarged condition image: x_0 = scale (x_H -
   * up(x_L)) (SRDiff, Li et al. 2021, arXiv:2104.14951).
   *
   * @param scale above 0; SRDiff's code has 2
   * @param clamp whether x_0 was limited to [-1, 1] in the training
   */
  public record Residual(double scale, boolean clamp) {
    public Residual {
      if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
        throw new DiffusionException(
            FIELD + "residual.scale is " + scale + ", but must be above 0.");
      }
    }
  }

  /**
   * A second network, from the condition image to features of the same height and width, which the
   * noise predictor then gets instead of the image.
   *
   * @param weights its ONNX file
   * @param input name of its input, float32 (N, K, h, w)
   * @param output name of its output, float32 (N, channels, h, w)
   * @param channels of the features
   */
  public record Encoder(Weights weights, String input, String output, int channels) {
    public Encoder {
      DiffusionException.inRange(FIELD + "encoder.channels", channels, 1, 4096);
    }
  }

  public Condition {
    DiffusionException.inRange(FIELD + "channels", channels, 1, 1024);
    String spelled = "condition.task " + Fields.spelling(task);
    belongs("factor", upscaling.isPresent(), task == Task.UPSCALE, spelled);
    belongs("fill", fill.isPresent(), task.hasHole(), spelled);
    if (residual.isPresent() && task != Task.UPSCALE) {
      throw contradiction("residual", spelled, "it is a difference to an enlarged image");
    }
    if (start == Start.CONDITION && fill.orElse(Fill.ZERO) != Fill.NOISE) {
      throw contradiction(
          "start condition",
          fill.isPresent() ? "condition.fill zero" : spelled,
          "a run must start from noise, at least in the hole");
    }
    if (order.isPresent() && encoder.isPresent()) {
      throw contradiction(
          "encoder", "condition.tensor", "features need an input of their own, not the image's");
    }
    if (order.isPresent() && isSmall(upscaling)) {
      throw contradiction(
          "enlargement inside",
          "condition.tensor",
          "a small image needs an input of its own, not the image's");
    }
  }

  private static void belongs(String field, boolean there, boolean must, String because) {
    if (there != must) {
      throw must
          ? new DiffusionException(
              FIELD + field + " is missing; " + because + " must say what it is.")
          : contradiction(field, because, "it belongs to other tasks");
    }
  }

  private static DiffusionException contradiction(String field, String other, String why) {
    return new DiffusionException(FIELD + field + " contradicts " + other + ": " + why + ".");
  }

  private static boolean isSmall(Optional<Upscaling> upscaling) {
    return upscaling.isPresent() && upscaling.get().enlargement() == Enlargement.INSIDE;
  }

  /** Whether state and condition share one input of the network. */
  public boolean isConcatenated() {
    return order.isPresent();
  }

  /** Channels of what the network gets: those of the encoder's features, or of the image. */
  public int inputChannels() {
    return encoder.map(Encoder::channels).orElse(channels);
  }

  /** How many times smaller than the state's the sides of what the network gets are: 1 or more. */
  public int reduction() {
    return isSmall(upscaling) ? upscaling.get().factor() : 1;
  }
}
