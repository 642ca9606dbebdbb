package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Kriging;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * A network that makes use of known pixels of the clean image. It predicts x_0 from the noisy state
 * alone; how far it is off is known where pixels are, and where it is off by something it is off by
 * much the same next to it. So that error is continued into the hole:
 *
 * <pre>
 * x_0' = x_0 + C_hole,known C_known,known^-1 (y - x_0)_known     in the hole
 * </pre>
 *
 * <p>With C the covariance of x_0 given x_t this is E[x_0 | x_t, y] for Gaussian images, which
 * replacing known pixels of the state alone misses (it knows x_t of them, but not y), and for the
 * sake of which RePaint resamples. Literature has it with the network's Jacobian for C (PiGDM,
 * Song, Vahdat, Mardani and Kautz 2023; TMPD, Boys et al. 2023, arXiv:2310.06721), which takes a
 * backward pass through the network. Here C is taken from the error where it is known, as if it
 * were the same all over the image: {@link Kriging}. Ours; measured in {@code docs/inpainting.md}.
 *
 * <p>What it says of known pixels is left as it is: {@link KnownRegion} puts them into the state.
 * Keeps memory, so one is for one run.
 *
 * <p>A run ends with x_0', a mean, and not with one of the images that it is the mean of: what the
 * noise of the last level hides, as the noise of a camera, is missing from the hole. How much that
 * is and how it looks is known where pixels are, too: {@link #addGrain}.
 */
public final class KrigedPredictor implements NoisePredictor {
  private final NoisePredictor inner;
  private final Tensor image;
  private final Tensor mask;
  private final float min;
  private final float max;
  private final Kriging kriging;
  private final Tensor error;
  private final Map<NoiseLevel, Kriging.Covariances> covariances = new HashMap<>();

  /**
   * Without limits.
   *
   * @param inner the network, clipped or not
   * @param image the known image, (N, C, H, W) in the network's range
   * @param mask (1, 1, H, W): 1 = known, 0 = to be filled
   */
  public KrigedPredictor(NoisePredictor inner, Tensor image, Tensor mask) {
    this(inner, image, mask, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /**
   * With what it says of the hole limited to a range.
   *
   * @param inner the network, clipped or not
   * @param image the known image, (N, C, H, W) in the network's range; values of unknown pixels are
   *     never used
   * @param mask (1, 1, H, W): 1 = known, 0 = to be filled
   * @param min smallest value in the hole
   * @param max largest value in the hole
   */
  public KrigedPredictor(NoisePredictor inner, Tensor image, Tensor mask, double min, double max) {
    Shape s = image.shape();
    if (!mask.shape().equals(new Shape(1, 1, s.h(), s.w()))) {
      throw new IllegalArgumentException("Mask " + mask.shape() + " does not fit image " + s);
    }
    this.inner = inner;
    this.image = image;
    this.mask = mask;
    this.min = (float) min;
    this.max = (float) max;
    this.kriging = new Kriging(mask);
    this.error = new Tensor(s);
  }

  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    inner.predict(x, level, out);
    Tensor x0 = out.x0();
    error.setSum(1, image, -1, x0);
    kriging.fill(error, covariances.computeIfAbsent(level, l -> kriging.measure(error)));
    float[] m = mask.data();
    float[] e = error.data();
    float[] p = x0.data();
    for (int start = 0; start < p.length; start += m.length) {
      for (int i = 0; i < m.length; i++) {
        if (m[i] == 0) {
          p[start + i] = limited(p[start + i] + e[start + i]);
        }
      }
    }
    out.completeFromX0(x, level);
  }

  private float limited(float value) {
    return Math.min(max, Math.max(min, value));
  }

  /**
   * Adds to a finished image what the last call to {@link #predict} could not know, drawn from what
   * it got wrong at known pixels: {@link Grain}.
   *
   * @param x the image, (N, C, H, W); on return with grain in the hole
   * @param share 1: as much as at known pixels, 0: none
   * @param noise one draw, of (N, 1, H, W), is taken
   */
  public void addGrain(Tensor x, double share, NoiseSource noise) {
    new Grain(image, error, mask).add(x, share, noise);
    float[] m = mask.data();
    float[] values = x.data();
    for (int i = 0; i < values.length; i++) {
      if (m[i % m.length] == 0) {
        values[i] = limited(values[i]);
      }
    }
  }

  @Override
  public boolean predictsVariance() {
    return inner.predictsVariance();
  }
}
