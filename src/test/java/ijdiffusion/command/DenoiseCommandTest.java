package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.ImageStack;
import ij.gui.OvalRoi;
import ij.gui.Roi;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.image.IntensityRange;
import ijdiffusion.image.Provenance;
import ijdiffusion.tensor.NoiseEstimate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Denoising against the exact posterior of independent pixels N(0.3, 0.04). */
class DenoiseCommandTest {
  @TempDir Path folder;

  private static final String DENOISE = DenoiseCommand.LABEL;
  private static final double MEAN = 0.3;
  private static final double VARIANCE = 0.04;

  /** Clean pixels of the network's own distribution, between grey values 0 and 200 k, and noise. */
  static ImagePlus noisy(int size, int depth, double sigma) {
    Random random = new Random(4);
    double k = depth == 16 ? 100 : depth == 32 ? 0.01 : 1;
    FloatProcessor ip = new FloatProcessor(size, size);
    for (int i = 0; i < size * size; i++) {
      double clean = 100 + 100 * (MEAN + Math.sqrt(VARIANCE) * random.nextGaussian());
      ip.setf(i, (float) (k * (clean + sigma * random.nextGaussian())));
    }
    ImageProcessor typed =
        switch (depth) {
          case 8 -> ip.convertToByteProcessor(false);
          case 16 -> ip.convertToShortProcessor(false);
          case 24 -> ip.convertToByteProcessor(false).convertToRGB();
          default -> ip;
        };
    return new ImagePlus("noisy.tif", typed);
  }

  /** E[x_0 | y], from the range and noise that the record states. */
  private static double posteriorMean(double grey, IntensityRange range, double noise) {
    double scale = 2 / (range.high() - range.low());
    double y = -1 + (grey - range.low()) * scale;
    double n2 = noise * scale * noise * scale;
    double x = (VARIANCE * y + n2 * MEAN) / (VARIANCE + n2);
    return range.low() + (x + 1) / scale;
  }

  @ParameterizedTest
  @CsvSource({"8, 12", "16, 12", "32, 12", "24, 12", "32, 60"})
  void theMeanIsThePosteriorMeanOfEveryPixel(int depth, double given) {
    ImagePlus image = noisy(70, depth, 12);
    double k = depth == 16 ? 100 : depth == 32 ? 0.01 : 1;
    // this network takes levels between those of the table, the others the nearest
    ImagePlus made = Runs.result(DENOISE, image, "model=gauss-level noise=" + given * k);
    String text = Provenance.of(made).orElseThrow().get("noise");
    assertTrue(text.endsWith("values, given"), text);
    assertEquals(given * k, Double.parseDouble(text.split("[ ,]", -1)[0]), 1e-9);
    IntensityRange range = Runs.range(made, depth == 24 ? "range_b" : "range");
    int mask = depth == 24 ? 0xff : -1;
    int beyond = 0;
    for (int i = 0; i < 70 * 70; i++) {
      double grey = depth == 24 ? image.getProcessor().get(i) & mask : image.getProcessor().getf(i);
      double got = depth == 24 ? made.getProcessor().get(i) & mask : made.getProcessor().getf(i);
      double expected = posteriorMean(grey, range, given * k);
      assertEquals(expected, got, depth == 32 ? 3e-6 : 0.501 + depth / 1000.0); // of whole numbers
      beyond += grey < range.low() || grey > range.high() ? 1 : 0;
    }
    assertTrue(beyond > 50, "some pixels lie beyond the limits, and are not cut off: " + beyond);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32})
  void theNoiseIsEstimatedAndStated(int depth) {
    ImagePlus image = noisy(70, depth, 12);
    float[] values = (float[]) image.getProcessor().convertToFloatProcessor().getPixels();
    double sigma = NoiseEstimate.of(values, 70, 70).sigma();
    ImagePlus made = Runs.result(DENOISE, image, "model=gauss");
    String text = Provenance.of(made).orElseThrow().get("noise_plane_1");
    assertTrue(text.endsWith("values, estimated"), text);
    assertEquals(sigma, Double.parseDouble(text.split(" ", -1)[0]), 1e-3 * sigma);
    Runs.assertSamePixels(Runs.result(DENOISE, image, "model=gauss noise=" + sigma), made);
  }

  @Test
  void aMeanBeyondTheLimitsStays() {
    ImagePlus image = noisy(64, 32, 12);
    image.getProcessor().setf(20, 20, 9);
    ImagePlus made = Runs.result(DENOISE, image, "model=gauss noise=0.05");
    IntensityRange range = Runs.range(made, "range");
    assertTrue(made.getProcessor().getf(20, 20) > range.high() + 2);
  }

  @Test
  void theAverageOfSamplesNearsTheMean() {
    ImagePlus image = noisy(64, 32, 20);
    String options = "model=gauss noise=0.2 percentiles=1-99 ";
    ImagePlus mean = Runs.result(DENOISE, image, options);
    ImagePlus average =
        Runs.result(DENOISE, image, options + "output=average samples=8 steps=20 sampler=ddpm");
    List<ImagePlus> several =
        Runs.run(DENOISE, image, options + "output=samples samples=8 steps=20 sampler=ddpm");
    assertEquals(8, several.get(1).getNFrames());
    assertEquals(1, average.getStackSize());
    IntensityRange range = Runs.range(mean, "range");
    double scale = 2 / (range.high() - range.low());
    double n2 = Math.pow(0.2 * scale, 2);
    double sd = Math.sqrt(VARIANCE * n2 / (VARIANCE + n2)) / scale;
    double squares = 0;
    double spread = 0;
    for (int i = 0; i < 64 * 64; i++) {
      squares += Math.pow(average.getProcessor().getf(i) - mean.getProcessor().getf(i), 2);
      spread += Math.pow(several.get(0).getStack().getProcessor(2).getf(i), 2);
      // the average is the mean of the very same samples
      float statistics = several.get(0).getStack().getProcessor(1).getf(i);
      assertEquals(statistics, average.getProcessor().getf(i), 1e-5);
    }
    assertEquals(sd / Math.sqrt(8), Math.sqrt(squares / 4096), 0.2 * sd / Math.sqrt(8));
    assertEquals(sd, Math.sqrt(spread / 4096), 0.15 * sd);
  }

  @Test
  void outputAndSamplesMustAgree() {
    ImagePlus image = noisy(40, 8, 12);
    Runs.refused(DENOISE, image, "model=gauss samples=4", "output=mean gives one result");
    Runs.refused(DENOISE, image, "model=gauss output=average", "but samples is 1");
    Runs.refused(DENOISE, image, "model=gauss output=best", "must be one of mean, average");
    Runs.refused(DENOISE, image, "model=gauss noise=-1", "noise is -1");
    Runs.refused(DENOISE, image, "model=gauss steps=1001 output=samples", "steps is 1001");
    Runs.refused(DENOISE, image, "model=gauss noise=1e9", "give a smaller noise");
  }

  @Test
  void theEstimateTellsTheNoise() {
    ImagePlus image = noisy(128, 16, 20);
    String estimate = Runs.command(DENOISE, image, "model=gauss").estimate();
    assertTrue(
        estimate.matches(
            "Estimated noise: [0-9.e+]+ grey values; 1 network call on 128 x 128 pixels; .*"),
        estimate);
    double noise = Double.parseDouble(estimate.split(" ", -1)[2]);
    // to the estimator independent clean pixels are noise as well
    assertEquals(100 * Math.hypot(20, 20), noise, 150);
    String given = Runs.command(DENOISE, image, "model=gauss noise=3").estimate();
    assertTrue(given.startsWith("1 network call on "), given);
    String rgb = Runs.command(DENOISE, noisy(64, 24, 9), "model=gauss").estimate();
    assertTrue(rgb.matches("Estimated noise: [0-9.]+, [0-9.]+, [0-9.]+ grey values; .*"), rgb);
  }

  @Test
  void everyPlaneHasItsOwnNoise() {
    ImagePlus image = new ImagePlus();
    ImageStack stack = new ImageStack(64, 64);
    stack.addSlice(noisy(64, 32, 5).getProcessor());
    stack.addSlice(noisy(64, 32, 40).getProcessor());
    image.setStack(stack);
    Provenance record =
        Provenance.of(Runs.result(DENOISE, image, "model=gauss planes=all")).orElseThrow();
    double first = Double.parseDouble(record.get("noise_plane_1").split(" ", -1)[0]);
    double second = Double.parseDouble(record.get("noise_plane_2").split(" ", -1)[0]);
    assertTrue(second > 1.5 * first, first + ", " + second);
  }

  @Test
  void noiseBelowTheModelsLevelsLeavesTheImage() {
    ImagePlus image = noisy(64, 16, 12);
    ImagePlus made = Runs.result(DENOISE, image, "model=gauss noise=0.01");
    Runs.assertSamePixels(image, made);
    assertTrue(Provenance.of(made).orElseThrow().get("noise_note").contains("left as it is"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "samples"})
  void aNetworkThatEstimatesNoiseIsUsedAndNamed(String output) throws IOException {
    ImagePlus image = noisy(64, 32, 30);
    image.setDisplayRange(0, 2); // the clean pixels are then those that the network knows
    // the network of the card as it is knows no levels of images without contrast
    Path model =
        Runs.otherCard(
            folder,
            "gauss-level",
            "level-log.onnx",
            "level-abar.onnx",
            "5d58a95d59beace7d41f4c4107cb60b47355966af8c50db047f0ddc0cee90fa2",
            "1f12393fc8a1b7ecf8c3b92e8206185ab2e9f85b3c2121b9f06a6f93f037dd2a",
            "output: level\n      meaning: log_one_minus_alpha_bar",
            "output: a\n      meaning: alpha_bar");
    String options = "model=[" + model + "] output=" + output + " steps=5 limits=display";
    ImagePlus made = Runs.result(DENOISE, image, options);
    Provenance record = Provenance.of(made).orElseThrow();
    String text = record.get("noise_plane_1");
    assertTrue(text.endsWith("estimated by a network"), text);
    assertTrue(
        Runs.command(DENOISE, image, options)
            .estimate()
            .startsWith("Noise estimated by the model's network; "));
    double noise = Double.parseDouble(text.split("[ ,]", -1)[0]);
    assertEquals(0.3, noise, 0.02);
    if (output.equals("mean")) {
      IntensityRange range = Runs.range(made, "range");
      for (int i = 0; i < 64 * 64; i++) {
        double expected = posteriorMean(image.getProcessor().getf(i), range, noise);
        assertEquals(expected, made.getProcessor().getf(i), 1e-4); // stated with four digits
      }
    }
    String given = "model=gauss-level noise=0.2";
    ImagePlus other = Runs.result(DENOISE, image, given);
    assertTrue(Provenance.of(other).orElseThrow().get("noise").endsWith("given"));
    assertFalse(Provenance.of(other).orElseThrow().fields().containsKey("noise_plane_1"));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 24})
  void aSelectionLimitsIt(int depth) {
    ImagePlus image = noisy(64, depth, 12);
    Roi roi = new OvalRoi(12, 12, 30, 30);
    image.setRoi(roi);
    double k = depth == 16 ? 100 : depth == 32 ? 0.01 : 1;
    ImagePlus made = Runs.result(DENOISE, image, "model=gauss noise=" + 20 * k);
    int changed = 0;
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        boolean same = image.getProcessor().get(x, y) == made.getProcessor().get(x, y);
        assertTrue(same || roi.contains(x, y));
        changed += same ? 0 : 1;
      }
    }
    assertTrue(changed > 0.8 * roi.getContainedPoints().length, changed + " changed");
  }
}
