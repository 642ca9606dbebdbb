package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.Roi;
import ij.process.FloatProcessor;
import ijdiffusion.image.Provenance;
import ijdiffusion.schedule.DiscreteSchedule;
import java.awt.Point;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the presets cost and say, as README, docs and dialog promise it. */
class InpaintPresetTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fast|24|12 levels, spaced by Karras et al. 2022; from noise 0.1 to 3.0 jumps of 3,"
            + " 5 resamplings; errors kriged into the hole, grain of known pixels",
        "balanced|40|16 levels, spaced by Karras et al. 2022; from noise 0.1 to 3.0 jumps of 3,"
            + " 5 resamplings; errors kriged into the hole, grain of known pixels",
        "thorough|96|40 levels, spaced by Karras et al. 2022; from noise 0.1 to 3.0 jumps of 2,"
            + " 5 resamplings; errors kriged into the hole, grain of known pixels",
        "paper|2410|250 levels, evenly spaced; jumps of 10, 10 resamplings"
      })
  void networkCallsAndWords(String name, int calls, String words) {
    InpaintPreset preset = InpaintPreset.parse(name);
    assertEquals(calls, preset.path(LINEAR, false).stepsDown());
    assertEquals(words, preset.describe(1));
    InpaintCommand command =
        InpaintCommandTest.command(InpaintCommandTest.image("8"), "model=gauss preset=" + name);
    assertEquals(
        calls + " ", command.estimate().substring(0, Integer.toString(calls).length() + 1));
  }

  @Test
  void theRecordSaysTheSame() {
    var image = InpaintCommandTest.image("8");
    Provenance fast =
        Provenance.of(InpaintCommandTest.result(image, "model=gauss preset=fast")).orElseThrow();
    assertEquals(InpaintPreset.FAST.describe(1), fast.get("path"));
    assertEquals(
        "RePaint (Lugmayr et al. 2022, arXiv:2201.09865) with its error at known pixels kriged into"
            + " the hole",
        fast.get("method"));
    assertEquals("24", fast.get("network_calls"));
    assertEquals("dpmpp_sde", fast.get("sampler"));
    String quarter =
        Provenance.of(InpaintCommandTest.result(image, "model=gauss preset=fast grain=0.25"))
            .orElseThrow()
            .get("path");
    assertTrue(quarter.endsWith("into the hole, 0.25 of the grain of known pixels"), quarter);
    String none =
        Provenance.of(InpaintCommandTest.result(image, "model=gauss preset=fast grain=0"))
            .orElseThrow()
            .get("path");
    assertTrue(none.endsWith("; errors kriged into the hole"), none);
    Provenance own =
        Provenance.of(InpaintCommandTest.result(image, "model=gauss steps=6 jump=2 resamplings=3"))
            .orElseThrow();
    assertEquals("6 levels, evenly spaced; jumps of 2, 3 resamplings", own.get("path"));
    assertEquals("RePaint (Lugmayr et al. 2022, arXiv:2201.09865)", own.get("method"));
    assertEquals("ddpm", own.get("sampler"));
  }

  /** A network that knows of no image at all: what is right in the hole comes from its errors. */
  @Test
  void presetsContinueErrorsIntoTheHoleAndRePaintDoesNot() {
    double kriged = error("preset=fast");
    double plain = error("steps=12 jump=3 resamplings=5");
    assertTrue(kriged < 0.5 * plain, kriged + " for " + plain);
  }

  /** By the bundled model, whose mean image of a dark field has no noise. */
  @Test
  void presetsEndWithTheGrainOfTheImageUnlessToldNotTo() {
    FloatProcessor field = new FloatProcessor(128, 128);
    Random random = new Random(8);
    for (int i = 0; i < 128 * 128; i++) {
      boolean nucleus = Math.hypot(i % 128 - 30, i / 128 - 64) < 9;
      field.setf(i, (float) ((nucleus ? 400 : 100) + 3 * random.nextGaussian()));
    }
    ImagePlus image = new ImagePlus("field", field);
    image.setRoi(60, 50, 24, 24);
    double expected = Math.sqrt(1.5) * 3;
    double made = detail(InpaintCommandTest.result(image, "model=nuclei preset=fast"));
    assertEquals(expected, made, 0.25 * expected);
    double without = detail(InpaintCommandTest.result(image, "model=nuclei preset=fast grain=0"));
    assertTrue(without < 0.5 * expected, without + " for " + expected);
  }

  /** Samples that go through the network side by side do not know of each other. */
  @Test
  void theFirstOfSeveralSamplesIsTheOnlyOne() {
    ImagePlus image = InpaintCommandTest.image("8");
    String options = "model=nuclei preset=fast seed=5 threads=4";
    ImagePlus one = InpaintCommandTest.result(image, options);
    ImagePlus three = InpaintCommandTest.result(image, options + " samples=3");
    assertArrayEquals(
        (byte[]) one.getProcessor().getPixels(),
        (byte[]) three.getStack().getProcessor(1).getPixels());
    assertFalse(
        Arrays.equals(
            (byte[]) three.getStack().getProcessor(1).getPixels(),
            (byte[]) three.getStack().getProcessor(2).getPixels()));
  }

  /** Root mean square difference of a pixel in the hole from the mean of its two neighbours. */
  private static double detail(ImagePlus filled) {
    double sum = 0;
    for (int y = 50; y < 74; y++) {
      for (int x = 61; x < 83; x++) {
        double sides = filled.getProcessor().getf(x - 1, y) + filled.getProcessor().getf(x + 1, y);
        sum += Math.pow(filled.getProcessor().getf(x, y) - sides / 2, 2);
      }
    }
    return Math.sqrt(sum / 24 / 22);
  }

  /** Mean absolute error in grey values of the mean of 4 fills of a hole in a wave. */
  private static double error(String path) {
    FloatProcessor wave = new FloatProcessor(128, 128);
    for (int i = 0; i < 128 * 128; i++) {
      wave.setf(i, (float) (120 + 90 * Math.sin(i % 128 / 14.0) * Math.cos(i / 128 / 17.0)));
    }
    ImagePlus image = new ImagePlus("wave", wave);
    image.setRoi((Roi) InpaintCommandTest.HOLE.clone());
    ImagePlus samples = InpaintCommandTest.result(image, "model=gauss samples=4 " + path);
    double sum = 0;
    int pixels = 0;
    for (Point p : InpaintCommandTest.HOLE) {
      double mean = 0;
      for (int k = 1; k <= 4; k++) {
        mean += samples.getStack().getProcessor(k).getf(p.x, p.y) / 4;
      }
      sum += Math.abs(mean - wave.getf(p.x, p.y));
      pixels++;
    }
    return sum / pixels;
  }
}
