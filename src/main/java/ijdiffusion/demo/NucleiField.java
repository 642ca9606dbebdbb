package ijdiffusion.demo;

import java.util.Arrays;

/**
 * A synthetic widefield-fluorescence field of DAPI-like cell nuclei with known truth.
 *
 * <p>The statistics (nucleus size, density, grey levels, halo, noise) imitate the 8-bit nuclei
 * images the bundled model was trained on. The same {@code (width, height, seed)} yields the same
 * values, bit for bit, on every machine and Java version: the random numbers come from a SplitMix64
 * generator written out below, transcendental functions from {@link StrictMath}, and every sum runs
 * in a fixed order.
 *
 * <p>All arrays are row-major with {@code width * height} elements, element {@code y * width + x}
 * for the pixel in column x and row y. Instances are immutable; accessors return copies.
 */
public final class NucleiField {
  private static final int MAX_SIZE = 4096; // keeps memory and placement time moderate

  // Nuclei are also placed outside the frame so that the border cuts some, as in a real crop.
  private static final int PAD = 24;
  private static final double NUCLEI_PER_PIXEL = 7.6e-4;
  private static final double OFFSET8 = 2; // camera offset, 8-bit grey values
  private static final double OFFSET16 = 100; // camera offset, 16-bit grey values
  private static final double GAIN16 = 16; // 16-bit grey values per 8-bit grey value
  private static final double PHOTONS_PER_GREY = 45; // per 8-bit grey value above offset
  private static final double READ_NOISE = 0.2; // standard deviation, 8-bit grey values

  private final int width;
  private final int height;
  private final float[] clean;
  private final byte[] noisy8;
  private final short[] noisy16;
  private final int[] labels;

  /**
   * Renders a field.
   *
   * @param width image width in pixels, 16..4096
   * @param height image height in pixels, 16..4096
   * @param seed any number; selects the layout and the noise
   * @return the rendered field
   * @throws IllegalArgumentException if width or height is out of range
   */
  public static NucleiField render(int width, int height, long seed) {
    checkSize("width", width);
    checkSize("height", height);
    return new NucleiField(width, height, seed);
  }

  private static void checkSize(String name, int value) {
    if (value < 16 || value > MAX_SIZE) {
      throw new IllegalArgumentException(name + " = " + value + " is outside 16.." + MAX_SIZE);
    }
  }

  private NucleiField(int width, int height, long seed) {
    this.width = width;
    this.height = height;
    int w = width + 2 * PAD;
    int h = height + 2 * PAD;
    float[] sharp = new float[w * h]; // light of nuclei in the focal plane
    float[] soft = new float[w * h]; // light of nuclei a little above or below it
    int[] owner = new int[w * h];
    float[] depth = new float[w * h];
    Arrays.fill(depth, 1); // relative radius: 0 at a nucleus's centre, 1 on its outline
    double[][] nuclei = place(w, h, new Rng(seed));
    for (int k = 0; k < nuclei.length; k++) {
      // One generator per nucleus, so that retuning one look leaves the others unchanged.
      Rng rng = new Rng(seed + 0x632BE59BD9B4E019L * (k + 1));
      float[] plane = rng.uniform() < 0.25 ? soft : sharp;
      paint(nuclei[k], k + 1, rng, plane, owner, depth, w, h);
    }

    // A widefield PSF: a narrow core plus broad wings, which make the glow around each nucleus.
    float[] defocused = blur(soft, w, h, 2.0);
    for (int i = 0; i < sharp.length; i++) {
      sharp[i] += defocused[i];
    }
    float[] core = blur(sharp, w, h, 1.0);
    float[] halo = blur(core, w, h, 4.5);
    float[] haze = blur(halo, w, h, 14);
    Rng light = new Rng(seed ^ 0x5DEECE66DL);
    double tiltX = light.uniform(-0.5, 0.5);
    double tiltY = light.uniform(-0.5, 0.5);
    int n = width * height;
    clean = new float[n];
    noisy8 = new byte[n];
    noisy16 = new short[n];
    labels = new int[n];
    int[] renumber = new int[nuclei.length + 1]; // nuclei in the frame get 1, 2, 3, ...
    int visible = 0;
    Rng noise = new Rng(~seed);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int i = y * width + x;
        int p = (y + PAD) * w + x + PAD;
        double u = 2.0 * x / width - 1;
        double v = 2.0 * y / height - 1;
        double vignette = 1 - 0.06 * (u * u + v * v);
        double background = 1.2 + tiltX * u + tiltY * v;
        double specimen = 0.70 * core[p] + 0.27 * halo[p] + 0.08 * haze[p];
        double signal = Math.min(255 - OFFSET8, vignette * (background + specimen));
        clean[i] = (float) (OFFSET8 + signal);
        // Squaring a unit-free Gaussian of deviation 1/2 (inverse Anscombe transform) gives Poisson
        // mean and variance from a single draw, without a rejection loop.
        double root = StrictMath.sqrt(signal * PHOTONS_PER_GREY) + 0.5 * noise.gaussian();
        double photons = root * root - 0.25;
        double seen = photons / PHOTONS_PER_GREY + READ_NOISE * noise.gaussian();
        // Both cameras see the same photons; they differ in offset, gain and rounding only.
        noisy8[i] = (byte) digitize(OFFSET8 + seen, 255);
        noisy16[i] = (short) digitize(OFFSET16 + GAIN16 * seen, 4095);
        int k = owner[p];
        if (k > 0 && renumber[k] == 0) {
          renumber[k] = ++visible;
        }
        labels[i] = renumber[k];
      }
    }
  }

  private static int digitize(double value, int max) {
    return (int) StrictMath.floor(Math.max(0, Math.min(max, value)) + 0.5);
  }

  /** Returns nuclei as {x, y, mean radius, brightness, aspect ratio, angle}, some touching. */
  private static double[][] place(int w, int h, Rng rng) {
    int wanted = (int) (NUCLEI_PER_PIXEL * w * h);
    double[][] placed = new double[wanted][];
    int count = 0;
    for (int attempt = 0; attempt < 40 * wanted && count < wanted; attempt++) {
      boolean condensed = rng.uniform() < 0.06; // small and bright: mitotic or dying
      double r = condensed ? rng.uniform(4.5, 6) : 9.2 + 1.1 * rng.gaussian();
      r = Math.max(4.5, Math.min(13, r));
      double bright = (condensed ? 125 : 74) * StrictMath.exp(0.22 * rng.gaussian());
      double x = rng.uniform(0, w);
      double y = rng.uniform(0, h);
      double angle = rng.uniform(0, 2 * Math.PI);
      double aspect = 1.05 + 0.4 * rng.uniform() * rng.uniform() + 0.1 * rng.uniform();
      // A third of them settle beside an earlier nucleus: cells divide and stay together.
      boolean beside = count > 0 && rng.uniform() < 0.33;
      int mate = beside ? (int) (rng.uniform() * count) : -1;
      if (beside) {
        double gap = (r + placed[mate][2]) * rng.uniform(0.84, 1.15);
        double side = rng.uniform(0, 2 * Math.PI);
        x = placed[mate][0] + gap * StrictMath.cos(side);
        y = placed[mate][1] + gap * StrictMath.sin(side);
      }
      boolean free = x >= 0 && x < w && y >= 0 && y < h;
      for (int j = 0; j < count && free; j++) {
        double dx = x - placed[j][0];
        double dy = y - placed[j][1];
        double reach = (r + placed[j][2]) * (j == mate ? 0.8 : 1.02);
        free = dx * dx + dy * dy > reach * reach;
      }
      if (free) {
        placed[count++] = new double[] {x, y, r, bright, aspect, angle};
      }
    }
    return Arrays.copyOf(placed, count);
  }

  /** Adds one nucleus to a light plane and claims the pixels in which it is the deepest. */
  private static void paint(
      double[] nucleus, int k, Rng rng, float[] plane, int[] owner, float[] depth, int w, int h) {
    double r = nucleus[2];
    double stretch = StrictMath.sqrt(nucleus[4]);
    double cos = StrictMath.cos(nucleus[5]);
    double sin = StrictMath.sin(nucleus[5]);
    double[] wave = new double[4]; // outline harmonics 2..5, weaker as they get finer
    double[] phase = new double[4];
    for (int m = 0; m < 4; m++) {
      wave[m] = 0.1 / (m + 2) * rng.gaussian();
      phase[m] = rng.uniform(0, 2 * Math.PI);
    }
    double[][] blobs = texture(r, rng);
    int reach = (int) (1.8 * r) + 2;
    int x0 = (int) nucleus[0];
    int y0 = (int) nucleus[1];
    for (int y = Math.max(0, y0 - reach); y <= Math.min(h - 1, y0 + reach); y++) {
      for (int x = Math.max(0, x0 - reach); x <= Math.min(w - 1, x0 + reach); x++) {
        double dx = x - nucleus[0];
        double dy = y - nucleus[1];
        double a = (cos * dx + sin * dy) / stretch;
        double b = (cos * dy - sin * dx) * stretch;
        double angle = StrictMath.atan2(b, a);
        double edge = r;
        for (int m = 0; m < 4; m++) {
          edge += r * wave[m] * StrictMath.cos((m + 2) * angle + phase[m]);
        }
        double rho = StrictMath.sqrt(a * a + b * b);
        double cover = Math.max(0, Math.min(1, (edge - rho) / 3 + 0.5)); // soft: its side slopes
        if (cover > 0) {
          double s = Math.min(1, rho / edge);
          // Flattened dome: the nucleus is thickest, and so brightest, in the middle.
          double light = 0.45 + 0.55 * StrictMath.sqrt(1 - s * s);
          double relief = 1;
          for (double[] blob : blobs) {
            double da = a - blob[0];
            double db = b - blob[1];
            double q = 1 - (da * da + db * db) / blob[2];
            relief += q > 0 ? blob[3] * q * q * q : 0;
          }
          int p = y * w + x;
          plane[p] += (float) (nucleus[3] * cover * light * Math.max(0.25, relief));
          if (s < depth[p]) {
            depth[p] = (float) s;
            owner[p] = k;
          }
        }
      }
    }
  }

  /** Chromatin as compact bumps {a, b, squared support radius, amplitude} inside radius r. */
  private static double[][] texture(double r, Rng rng) {
    int grains = (int) (0.45 * r * r);
    int chromocentres = (int) rng.uniform(0, 3.6);
    int nucleoli = (int) rng.uniform(0.6, 3);
    double[][] blobs = new double[grains + chromocentres + nucleoli][];
    for (int j = 0; j < blobs.length; j++) {
      double size = rng.uniform(2.2, 4.4); // support radius; about 2.4 standard deviations
      double amplitude = 0.2 * rng.gaussian();
      double limit = 1;
      if (j >= grains + chromocentres) {
        size = rng.uniform(3, 5);
        amplitude = -rng.uniform(0.2, 0.5);
        limit = 0.6;
      } else if (j >= grains) {
        size = rng.uniform(2.4, 4);
        amplitude = rng.uniform(0.5, 1.3);
        limit = 0.8;
      }
      double rho = limit * r * StrictMath.sqrt(rng.uniform());
      double angle = rng.uniform(0, 2 * Math.PI);
      double a = rho * StrictMath.cos(angle);
      double b = rho * StrictMath.sin(angle);
      blobs[j] = new double[] {a, b, size * size, amplitude};
    }
    return blobs;
  }

  /** Gaussian blur of a w by h image; what lies beyond the canvas repeats its border. */
  private static float[] blur(float[] image, int w, int h, double sigma) {
    return blurRows(blurRows(image, w, h, sigma), h, w, sigma);
  }

  /** Blurs along x and returns the transposed image, so that two calls blur both axes. */
  private static float[] blurRows(float[] image, int w, int h, double sigma) {
    double[] kernel = new double[(int) (3 * sigma) + 2];
    double total = 0;
    for (int j = 0; j < kernel.length; j++) {
      kernel[j] = StrictMath.exp(-0.5 * j * j / (sigma * sigma));
      total += j == 0 ? kernel[j] : 2 * kernel[j];
    }
    float[] turned = new float[w * h];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        double sum = kernel[0] * image[y * w + x];
        for (int j = 1; j < kernel.length; j++) {
          float before = image[y * w + Math.max(0, x - j)];
          sum += kernel[j] * (before + image[y * w + Math.min(w - 1, x + j)]);
        }
        turned[x * h + y] = (float) (sum / total);
      }
    }
    return turned;
  }

  /** Returns the image width in pixels. */
  public int width() {
    return width;
  }

  /** Returns the image height in pixels. */
  public int height() {
    return height;
  }

  /**
   * Returns the noiseless image in grey values of the 8-bit camera, offset included: 2..255, of
   * which 2 are camera offset and each further grey value stands for 45 detected photons.
   */
  public float[] clean() {
    return clean.clone();
  }

  /**
   * Returns the 8-bit camera image, unsigned bytes 0..255: {@link #clean} plus shot noise and
   * Gaussian read noise (standard deviation 0.2), rounded.
   */
  public byte[] noisy8() {
    return noisy8.clone();
  }

  /**
   * Returns the same exposure from a 12-bit camera stored in 16 bits, 0..4095: offset 100, and 16
   * grey values for each one of {@link #noisy8} above its offset.
   */
  public short[] noisy16() {
    return noisy16.clone();
  }

  /**
   * Returns the true segmentation: 0 for background, k = 1, 2, 3, ... for the pixels whose centre
   * is inside the outline of nucleus k. Where two nuclei overlap, the one whose centre is
   * relatively nearer owns the pixel. Numbers are given in row-major order of first appearance.
   */
  public int[] labels() {
    return labels.clone();
  }

  /** SplitMix64, written out because no Java version promises to keep its own generator's steps. */
  private static final class Rng {
    private long state;

    Rng(long seed) {
      state = mix(seed + 0x9E3779B97F4A7C15L);
    }

    private static long mix(long z) {
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      return z ^ (z >>> 31);
    }

    double uniform() {
      state += 0x9E3779B97F4A7C15L;
      return (mix(state) >>> 11) * 0x1.0p-53;
    }

    double uniform(double low, double high) {
      return low + (high - low) * uniform();
    }

    /** Box-Muller; the sine half is dropped so that each call costs exactly two draws. */
    double gaussian() {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
      return radius * StrictMath.cos(2 * Math.PI * uniform());
    }
  }
}
