package ijdiffusion.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import org.junit.jupiter.api.Test;

class SpectrumTest {
  private static final int N = 64;

  private static int frequenciesIn(int bin) {
    int n = 0;
    for (int y = -N / 2; y < N / 2; y++) {
      for (int x = -N / 2; x < N / 2; x++) {
        n += Math.round(Math.hypot(x, y)) == bin ? 1 : 0;
      }
    }
    return n;
  }

  /**
   * A wave of frequency 8 along a row under a Hann window, whose own transform is 1/2 at 0 and 1/4
   * beside it in each direction: N^2/2 * 1/2 * 1/2 at (8, 0) and (-8, 0), half of that at each of
   * their four neighbours, a quarter at the diagonal ones.
   */
  @Test
  void pureWave() {
    Tensor t = new Tensor(new Shape(1, 1, N + 3, N + 10));
    for (int i = 0; i < t.data().length; i++) {
      t.data()[i] = (float) (7 + Math.cos(2 * Math.PI * 8 * (i % (N + 10)) / N + 0.4));
    }
    double[] power = Spectrum.of(t);
    assertEquals(N / 2 + 1, power.length);
    double peak = Math.pow(N * N / 8.0, 2);
    // (8, 0), and (8, 1) and (8, -1) at distance 8.06; twice
    assertEquals(2 * peak * (1 + 2 / 4.0) / frequenciesIn(8), power[8], 1e-4 * peak);
    assertEquals(2 * peak * (1 / 4.0 + 2 / 16.0) / frequenciesIn(9), power[9], 1e-4 * peak);
    assertEquals(2 * peak * (1 / 4.0 + 2 / 16.0) / frequenciesIn(7), power[7], 1e-4 * peak);
    for (int k = 12; k <= N / 2; k++) {
      assertEquals(0, power[k], 1e-9 * peak);
    }
    assertEquals(0, power[3], 1e-9 * peak);
  }

  @Test
  void errorAboveAFrequency() {
    double[] truth = {0, 5, 4, 3, 2};
    double[] made = {0, 9, 9, 30, 0.02};
    // bins at 1/8, 1/4, 3/8, 1/2 cycles per pixel; the last two count: factors of 10 and of 1/100
    assertEquals(1.5, Spectrum.error(made, truth, 0.25), 1e-12);
  }
}
