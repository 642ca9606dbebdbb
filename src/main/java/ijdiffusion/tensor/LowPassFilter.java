package ijdiffusion.tensor;

/**
 * phi, a linear map that keeps what is coarse in an image and drops what is fine, for images of one
 * size. Linearity is what users of it count on: phi(a x + b y) = a phi(x) + b phi(y).
 *
 * <p>The filters made here keep their memory, so one is for one thread at a time.
 */
@FunctionalInterface
public interface LowPassFilter {
  /**
   * Filters a batch.
   *
   * @param in (N, C, H, W)
   * @param out receives phi(in), (N, C, H, W); not {@code in}
   */
  void apply(Tensor in, Tensor out);

  /**
   * The filter of ILVR (Choi et al. 2021, arXiv:2108.02938): bicubic shrinking by a factor, then
   * bicubic enlarging, {@link Resampler#bicubic}. A constant image stays as it is, and the largest
   * singular value is 1, but the filter is not a projection: |phi phi - phi| is 0.25, as a band
   * between coarse and fine passes in part and loses more with each turn.
   *
   * @param height H, a multiple of {@code factor}
   * @param width W, a multiple of {@code factor}
   * @param factor N, at least 1; 1 keeps everything
   */
  static LowPassFilter bicubic(int height, int width, int factor) {
    int h = ShrinkAndEnlarge.part(height, factor);
    int w = ShrinkAndEnlarge.part(width, factor);
    return new ShrinkAndEnlarge(
        Resampler.bicubic(height, width, h, w), Resampler.bicubic(h, w, height, width));
  }

  /**
   * Each pixel becomes the mean of its square of factor x factor pixels: the orthogonal projection
   * on images that are constant on these squares, phi phi = phi.
   *
   * @param height H, a multiple of {@code factor}
   * @param width W, a multiple of {@code factor}
   * @param factor N, at least 1; 1 keeps everything
   */
  static LowPassFilter blockMean(int height, int width, int factor) {
    int h = ShrinkAndEnlarge.part(height, factor);
    int w = ShrinkAndEnlarge.part(width, factor);
    return new ShrinkAndEnlarge(
        Resampler.mean(height, width, factor), Resampler.replication(h, w, factor));
  }
}
