package ijdiffusion.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Against scikit-image 0.26.0: {@code structural_similarity(a, b, gaussian_weights=True, sigma=1.5,
 * use_sample_covariance=False, data_range=L)} of a = 100 + 50 sin(0.3 x) + 30 cos(0.2 y) and b = a
 * + 10 sin(1.7 x + 0.9 y), 32 columns and 24 rows.
 */
class SsimTest {
  private static final Shape SHAPE = new Shape(1, 1, 24, 32);

  private static Tensor image(double wave, double offset) {
    Tensor out = new Tensor(SHAPE);
    for (int i = 0; i < out.data().length; i++) {
      int x = i % 32;
      int y = i / 32;
      out.data()[i] =
          (float)
              (100
                  + offset
                  + 50 * Math.sin(0.3 * x)
                  + 30 * Math.cos(0.2 * y)
                  + wave * Math.sin(1.7 * x + 0.9 * y));
    }
    return out;
  }

  @Test
  void asScikitImage() {
    assertEquals(0.8982762472501767, Ssim.of(image(0, 0), image(10, 0), 255), 1e-6);
    assertEquals(0.8876217487634268, Ssim.of(image(0, 0), image(10, 0), 160), 1e-6);
    assertEquals(0.9971466952630533, Ssim.of(image(0, 0), image(0, 5), 255), 1e-6);
    assertEquals(1, Ssim.of(image(10, 0), image(10, 0), 255), 1e-12);
  }

  @Test
  void meanOverChannels() {
    Shape two = SHAPE.withChannels(2);
    Tensor a = new Tensor(two, Montage.batch(List.of(image(0, 0), image(0, 0))).data());
    Tensor b = new Tensor(two, Montage.batch(List.of(image(10, 0), image(0, 5))).data());
    assertEquals((0.8982762472501767 + 0.9971466952630533) / 2, Ssim.of(a, b, 255), 1e-6);
  }
}
