package ijdiffusion.sampling;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * RePaint's constraint (Lugmayr et al. 2022, arXiv:2201.09865, equation 8): before each prediction
 * the known pixels of the state are those of the image, diffused to the state's level with fresh
 * noise; in the end they are the image's own.
 *
 * <p>As in the authors' code, not as in algorithm 1, the known part is merged before the prediction
 * at level t and not after the step at level s, so the network always sees known pixels. The
 * authors leave the network's own values in the known part of the result; {@link #finish} pastes
 * the image.
 */
public final class KnownRegion implements Constraint {
  private final Tensor image;
  private final Tensor mask;
  private final boolean paste;
  private final Tensor z;

  /**
   * @param image the known image, (N, C, H, W) in the network's range; values of unknown pixels are
   *     never used
   * @param mask (1, 1, H, W): 1 = known, 0 = to be filled, the same for all images and channels
   */
  public KnownRegion(Tensor image, Tensor mask) {
    this(image, mask, true);
  }

  /**
   * @param image the known image, (N, C, H, W) in the network's range
   * @param mask (1, 1, H, W): 1 = known, 0 = to be filled
   * @param paste whether {@link #finish} puts the image's own values into the known pixels; false
   *     leaves the network's, as the authors' code does
   */
  public KnownRegion(Tensor image, Tensor mask, boolean paste) {
    Shape s = image.shape();
    if (!mask.shape().equals(new Shape(1, 1, s.h(), s.w()))) {
      throw new IllegalArgumentException("Mask " + mask.shape() + " does not fit image " + s);
    }
    for (float m : mask.data()) {
      if (m != 0 && m != 1) {
        throw new IllegalArgumentException("A mask holds 0 and 1 only, not " + m);
      }
    }
    this.image = image;
    this.mask = mask;
    this.paste = paste;
    this.z = new Tensor(s);
  }

  @Override
  public void beforePrediction(Tensor x, NoiseLevel t, NoiseSource noise) {
    noise.next(z);
    z.setSum(t.alpha(), image, t.sigma(), z);
    putKnown(z, x);
  }

  @Override
  public void finish(Tensor x0) {
    if (paste) {
      putKnown(image, x0);
    }
  }

  private void putKnown(Tensor from, Tensor to) {
    float[] source = from.data();
    float[] target = to.data();
    float[] m = mask.data();
    int plane = m.length;
    for (int start = 0; start < target.length; start += plane) {
      for (int i = 0; i < plane; i++) {
        if (m[i] == 1) {
          target[start + i] = source[start + i];
        }
      }
    }
  }
}
