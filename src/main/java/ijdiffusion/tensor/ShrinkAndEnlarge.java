package ijdiffusion.tensor;

/** phi(x) = up(down(x)). Keeps its memory from call to call, as a run filters at each step. */
final class ShrinkAndEnlarge implements LowPassFilter {
  private final Resampler down;
  private final Resampler up;
  private final Resampler.Rows downRows;
  private final Resampler.Rows upRows;
  private Tensor small;
  private Shape sizedFor;

  ShrinkAndEnlarge(Resampler down, Resampler up) {
    this.down = down;
    this.up = up;
    this.downRows = down.rows();
    this.upRows = up.rows();
  }

  @Override
  public void apply(Tensor in, Tensor out) {
    if (in.shape().equals(sizedFor)) {
      down.apply(in, small, downRows);
    } else {
      small = down.apply(in);
      sizedFor = in.shape();
    }
    up.apply(small, out, upRows);
  }

  /** size / factor, where that is whole. */
  static int part(int size, int factor) {
    if (factor < 1 || size < 1 || size % factor != 0) {
      throw new IllegalArgumentException(
          "Image side " + size + " is not a multiple of the factor " + factor);
    }
    return size / factor;
  }
}
