package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.process.FloatProcessor;
import ijdiffusion.image.Provenance;
import ijdiffusion.tensor.Resampler;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Upscaling by networks that know p(x | c) = N(0.8 c + m, 0.04). With DDIM a pixel of the result is
 * its conditional mean and the run's noise times a number, so that two runs with the same noise
 * differ by the difference of their conditional means, pixel by pixel. What is left of a start that
 * does not know the mean is below 0.0015 of it.
 */
class UpscaleCommandTest {
  private static final String UPSCALE = UpscaleCommand.LABEL;
  private static final double LEFT = 0.002;

  @TempDir Path folder;

  /** Grey values that are the network's units, with limits=display. */
  static ImagePlus units(int width, int height, int channels, long seed, double contrast) {
    ImagePlus image = Runs.stack(width, height, 32, channels, 1, 1);
    for (int c = 1; c <= channels; c++) {
      FloatProcessor ip = (FloatProcessor) image.getStack().getProcessor(c);
      FloatProcessor random = (FloatProcessor) Runs.plane(width, height, 32, seed + c);
      for (int i = 0; i < width * height; i++) {
        ip.setf(i, (float) (contrast * (random.getf(i) / 0.12 - 1)));
      }
      image.setPosition(c, 1, 1);
      image.setDisplayRange(-1, 1);
    }
    image.setPosition(1, 1, 1);
    return image;
  }

  private static double[] difference(ImagePlus a, ImagePlus b, int plane) {
    double[] out = new double[a.getWidth() * a.getHeight()];
    for (int i = 0; i < out.length; i++) {
      out[i] = a.getStack().getProcessor(plane).getf(i) - b.getStack().getProcessor(plane).getf(i);
    }
    return out;
  }

  private static float[] bicubic(FloatProcessor small, int factor) {
    int w = small.getWidth();
    int h = small.getHeight();
    Tensor in = new Tensor(new Shape(1, 1, h, w), ((float[]) small.getPixels()).clone());
    Tensor out = new Tensor(new Shape(1, 1, h * factor, w * factor));
    Resampler.bicubic(h, w, h * factor, w * factor).apply(in, out);
    return out.data();
  }

  @ParameterizedTest
  @CsvSource({"cond-inside, 33, 40, ''", "cond-inside, 40, 70, tile=64 overlap=16"})
  void aNetworkThatEnlargesItselfGetsTheSmallImage(String model, int w, int h, String more) {
    String options = "model=" + model + " steps=8 sampler=ddim limits=display " + more;
    ImagePlus image = units(w, h, 1, 3, 0.9);
    ImagePlus made = Runs.result(UPSCALE, image, options);
    ImagePlus flat = Runs.result(UPSCALE, units(w, h, 1, 3, 0), options);
    assertEquals(2 * w, made.getWidth());
    double[] d = difference(made, flat, 1);
    for (int i = 0; i < d.length; i++) {
      double c = image.getProcessor().getf(i % (2 * w) / 2, i / (2 * w) / 2);
      assertEquals(0.8 * c, d[i], LEFT, "pixel " + i);
    }
  }

  @Test
  void aNetworkForThreeChannelsGetsThemEnlarged() {
    String options = "model=cond-first steps=8 sampler=ddim limits=display";
    ImagePlus image = units(20, 17, 3, 3, 0.9);
    ImagePlus made = Runs.result(UPSCALE, image, options);
    ImagePlus flat = Runs.result(UPSCALE, units(20, 17, 3, 3, 0), options);
    assertEquals("stack-x4", made.getTitle());
    assertEquals("8", Provenance.of(made).orElseThrow().get("network_calls"));
    for (int c = 1; c <= 3; c++) {
      float[] large = bicubic((FloatProcessor) image.getStack().getProcessor(c), 4);
      double[] d = difference(made, flat, c);
      for (int i = 0; i < d.length; i++) {
        assertEquals(0.8 * large[i], d[i], LEFT);
      }
    }
  }

  @Test
  void residualsAreAddedToTheEnlargedImage() {
    String options = "model=cond-residual steps=20 sampler=ddim limits=display";
    ImagePlus image = units(64, 64, 1, 3, 0.2);
    ImagePlus made = Runs.result(UPSCALE, image, options);
    ImagePlus flat = Runs.result(UPSCALE, units(64, 64, 1, 3, 0), options);
    assertTrue(Provenance.of(made).orElseThrow().get("method").startsWith("SRDiff"));
    float[] large = bicubic((FloatProcessor) image.getProcessor(), 2);
    double[] d = difference(made, flat, 1);
    for (int i = 0; i < d.length; i++) {
      double l = image.getProcessor().getf(i % 128 / 2, i / 128 / 2);
      assertEquals(0.5 * 0.8 * 0.9 * l + large[i], d[i], LEFT);
    }
  }

  @Test
  void anyNetworkWithABicubicConditionDoesTheSame() throws IOException {
    Path model =
        Runs.otherCard(
            folder,
            "cond-last",
            "task: inpaint\n      fill: noise\n      start: condition\n",
            "task: upscale\n      factor: 4\n      enlargement: bicubic\n");
    String options = "model=[" + model + "] steps=8 sampler=ddim limits=display";
    ImagePlus image = units(64, 64, 1, 3, 0.9);
    ImagePlus made = Runs.result(UPSCALE, image, options);
    ImagePlus flat = Runs.result(UPSCALE, units(64, 64, 1, 3, 0), options);
    float[] large = bicubic((FloatProcessor) image.getProcessor(), 4);
    double[] d = difference(made, flat, 1);
    for (int i = 0; i < d.length; i++) {
      assertEquals(0.8 * large[i], d[i], LEFT);
    }
    String estimate = Runs.command(UPSCALE, image, options + " tile=128").estimate();
    assertTrue(
        estimate.startsWith("8 network calls x 9 tiles on 128 x 128 pixels, overlap 48"), estimate);
  }

  @Test
  void samplesHaveTheConditionalMeanAndSpread() {
    String options = "model=cond-inside steps=50 sampler=ddpm limits=display samples=4";
    List<ImagePlus> results = Runs.run(UPSCALE, units(64, 64, 1, 3, 0), options);
    ImagePlus statistics = results.get(0);
    assertEquals(4, results.get(1).getNFrames());
    assertEquals("stack-x2-statistics", statistics.getTitle());
    double mean = statistics.getStack().getProcessor(1).getStats().mean;
    assertEquals(0.3, mean, 4 * 0.2 / Math.sqrt(4 * 128 * 128));
    assertEquals(128, statistics.getWidth());
  }

  @Test
  void channelsThatDoNotFitAreNamed() {
    ImagePlus grey = units(40, 40, 1, 3, 0.9);
    Runs.refused(UPSCALE, grey, "model=cond-first steps=4", "3 channels, but this one has 1");
    Runs.refused(UPSCALE, grey, "model=cond-last steps=4", "but to fill holes in images");
  }
}
