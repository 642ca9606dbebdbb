package ijdiffusion.sampling;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;

/**
 * The known pixels as they are, at every level: after each step y = y_0 where a pixel is known,
 * whatever noise the state holds elsewhere. What the code of Palette (Saharia et al. 2022,
 * arXiv:2111.05826) does when it fills holes; its networks were trained to see such states.
 * Networks that were not want {@link KnownRegion}, which makes the known pixels as noisy as the
 * state.
 *
 * <p>Palette's mask is 1 in the hole; ours is 1 where a pixel is known.
 */
public final class PastedRegion implements Constraint {
  private final KnownRegion region;

  /**
   * @param image the known image y_0, (N, C, H, W) in the network's range; values of unknown pixels
   *     are never used
   * @param mask (1, 1, H, W): 1 = known, 0 = to be filled, the same for all images and channels
   */
  public PastedRegion(Tensor image, Tensor mask) {
    this.region = new KnownRegion(image, mask);
  }

  @Override
  public void afterStep(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
    paste(x);
  }

  /**
   * Puts the known pixels into an image.
   *
   * @param x (N, C, H, W)
   */
  public void paste(Tensor x) {
    region.finish(x);
  }
}
