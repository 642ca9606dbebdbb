package ijdiffusion.card;

import ijdiffusion.DiffusionException;

/**
 * The one image size a network takes.
 *
 * @param width in pixels
 * @param height in pixels
 */
public record FixedSize(int width, int height) {
  public FixedSize {
    DiffusionException.inRange("config.diffusion.image.width", width, 1, ImageTensor.MAX_SIDE);
    DiffusionException.inRange("config.diffusion.image.height", height, 1, ImageTensor.MAX_SIDE);
  }

  @Override
  public String toString() {
    return width + " x " + height;
  }
}
