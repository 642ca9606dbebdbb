package ijdiffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that was trained with 0 and 200 as its black and white. */
class LimitsTest {
  private static final IntensityRange FIXED = new IntensityRange(0, 200, -1, 1);

  @TempDir Path temp;

  private ModelCard card;

  @BeforeEach
  void readCard() throws IOException {
    String fixed = "low_percentile: 1, fixed_values: [0, 200],";
    String text = CardFolder.replaceOnce(CardFolder.text("gauss"), "low_percentile: 1,", fixed);
    card = ModelCardReader.read(CardFolder.write(temp, "fixed", text));
  }

  /** Grey values from 50 to 150. */
  private static ImagePlus image(ImageProcessor pixels) {
    for (int i = 0; i < pixels.getPixelCount(); i++) {
      pixels.setf(i, 50 + i % 101);
    }
    return new ImagePlus("ramp", pixels);
  }

  private List<IntensityRange> ofStack(ImagePlus image, String percentiles) {
    return Limits.of("stack", percentiles, card).ofImage(image, card).orElseThrow();
  }

  @Test
  void imagesOfTheirDepthAreMappedByThem() {
    ImagePlus grey = image(new ByteProcessor(64, 64));
    assertEquals(List.of(FIXED), ofStack(grey, "model"));
    ImagePlus rgb = new ImagePlus("rgb", new ColorProcessor(64, 64));
    assertEquals(List.of(FIXED, FIXED, FIXED), ofStack(rgb, "model"));
    float[] seen = Context.whole(new Plane(grey), card).image().data();
    for (int i = 0; i < seen.length; i++) {
      assertEquals((50 + i % 101) / 100.0 - 1, seen[i], 1e-6);
    }
  }

  @Test
  void imagesOfAnotherDepthAreMappedByPercentiles() {
    for (ImageProcessor pixels : List.of(new ShortProcessor(64, 64), new FloatProcessor(64, 64))) {
      ImagePlus image = image(pixels);
      IntensityRange range = ofStack(image, "model").get(0);
      assertEquals(51, range.low(), 1);
      assertEquals(149, range.high(), 1);
      float[] seen = Context.whole(new Plane(image), card).image().data();
      assertEquals(-1, seen[0], 0.03);
    }
  }

  @Test
  void percentilesThatAreAskedForAndTheDisplayRangeGoFirst() {
    ImagePlus image = image(new ByteProcessor(64, 64));
    assertEquals(List.of(new IntensityRange(50, 150, -1, 1)), ofStack(image, "0-100"));
    image.setDisplayRange(20, 180);
    assertEquals(
        List.of(new IntensityRange(20, 180, -1, 1)),
        Limits.of("display", "model", card).ofImage(image, card).orElseThrow());
  }

  @Test
  void theWarningLooksAtTheImageAsTheNetworkDoes() {
    ImagePlus image = image(new ByteProcessor(101, 10));
    assertEquals(0, ImageMeasure.of(image, List.of(1), card).mean(), 1e-6); // 100 is the middle
    assertEquals(0.29, ImageMeasure.of(image, List.of(1), card).deviation(), 0.01);
  }

  @Test
  void inWords() {
    String words = Limits.of("context", "model", card).describe();
    assertEquals(
        "grey values 0.0 and 200.0 of 8-bit images, of others 1.0 and 99.0 percentile of context",
        words);
    assertTrue(Limits.of("context", "2-98", card).describe().startsWith("2.0 and 98.0 perc"));
  }
}
