package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Tensor;

/**
 * Spherical linear interpolation (Shoemake 1985; for latents DDIM, Song, Meng and Ermon 2021,
 * arXiv:2010.02502, appendix D.5):
 *
 * <pre>
 * theta = acos(z1 . z2 / (|z1| |z2|))
 * z(f)  = (sin((1-f) theta) z1 + sin(f theta) z2) / sin(theta)
 * </pre>
 *
 * <p>The angle is that of the whole tensors. Between two N(0, 1) latents every z(f) has the length
 * of a N(0, 1) latent, which a straight line does not keep.
 */
public final class Slerp {
  /** Sines below this divide by rounding errors; the arc is a line then. */
  private static final double STRAIGHT = 1e-6;

  private Slerp() {}

  /**
   * A point of the arc.
   *
   * @param z1 any shape
   * @param z2 the same shape
   * @param fraction f, from 0, z1, to 1, z2
   * @return a new tensor; on a straight line between the two where they are parallel, opposite or 0
   */
  public static Tensor between(Tensor z1, Tensor z2, double fraction) {
    DiffusionException.inRange("fraction", fraction, 0, 1);
    double theta = angle(z1, z2);
    double sin = Math.sin(theta);
    Tensor out = new Tensor(z1.shape());
    if (sin < STRAIGHT) {
      out.setSum(1 - fraction, z1, fraction, z2);
    } else {
      out.setSum(Math.sin((1 - fraction) * theta) / sin, z1, Math.sin(fraction * theta) / sin, z2);
    }
    return out;
  }

  /**
   * The angle between two tensors of the same shape as vectors.
   *
   * @return radians, from 0 to pi; 0 where one of them is 0
   */
  public static double angle(Tensor z1, Tensor z2) {
    if (!z1.shape().equals(z2.shape())) {
      throw new IllegalArgumentException("Shapes differ: " + z1.shape() + " and " + z2.shape());
    }
    double dot = 0;
    double square1 = 0;
    double square2 = 0;
    for (int i = 0; i < z1.data().length; i++) {
      double a = z1.data()[i];
      double b = z2.data()[i];
      dot += a * b;
      square1 += a * a;
      square2 += b * b;
    }
    if (square1 == 0 || square2 == 0) {
      return 0;
    }
    double cosine = dot / Math.sqrt(square1) / Math.sqrt(square2);
    return Math.acos(Math.min(1, Math.max(-1, cosine)));
  }
}
