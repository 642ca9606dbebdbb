package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.OvalRoi;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.Provenance;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ends of the strength's range, selections, samples and the estimate. */
class EditCommandTest {
  private static final String EDIT = EditCommand.LABEL;

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 24})
  void strengthZeroIsTheImageWithoutANetworkCall(int depth) {
    ImagePlus image = Runs.stack(50, 40, depth, 1, 3, 1);
    ImagePlus made = Runs.result(EDIT, image, "model=gauss strength=0 planes=all");
    Runs.assertSamePixels(image, made);
    assertEquals("0", Provenance.of(made).orElseThrow().get("network_calls"));
    String estimate = Runs.command(EDIT, image, "model=gauss strength=0").estimate();
    assertTrue(estimate.startsWith("0 network calls"), estimate);
  }

  @ParameterizedTest
  @CsvSource({
    "gauss, 8, ddim, 0",
    "gauss, 8, ddpm, 0",
    "gauss, 8, ddim, 1",
    "gauss, 8, dpmpp_2m, 0",
    "gauss, 8, heun, 0",
    "gauss-rgb, 24, ddim, 0.5",
    "nuclei, 8, ddim, 0"
  })
  void strengthOneIsGeneration(String model, int depth, String sampler, double eta) {
    ImagePlus image = new ImagePlus("im", Runs.plane(80, 64, depth, 5));
    if (depth == 8) {
      image.setDisplayRange(0, 255);
    }
    String same = "model=" + model + " steps=3 seed=7 sampler=" + sampler + " eta=" + eta;
    ImagePlus made = Runs.result(EDIT, image, same + " strength=1 limits=display repeats=3");
    GenerateCommand generate = new GenerateCommand();
    Parameters.apply(generate, same + " width=80 height=64");
    generate.setProgress(Progress.silent());
    generate.run();
    Runs.assertSamePixels(generate.results().get(0), made);
    String calls = Provenance.of(made).orElseThrow().get("network_calls");
    assertEquals(sampler.equals("heun") ? "5" : "3", calls);
  }

  @ParameterizedTest
  @CsvSource({"8, gauss", "16, gauss", "32, gauss", "24, gauss", "24, gauss-rgb", "8, nuclei"})
  void outsideTheSelectionEveryBitIsKept(int depth, String model) {
    ImagePlus image = new ImagePlus("im", Runs.plane(72, 64, depth, 5));
    if (depth == 32) {
      image.getProcessor().setf(0, 0, -0f);
      image.getProcessor().setf(1, 0, 1e30f);
    }
    Roi roi = new OvalRoi(20, 18, 24, 20);
    image.setRoi(roi);
    ImagePlus made =
        Runs.result(EDIT, image, "model=" + model + " steps=4 strength=0.75 percentiles=5-95");
    ImageProcessor a = image.getProcessor();
    ImageProcessor b = made.getProcessor();
    int changed = 0;
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 72; x++) {
        boolean same = a.get(x, y) == b.get(x, y);
        assertTrue(same || roi.contains(x, y), x + ", " + y + " is outside");
        changed += same ? 0 : 1;
      }
    }
    assertTrue(changed > 0.7 * roi.getContainedPoints().length, changed + " changed");
  }

  @Test
  void aSelectionOfTheWholeImageIsNone() {
    ImagePlus image = new ImagePlus("im", Runs.plane(40, 36, 8, 5));
    ImagePlus without = Runs.result(EDIT, image, "model=gauss steps=4");
    image.setRoi(0, 0, 40, 36);
    Runs.assertSamePixels(without, Runs.result(EDIT, image, "model=gauss steps=4"));
    float[] x = {0, 40, 40, 0};
    float[] y = {0, 0, 36, 36};
    image.setRoi(new PolygonRoi(x, y, Roi.POLYGON));
    Runs.assertSamePixels(without, Runs.result(EDIT, image, "model=gauss steps=4"));
    image.setRoi(new Roi(0, 0, 40, 36, 20)); // round corners are outside
    ImagePlus rounded = Runs.result(EDIT, image, "model=gauss steps=4");
    assertEquals(image.getPixel(0, 0)[0], rounded.getPixel(0, 0)[0]);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 32, 24})
  void samplesOfAStackAreFramesWithMeanAndDeviation(int depth) {
    ImagePlus image = Runs.stack(40, 36, depth, depth == 24 ? 1 : 2, 2, 2);
    image.setOpenAsHyperStack(true);
    Roi roi = new Roi(10, 8, 14, 12);
    image.setRoi(roi);
    String options = "model=gauss steps=4 strength=0.5 seed=3 planes=all ";
    List<ImagePlus> results = Runs.run(EDIT, image, options + "samples=3");
    ImagePlus samples = results.get(1);
    ImagePlus statistics = results.get(0);
    int channels = image.getNChannels();
    assertDimensions(samples, channels, 2, 6);
    assertDimensions(statistics, depth == 24 ? 3 : channels, 2, 4);
    assertEquals("stack-edited", samples.getTitle());
    assertEquals("stack-edited-statistics", statistics.getTitle());
    assertEquals("plane 2, sample 1 (seed 3)", samples.getStack().getSliceLabel(2));
    int n = image.getStackSize();
    assertEquals("plane 1, sample 3 (seed 3)", samples.getStack().getSliceLabel(2 * n + 1));
    String red = depth == 24 ? " red" : "";
    assertEquals("plane 1, mean of 3 samples" + red, statistics.getStack().getSliceLabel(1));
    ImagePlus one = Runs.result(EDIT, image, options);
    for (int i = 1; i <= n; i++) {
      Runs.assertSamePlane(one, i, samples, i);
    }
    int planes = statistics.getStackSize() / 2;
    for (int i = 1; i <= planes; i++) {
      ImageProcessor mean = statistics.getStack().getProcessor(i);
      ImageProcessor sd = statistics.getStack().getProcessor(planes + i);
      int slice = depth == 24 ? (i - 1) / 3 + 1 : i;
      int shift = depth == 24 ? 16 - 8 * ((i - 1) % 3) : 0;
      for (int p = 0; p < mean.getPixelCount(); p++) {
        boolean inside = roi.contains(p % 40, p / 40);
        assertEquals(inside, sd.getf(p) > 0, "plane " + i + " pixel " + p);
        double sum = 0;
        for (int k = 0; k < 3; k++) {
          ImageProcessor ip = samples.getStack().getProcessor(slice + k * n);
          sum += depth == 24 ? ip.get(p) >> shift & 0xff : ip.getf(p);
        }
        // integer samples are rounded, their mean is not
        assertEquals(sum / 3, mean.getf(p), depth == 32 ? 1e-6 : 0.51);
      }
    }
  }

  private static void assertDimensions(ImagePlus image, int c, int z, int t) {
    assertEquals(c, image.getNChannels());
    assertEquals(z, image.getNSlices());
    assertEquals(t, image.getNFrames());
    assertTrue(image.isHyperStack());
  }

  @Test
  void samplesOfASinglePlaneAreFrames() {
    ImagePlus image = new ImagePlus("im", Runs.plane(40, 36, 8, 5));
    ImagePlus samples = Runs.result(EDIT, image, "model=gauss steps=4 samples=3");
    assertEquals(3, samples.getNFrames());
    assertEquals(1, samples.getNSlices());
  }

  @Test
  void theEstimateTellsCallsPlanesAndTiles() {
    ImagePlus image = Runs.stack(100, 80, 8, 2, 3, 1);
    assertEstimate(image, "steps=10 strength=0.5", "5 network calls on 100 x 80 pixels");
    assertEstimate(
        image,
        "steps=10 strength=0.5 repeats=2 planes=all samples=4",
        "10 network calls x 4 (samples x channels) x 6 planes on 100 x 80 pixels");
    assertEstimate(
        image,
        "steps=10 strength=0.5 planes=2-3 tile=64 overlap=16",
        "5 network calls x 2 planes x 4 tiles on 64 x 64 pixels, overlap 16");
    ImagePlus rgb = new ImagePlus("im", Runs.plane(40, 36, 24, 5));
    assertEstimate(rgb, "steps=10", "4 network calls x 3 (samples x channels) on 64 x 64 pixels");
    ImagePlus run = Runs.result(EDIT, image, "model=gauss steps=6 planes=2-3 tile=64 overlap=16");
    assertEquals("16", Provenance.of(run).orElseThrow().get("network_calls"));
  }

  private static void assertEstimate(ImagePlus image, String options, String start) {
    String estimate = Runs.command(EDIT, image, "model=gauss " + options).estimate();
    assertTrue(estimate.startsWith(start + "; about "), estimate);
  }

  @Test
  void theRecordRepeatsTheRun() {
    ImagePlus image = Runs.stack(40, 36, 16, 1, 3, 1);
    ImagePlus made =
        Runs.result(EDIT, image, "model=gauss steps=5 eta=0.5 seed=9 planes=2-3 percentiles=2-98");
    Provenance record = Provenance.of(made).orElseThrow();
    Runs.assertSamePixels(made, Runs.result(EDIT, image, record.get("options")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Edit", "Guide", "Denoise", "Inpaint"})
  void aConditionalModelIsRefusedBeforeAnythingRuns(String command) {
    ImagePlus image = new ImagePlus("im", Runs.plane(40, 36, 8, 5));
    image.setRoi(new OvalRoi(4, 4, 10, 10));
    String label = "Diffusion " + command + "...";
    Runs.refused(label, image, "model=cond-inside", "is made to upscale images");
    String message =
        assertThrows(
                DiffusionException.class,
                () -> Runs.command(label, image, "model=cond-inside").estimate())
            .getMessage();
    assertTrue(message.contains("is made to upscale images"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upscale", "Restore"})
  void anUnconditionalModelIsRefusedBeforeAnythingRuns(String command) {
    ImagePlus image = new ImagePlus("im", Runs.plane(40, 36, 8, 5));
    Runs.refused("Diffusion " + command + "...", image, "model=gauss", "is not made to");
  }

  @Test
  void valuesBeyondTheLimitsAreNotCutOff() {
    // the exact network draws from N(0.3, 0.04) whatever it is shown, so only at low strength
    ImagePlus image = new ImagePlus("im", Runs.plane(64, 64, 32, 5));
    image.getProcessor().setf(30, 30, 3f);
    ImagePlus made =
        Runs.result(EDIT, image, "model=gauss steps=1000 strength=0.001 percentiles=1-99");
    assertTrue(made.getProcessor().getf(30, 30) > 2, "" + made.getProcessor().getf(30, 30));
  }

  @Test
  void consistencyKeepsWhatIsCoarse() {
    ImagePlus image = new ImagePlus("im", Runs.plane(64, 64, 32, 5));
    String options = "model=gauss steps=20 strength=0.9 eta=1 percentiles=0-100";
    double free = coarseDifference(image, Runs.result(EDIT, image, options));
    ImagePlus made = Runs.result(EDIT, image, options + " consistency=8");
    double kept = coarseDifference(image, made);
    assertTrue(kept < 0.1 * free, kept + " with consistency, " + free + " without");
    assertTrue(Runs.changed(image, made) > 4000);
    assertTrue(Provenance.of(made).orElseThrow().get("method").startsWith("CCDF"));
    Runs.refused(EDIT, image, options + " consistency=6", "consistency is 6, but must be 0 or");
    Runs.refused(EDIT, image, options + " consistency=1", "consistency is 1, but must be 0 or");
  }

  /** Mean absolute difference of the means of blocks of 16 x 16 pixels. */
  private static double coarseDifference(ImagePlus a, ImagePlus b) {
    double sum = 0;
    for (int y = 0; y < 64; y += 16) {
      for (int x = 0; x < 64; x += 16) {
        double mean = 0;
        for (int i = 0; i < 256; i++) {
          int px = x + i % 16;
          int py = y + i / 16;
          mean += (b.getProcessor().getf(px, py) - a.getProcessor().getf(px, py)) / 256;
        }
        sum += Math.abs(mean);
      }
    }
    return sum / 16;
  }
}
