package ijdiffusion.tensor;

import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/**
 * Noise keyed by seed, sample, draw and pixel. A value is a function of (seed, sample id, number of
 * the draw, channel, row, column) and of nothing else: not of the other samples in the batch, the
 * width of the image, the number of threads or the order in which tiles are visited. So a run with
 * four samples repeats the run with one sample in its first image, and the same seed gives the same
 * pixels on every machine and Java version.
 *
 * <p>Each row of each draw has a stream of its own: a SplitMix64 generator (Steele, Lea and Flood
 * 2014) whose start is a hash of the key, read by a modified ziggurat (McFarland 2016,
 * doi:10.1080/00949655.2015.1060234) of Apache Commons RNG.
 */
public final class KeyedNoise implements NoiseSource {
  /** Values of a draw from which on several threads make it sooner, 0.2 ms on one. */
  private static final int WORTH_THREADS = 1 << 15;

  private final long seed;
  private final int[] samples;
  private long draw;

  private KeyedNoise(long seed, int[] samples) {
    this.seed = seed;
    this.samples = samples;
  }

  /**
   * Noise for samples 0, 1, 2, ... in the order of the batch.
   *
   * @param seed any number
   */
  public static KeyedNoise of(long seed) {
    return new KeyedNoise(seed, null);
  }

  /**
   * Noise for a batch in which image i shows sample {@code samples[i]}: images with the same id get
   * the same noise. Used to give each channel of a colour image, when they go through a one-channel
   * model one by one, the same noise.
   *
   * @param seed any number
   * @param samples the sample id of each image of the batch
   */
  public static KeyedNoise forSamples(long seed, int... samples) {
    return new KeyedNoise(seed, samples.clone());
  }

  /** The same noise, made on another thread before it is asked for. For a source not yet used. */
  public NoiseSource ahead() {
    return new NoiseAhead(this);
  }

  @Override
  public void next(Tensor z) {
    fill(draw, z);
    draw++;
  }

  /** Makes a draw by its number, on several threads if that is sooner. */
  void fill(long number, Tensor z) {
    Shape s = z.shape();
    int rows = s.n() * s.c() * s.h();
    int parts = s.size() < WORTH_THREADS ? 1 : Runtime.getRuntime().availableProcessors();
    if (parts == 1) {
      fillHere(number, z);
      return;
    }
    checkSamples(s);
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part ->
                fillRows(
                    number,
                    z,
                    (int) ((long) rows * part / parts),
                    (int) ((long) rows * (part + 1) / parts)));
  }

  /** Makes a draw by its number, on this thread. Any may, at any time. */
  void fillHere(long number, Tensor z) {
    Shape s = z.shape();
    checkSamples(s);
    fillRows(number, z, 0, s.n() * s.c() * s.h());
  }

  private void checkSamples(Shape s) {
    if (samples != null && samples.length != s.n()) {
      throw new IllegalArgumentException(
          "Noise for " + samples.length + " images was asked to fill a batch of " + s.n());
    }
  }

  private void fillRows(long number, Tensor z, int from, int end) {
    Shape s = z.shape();
    Stream stream = new Stream();
    ZigguratSampler.NormalizedGaussian normal = ZigguratSampler.NormalizedGaussian.of(stream);
    float[] data = z.data();
    int i = from * s.w();
    long plane = 0;
    int ready = -1; // the plane whose key it is
    for (int row = from; row < end; row++) {
      int at = row / s.h();
      if (at != ready) {
        int n = at / s.c();
        long image = mix(mix(mix(seed) + (samples == null ? n : samples[n])) + number);
        plane = mix(image + at % s.c());
        ready = at;
      }
      stream.state = mix(plane + row % s.h());
      for (int x = 0; x < s.w(); x++) {
        data[i++] = (float) normal.sample();
      }
    }
  }

  @Override
  public void skip(Shape shape) {
    draw++;
  }

  /** The finaliser of SplitMix64: every bit of the argument changes every bit of the value. */
  private static long mix(long k) {
    long z = k + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static final class Stream implements UniformRandomProvider {
    private long state;

    @Override
    public long nextLong() {
      state += 0x9E3779B97F4A7C15L;
      long z = state;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      return z ^ (z >>> 31);
    }
  }
}
