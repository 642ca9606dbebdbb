package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.Roi;
import ij.io.FileSaver;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.Provenance;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encode, Decode and Interpolate. */
class InversionCommandsTest {

  private static ImagePlus run(DiffusionCommand command, ImagePlus image, String options) {
    Parameters.apply(command, options);
    command.setImage(image);
    command.setProgress(Progress.silent());
    command.run();
    return command.results().get(0);
  }

  private static ImagePlus crop(String type, int x, int y, int width, int height) {
    ImagePlus image = InpaintCommandTest.image(type);
    image.getCalibration().pixelWidth = 0.5;
    image.setRoi(new Roi(x, y, width, height));
    ImagePlus crop = image.crop();
    crop.setTitle("crop.tif");
    return crop;
  }

  private static double rms(ImagePlus a, ImagePlus b) {
    double sum = 0;
    int n = a.getWidth() * a.getHeight();
    for (int i = 0; i < n; i++) {
      double d = a.getProcessor().getf(i) - b.getProcessor().getf(i);
      sum += d * d;
    }
    return Math.sqrt(sum / n);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "16", "32", "rgb"})
  void anImageComesBackFromItsLatent(String type) {
    ImagePlus image = crop(type, 10, 20, 75, 66);
    ImagePlus latent = run(new EncodeCommand(), image, "model=gauss steps=500");
    assertEquals("crop-latent", latent.getTitle());
    assertEquals(32, latent.getBitDepth());
    assertEquals(0.5, latent.getCalibration().pixelWidth);
    assertEquals(type.equals("rgb") ? 3 : 1, latent.getStackSize());
    ImagePlus back = run(new DecodeCommand(), latent, "");
    assertEquals("crop-latent-decoded", back.getTitle());
    assertEquals(image.getType(), back.getType());
    assertEquals(image.getWidth(), back.getWidth());
    assertEquals(image.getHeight(), back.getHeight());
    if (!type.equals("rgb")) {
      // the exact map of 500 steps shrinks deviations by 0.9728 (reference gaussian maps), and
      // values above the 99.8th percentile are limited to it
      double sd = image.getStatistics().stdDev;
      assertTrue(rms(image, back) < 0.12 * sd, rms(image, back) + " of " + sd);
    }
  }

  @Test
  void theLatentIsTheExactMapOfTheNormalisedImage() {
    // the way up is an affine map on this network: what it does to two values says what it does to
    // all between
    ImagePlus image = crop("32", 0, 0, 64, 64);
    ImagePlus latent = run(new EncodeCommand(), image, "model=gauss steps=10");
    String[] range = Provenance.of(latent).orElseThrow().get("range_0").split(" ", -1);
    double low = Double.parseDouble(range[0]);
    double high = Double.parseDouble(range[2]);
    double[] x = new double[64 * 64];
    int least = 0;
    int most = 0;
    for (int i = 0; i < x.length; i++) {
      // this card limits no clean image, so grey values beyond the limits are not cut off either
      x[i] = (image.getProcessor().getf(i) - low) / (high - low) * 2 - 1;
      least = x[i] < x[least] ? i : least;
      most = x[i] > x[most] ? i : most;
    }
    double a = latent.getProcessor().getf(least);
    double slope = (latent.getProcessor().getf(most) - a) / (x[most] - x[least]);
    for (int i = 0; i < x.length; i++) {
      assertEquals(a + slope * (x[i] - x[least]), latent.getProcessor().getf(i), 2e-4);
    }
    assertTrue(slope > 2, "slope " + slope);
    assertTrue(x[most] > 1, "a value beyond the limits");
  }

  @Test
  void moreStepsBringTheImageBackBetter() {
    ImagePlus image = crop("32", 30, 30, 64, 64);
    double last = Double.MAX_VALUE;
    for (int steps : new int[] {10, 30, 100}) {
      ImagePlus latent = run(new EncodeCommand(), image, "model=gauss steps=" + steps);
      double error = rms(image, run(new DecodeCommand(), latent, ""));
      assertTrue(error < last, steps + " steps: " + error);
      last = error;
    }
  }

  @Test
  void theBundledModelBringsADarkImageBackTheBetterTheMoreSteps() {
    // mostly dark, as fluorescence is: where the variants differ most (docs/samplers.md)
    ImagePlus image = crop("8", 0, 0, 64, 64);
    double last = Double.MAX_VALUE;
    for (int steps : new int[] {10, 20, 50}) {
      ImagePlus latent = run(new EncodeCommand(), image, "model=nuclei steps=" + steps);
      double error = rms(image, run(new DecodeCommand(), latent, ""));
      assertTrue(error < 0.8 * last, steps + " steps: " + error + " after " + last);
      last = error;
    }
  }

  @Test
  void aLatentSurvivesATiffFile(@TempDir Path folder) {
    ImagePlus latent = run(new EncodeCommand(), crop("8", 0, 0, 70, 64), "model=gauss steps=20");
    Path file = folder.resolve("latent.tif");
    new FileSaver(latent).saveAsTiff(file.toString());
    ImagePlus opened = FileRun.open(file);
    assertArrayEquals(
        (byte[]) run(new DecodeCommand(), latent, "").getProcessor().getPixels(),
        (byte[]) run(new DecodeCommand(), opened, "").getProcessor().getPixels());
  }

  @Test
  void onlyLatentsCanBeDecoded() {
    ImagePlus plain = crop("32", 0, 0, 64, 64);
    String message =
        assertThrows(DiffusionException.class, () -> run(new DecodeCommand(), plain, ""))
            .getMessage();
    assertTrue(message.contains("\"crop.tif\" is not a latent"), message);
    ImagePlus latent = run(new EncodeCommand(), plain, "model=gauss steps=5");
    latent.setProperty(
        "Info", latent.getInfoProperty().replaceAll("diffusion.model_sha256: ..", "$0ff"));
    String other =
        assertThrows(DiffusionException.class, () -> run(new DecodeCommand(), latent, ""))
            .getMessage();
    assertTrue(other.contains("another version of model gauss"), other);
  }

  /** The same ONNX file with other weights beside it is another network. */
  @Test
  void latentsKnowWeightsInAFileOfTheirOwn() {
    ImagePlus plain = crop("32", 0, 0, 64, 64);
    ImagePlus latent = run(new EncodeCommand(), plain, "model=src/test/resources/external steps=5");
    assertEquals(64, run(new DecodeCommand(), latent, "").getWidth());
    latent.setProperty(
        "Info", latent.getInfoProperty().replaceAll("diffusion.model_data_sha256: ..", "$0ff"));
    String other =
        assertThrows(DiffusionException.class, () -> run(new DecodeCommand(), latent, ""))
            .getMessage();
    assertTrue(other.contains("another version of model"), other);
  }

  @Test
  void anInterpolationEndsAtTheTwoImages(@TempDir Path folder) {
    ImagePlus first = crop("8", 0, 0, 70, 64);
    ImagePlus second = crop("8", 50, 60, 70, 64);
    Path file = folder.resolve("second.tif");
    new FileSaver(second).saveAsTiff(file.toString());
    ImagePlus row =
        run(new InterpolateCommand(), first, "model=gauss steps=20 frames=5 other=[" + file + "]");
    assertEquals(5, row.getStackSize());
    assertEquals("fraction 0.250", row.getStack().getSliceLabel(2));
    for (int end : new int[] {1, 5}) {
      ImagePlus image = end == 1 ? first : second;
      ImagePlus latent = run(new EncodeCommand(), image, "model=gauss steps=20");
      ImagePlus back = run(new DecodeCommand(), latent, "");
      assertArrayEquals(
          (byte[]) back.getProcessor().getPixels(), (byte[]) row.getStack().getPixels(end));
    }
    Provenance made = Provenance.of(row).orElseThrow();
    assertEquals("138", made.get("network_calls")); // twice 19 up, 5 times 20 down
    assertEquals("second.tif", made.get("other"));
  }

  @Test
  void imagesThatDoNotFitTogetherAreNamed(@TempDir Path folder) {
    Path file = folder.resolve("small.tif");
    new FileSaver(crop("16", 0, 0, 64, 70)).saveAsTiff(file.toString());
    ImagePlus first = crop("8", 0, 0, 70, 64);
    String message =
        assertThrows(
                DiffusionException.class,
                () ->
                    run(
                        new InterpolateCommand(),
                        first,
                        "model=gauss steps=5 frames=2 other=" + file))
            .getMessage();
    assertTrue(message.contains("70 x 64 pixels of 8 bits and \"small.tif\" has 64 x 70"), message);
    String missing =
        assertThrows(
                DiffusionException.class,
                () -> run(new InterpolateCommand(), first, "model=gauss other=nothing"))
            .getMessage();
    assertTrue(missing.contains("other is \"nothing\""), missing);
  }
}
