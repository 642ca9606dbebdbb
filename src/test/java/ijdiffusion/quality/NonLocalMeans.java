package ijdiffusion.quality;

import ijdiffusion.tensor.Tensor;
import java.util.ServiceLoader;

/**
 * Averages pixels whose surroundings look alike (Buades, Coll and Morel 2005). A library does it,
 * which is large and there in the profile {@code quality} only: see {@code src/quality}.
 */
interface NonLocalMeans {
  /**
   * An image without some of its noise; pixels look alike where all their channels do.
   *
   * @param y (1, C, H, W), C from 1 to 4, in units of the span; only -1 to 2 can be told apart
   * @param strength which differences count as noise, in the same units
   */
  Tensor apply(Tensor y, double strength);

  /** That of the library. */
  static NonLocalMeans ofLibrary() {
    return ServiceLoader.load(NonLocalMeans.class).findFirst().orElseThrow();
  }
}
