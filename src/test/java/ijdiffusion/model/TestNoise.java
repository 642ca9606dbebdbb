package ijdiffusion.model;

import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Noise that other programs can repeat. Counts its draws. */
public final class TestNoise implements NoiseSource {
  private final NoiseSource source;
  private int draws;
  private long values;

  private TestNoise(NoiseSource source) {
    this.source = source;
  }

  /**
   * The noise of the reference numbers called "sm42": z = sqrt(-2 log(1 - u1)) cos(2 pi u2), u1 and
   * u2 the next two doubles of SplittableRandom(42).
   */
  public static TestNoise sm42() {
    SplittableRandom random = new SplittableRandom(42);
    return new TestNoise(
        z -> {
          float[] data = z.data();
          for (int i = 0; i < data.length; i++) {
            double u1 = random.nextDouble();
            double u2 = random.nextDouble();
            data[i] = (float) (Math.sqrt(-2 * Math.log1p(-u1)) * Math.cos(2 * Math.PI * u2));
          }
        });
  }

  /** No noise at all. */
  public static TestNoise zero() {
    return new TestNoise(z -> z.fill(0));
  }

  /** The same recorded values in every draw. */
  public static TestNoise repeating(Tensor recorded) {
    return new TestNoise(z -> z.set(recorded));
  }

  /** Given values in the first draw, then another source's. */
  public static TestNoise startingWith(Tensor first, NoiseSource rest) {
    boolean[] begun = {false};
    return new TestNoise(
        z -> {
          if (begun[0]) {
            rest.next(z);
          } else {
            begun[0] = true;
            z.set(first);
          }
        });
  }

  /**
   * One unit impulse per image: image i of the batch gets 1 at one place of one draw, and 0
   * everywhere else. With {@code n} values per image, image {@code draw * n + place} has it at
   * {@code place} of {@code draw}, so the images' results are the columns of an affine run.
   */
  public static TestNoise impulses() {
    int[] draw = {0};
    return new TestNoise(
        z -> {
          Arrays.fill(z.data(), 0);
          int size = z.shape().imageSize();
          for (int place = 0; place < size; place++) {
            int image = draw[0] * size + place;
            if (image < z.shape().n()) {
              z.data()[image * size + place] = 1;
            }
          }
          draw[0]++;
        });
  }

  @Override
  public void next(Tensor z) {
    source.next(z);
    draws++;
    values += z.shape().size();
  }

  /** Draws made so far. */
  public int draws() {
    return draws;
  }

  /** State of a SplitMix64 generator of seed 42 that gave two doubles for each value so far. */
  public long splitMixState() {
    return 42 + 2 * values * 0x9E3779B97F4A7C15L;
  }
}
