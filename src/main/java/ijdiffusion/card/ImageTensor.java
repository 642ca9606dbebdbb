package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.Optional;

/**
 * The network's image input, x_t: float32 (N, C, H, W).
 *
 * @param name of the input in the ONNX file
 * @param channels C, of the image
 * @param sizeMultiple H and W must be multiples of it
 * @param fixedSize the only H and W allowed, empty where any multiple will do
 * @param valueRange range of clean images
 * @param normalization how grey values come into that range
 */
public record ImageTensor(
    String name,
    int channels,
    int sizeMultiple,
    Optional<FixedSize> fixedSize,
    ValueRange valueRange,
    Normalization normalization) {
  static final int MAX_SIDE = 65_536;

  public ImageTensor {
    DiffusionException.inRange("config.diffusion.image.channels", channels, 1, 1024);
    DiffusionException.inRange("config.diffusion.image.size_multiple", sizeMultiple, 1, MAX_SIDE);
    if (fixedSize.isPresent()
        && (fixedSize.get().width() % sizeMultiple != 0
            || fixedSize.get().height() % sizeMultiple != 0)) {
      throw new DiffusionException(
          "config.diffusion.image.size_multiple is "
              + sizeMultiple
              + ", which contradicts the fixed size "
              + fixedSize.get()
              + ".");
    }
  }

  /**
   * What the sides of a state must be a multiple of. For a network of a fixed size, which sees a
   * state in tiles, it is what places of tiles are a multiple of: the largest power of two in
   * {@code sizeMultiple} that is at most a quarter of a tile, so that tiles can overlap.
   */
  public int step() {
    if (fixedSize.isEmpty()) {
      return sizeMultiple;
    }
    int quarter = Math.min(fixedSize.get().width(), fixedSize.get().height()) / 4;
    int step = Integer.lowestOneBit(sizeMultiple);
    while (step > Math.max(1, quarter)) {
      step /= 2;
    }
    return step;
  }
}
