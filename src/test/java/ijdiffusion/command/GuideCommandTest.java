package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.io.FileSaver;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.image.Provenance;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** References of every kind, and what must agree with them. */
class GuideCommandTest {
  private static final String GUIDE = GuideCommand.LABEL;
  private static final String FAST = "model=gauss steps=4 factor=4 ";

  @TempDir Path folder;

  private Path saved(ImagePlus image) {
    Path file = folder.resolve(image.getTitle());
    FileSaver saver = new FileSaver(image);
    assertTrue(
        image.getStackSize() > 1
            ? saver.saveAsTiffStack(file.toString())
            : saver.saveAsTiff(file.toString()));
    return file;
  }

  private static ImagePlus plane(String title, int width, int height, int depth, long seed) {
    return new ImagePlus(title, Runs.plane(width, height, depth, seed));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 24})
  void theImageAsItsOwnReferenceIsCurrent(int depth) {
    ImagePlus image = plane("im.tif", 64, 64, depth, 1);
    ImagePlus current = Runs.result(GUIDE, image, FAST);
    assertFalse(Provenance.of(current).orElseThrow().fields().containsKey("reference"));
    String same = "reference=[" + saved(image) + "]";
    ImagePlus made = Runs.result(GUIDE, image, FAST + same);
    Runs.assertSamePixels(current, made);
    Provenance record = Provenance.of(made).orElseThrow();
    assertEquals("im.tif", record.get("reference"));
    assertEquals("64 x 64", record.get("reference_size"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"code", "paper"})
  void theResultAgreesWithTheReferenceInWhatIsCoarse(String variant) {
    ImagePlus image = plane("im.tif", 64, 64, 32, 1);
    ImageProcessor ramp = image.getProcessor().duplicate();
    for (int i = 0; i < 64 * 64; i++) {
      ramp.setf(i, 0.05f + 0.001f * (i % 64));
    }
    ImagePlus reference = new ImagePlus("ramp.tif", ramp);
    String options =
        "model=gauss steps=50 factor=8 percentiles=0-100 sampler=ddim variant=" + variant;
    ImagePlus free = Runs.result(GUIDE, image, options + " range=0.02");
    ImagePlus made = Runs.result(GUIDE, image, options + " reference=[" + saved(reference) + "]");
    assertTrue(slope(made) > 3 * Math.abs(slope(free)), slope(made) + ", " + slope(free));
  }

  /** Right half less left half. */
  private static double slope(ImagePlus image) {
    double sum = 0;
    for (int i = 0; i < 64 * 64; i++) {
      sum += (i % 64 < 32 ? -1 : 1) * image.getProcessor().getf(i);
    }
    return sum / 2048;
  }

  @Test
  void variantsAndRangesDiffer() {
    ImagePlus image = plane("im.tif", 64, 64, 8, 1);
    ImagePlus paper = Runs.result(GUIDE, image, FAST);
    assertTrue(Runs.changed(paper, Runs.result(GUIDE, image, FAST + "variant=code")) > 100);
    assertTrue(Runs.changed(paper, Runs.result(GUIDE, image, FAST + "range=0.5")) > 100);
    assertTrue(Runs.changed(paper, Runs.result(GUIDE, image, FAST + "seed=2")) > 100);
    Runs.assertSamePixels(paper, Runs.result(GUIDE, image, FAST + "variant=paper"));
  }

  @Test
  void aReferenceOfAnotherSizeIsResampledAndThatIsSaid() {
    ImagePlus image = plane("im.tif", 64, 48, 8, 1);
    // one flat reference is like any other, whatever its size
    ImagePlus small = new ImagePlus("small.tif", new ByteProcessor(16, 20));
    ImagePlus large = new ImagePlus("large.tif", new ByteProcessor(64, 48));
    ImagePlus a = Runs.result(GUIDE, image, FAST + "reference=[" + saved(small) + "]");
    ImagePlus b = Runs.result(GUIDE, image, FAST + "reference=[" + saved(large) + "]");
    Runs.assertSamePixels(a, b);
    assertEquals("16 x 20, resampled", Provenance.of(a).orElseThrow().get("reference_size"));
    assertEquals("small.tif", Provenance.of(a).orElseThrow().get("reference"));
  }

  @Test
  void channelsOfAReferenceGoWithThoseOfTheImage() {
    ImagePlus image = Runs.stack(64, 64, 8, 3, 1, 1);
    image.setTitle("composite.tif");
    ImagePlus other = Runs.stack(64, 64, 16, 3, 1, 1);
    other.setTitle("other.tif");
    String model = "model=gauss-rgb steps=4 factor=4 ";
    Path file = saved(other);
    ImagePlus together = Runs.result(GUIDE, image, model + "reference=[" + file + "]");
    // channel by channel the colours are different, and so are their references
    ColorProcessor rgb = new ColorProcessor(64, 64);
    for (int c = 1; c <= 3; c++) {
      rgb.setChannel(c, (ByteProcessor) image.getStack().getProcessor(c));
    }
    ImagePlus colour = new ImagePlus("rgb.tif", rgb);
    String byRgb = model + "reference=[" + saved(colour) + "]";
    Runs.assertSamePixels(Runs.result(GUIDE, image, model), Runs.result(GUIDE, image, byRgb));
    assertTrue(Runs.changed(together, Runs.result(GUIDE, image, byRgb)) > 100);
    for (int c = 1; c <= 3; c++) {
      image.setPosition(c, 1, 1);
      String single = "model=gauss steps=4 factor=4 reference=";
      ImagePlus one = Runs.result(GUIDE, image, single + "[" + file + "]");
      ImagePlus alone = new ImagePlus("p" + c + ".tif", other.getStack().getProcessor(c));
      ImagePlus expected = Runs.result(GUIDE, image, single + "[" + saved(alone) + "]");
      Runs.assertSamePixels(expected, one);
    }
  }

  @Test
  void aGreyReferenceGoesWithColoursButNotTheOtherWayRound() {
    ImagePlus grey = plane("grey.tif", 64, 64, 8, 1);
    ImagePlus rgb = plane("rgb.tif", 64, 64, 24, 1);
    Path greyFile = saved(grey);
    Path rgbFile = saved(rgb);
    ImagePlus made = Runs.result(GUIDE, rgb, FAST + "reference=[" + greyFile + "]");
    assertEquals(ImagePlus.COLOR_RGB, made.getType());
    Runs.refused(
        GUIDE, grey, FAST + "reference=[" + rgbFile + "]", "has 3 channels, but the image");
    ImagePlus two = Runs.stack(64, 64, 8, 2, 1, 1);
    two.setTitle("two.tif");
    Runs.refused(
        GUIDE, rgb, FAST + "reference=[" + saved(two) + "]", "has 2 channels, but the image has 3");
  }

  @Test
  void planesOfAReferenceStackGoWithThoseOfTheImage() {
    ImagePlus image = Runs.stack(64, 64, 8, 1, 3, 1);
    ImagePlus other = Runs.stack(64, 64, 16, 1, 3, 1);
    other.setTitle("other.tif");
    Path file = saved(other);
    ImagePlus made = Runs.result(GUIDE, image, FAST + "planes=all reference=[" + file + "]");
    ImagePlus own = Runs.result(GUIDE, image, FAST + "planes=all");
    assertTrue(Runs.changed(made, own) > 100);
    for (int i = 1; i <= 3; i++) {
      image.setSlice(i);
      ImagePlus one = Runs.result(GUIDE, image, FAST + "reference=[" + file + "]");
      Runs.assertSamePlane(one, 1, made, i);
    }
  }

  @Test
  void badSettingsAreTold() {
    ImagePlus image = plane("im.tif", 64, 64, 8, 1);
    Runs.refused(GUIDE, image, "model=gauss factor=6", "factor is 6, but must be a power of two");
    Runs.refused(GUIDE, image, "model=gauss range=0", "range is 0.0, but must be above 0");
    Runs.refused(GUIDE, image, "model=gauss variant=old", "must be one of code, paper");
    Runs.refused(
        GUIDE,
        image,
        "model=gauss reference=[no such image]",
        "reference is \"no such image\", but must be current, the title of an open image or");
    ImagePlus nan = plane("nan.tif", 64, 64, 32, 1);
    nan.getProcessor().setf(7, Float.NaN);
    Runs.refused(GUIDE, image, FAST + "reference=[" + saved(nan) + "]", "NaN or infinite");
  }

  @Test
  void aFactorAsLargeAsTheImageWorks() {
    ImagePlus image = plane("im.tif", 40, 36, 8, 1);
    ImagePlus made = Runs.result(GUIDE, image, "model=gauss steps=2 factor=128");
    assertEquals(40, made.getWidth());
    String estimate = Runs.command(GUIDE, image, "model=gauss steps=2 factor=128").estimate();
    assertTrue(estimate.startsWith("2 network calls on 128 x 128 pixels"), estimate);
  }
}
