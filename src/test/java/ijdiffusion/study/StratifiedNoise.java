package ijdiffusion.study;

import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Noise for a state of many independent pixels of one distribution, such that neighbouring values
 * of the state get noise that covers N(0, 1) evenly: array-RQMC (L'Ecuyer, Lecot and Tuffin 2008,
 * doi:10.1287/opre.1080.0556). In each draw the pixel of rank k gets the quantile of frac(v_k + u),
 * v the van der Corput sequence and u uniform, so every value is N(0, 1), and the empirical
 * distribution of the state is far closer to the exact one than with independent noise.
 */
final class StratifiedNoise implements NoiseSource {
  private static final int TABLE = 1 << 16;

  private final Tensor state;
  private final SplittableRandom random;
  private final long[] ranked;
  private final float[] normal = new float[TABLE];

  /**
   * Noise for one run.
   *
   * @param state the run's state, looked at before every draw
   * @param seed any number
   */
  StratifiedNoise(Tensor state, long seed) {
    this.state = state;
    this.random = new SplittableRandom(seed);
    this.ranked = new long[state.data().length];
    for (int i = 0; i < TABLE; i++) {
      normal[i] = (float) Mixture.normalQuantile((i + 0.5) / TABLE);
    }
  }

  @Override
  public void next(Tensor z) {
    float[] x = state.data();
    for (int i = 0; i < x.length; i++) {
      int bits = Float.floatToIntBits(x[i]);
      long ordered = bits < 0 ? ~bits & 0xFFFFFFFFL : bits ^ 0x80000000L & 0xFFFFFFFFL;
      ranked[i] = ordered << 31 | i;
    }
    Arrays.sort(ranked);
    int shift = random.nextInt();
    for (int k = 0; k < x.length; k++) {
      int point = Integer.reverse(k) + shift;
      z.data()[(int) (ranked[k] & 0x7FFFFFFF)] = normal[point >>> 16];
    }
  }
}
