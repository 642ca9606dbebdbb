package ijdiffusion.onnx;

import ijdiffusion.tensor.Shape;
import java.util.Optional;

/**
 * How much a CUDA device is given at a time, where it has failed with more.
 *
 * @param single whether it gets images one by one
 * @param side longest side of what it gets of an image, in pixels; 0 for any
 */
record Load(boolean single, int side) {
  /** Whatever a run asks for. */
  static final Load FULL = new Load(false, 0);

  /**
   * Shortest side that an image is cut to: one that needs less than this fails for other reasons.
   */
  static final int LEAST = 64;

  /**
   * The next smaller load: images one by one first, which changes no pixel that the device makes;
   * then, once, windows of half the side.
   *
   * @param state (N, C, H, W) that was too much
   * @param images of it that the device got at a time
   * @param multiple what sides and places of windows must be a multiple of
   * @return empty where there is none
   */
  Optional<Load> lighter(Shape state, int images, int multiple) {
    if (images > 1) {
      return Optional.of(new Load(true, side));
    }
    int longest = Math.max(state.h(), state.w());
    int half = (longest / 2 + multiple - 1) / multiple * multiple;
    return side == 0 && half >= LEAST && half < longest
        ? Optional.of(new Load(single, half))
        : Optional.empty();
  }

  /** Whether a state has to be cut up. */
  boolean cuts(Shape state) {
    return side > 0 && Math.max(state.h(), state.w()) > side;
  }

  /** For sentences: {@code with one image at a time}, or in smaller tiles, or both. */
  String describe() {
    String images = "with one image at a time";
    if (side == 0) {
      return images;
    }
    return (single ? images + " and " : "")
        + "in tiles of at most "
        + side
        + " pixels a side, whose pixels may differ slightly";
  }
}
