package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.process.ImageStatistics;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.Provenance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GenerateCommandTest {

  private static ImagePlus generate(String options) {
    GenerateCommand command = new GenerateCommand();
    Parameters.apply(command, options);
    command.setProgress(Progress.silent());
    command.run();
    return command.results().get(0);
  }

  private static byte[] pixels(ImagePlus image, int slice) {
    return (byte[]) image.getStack().getPixels(slice);
  }

  @ParameterizedTest
  @EnumSource(SamplerChoice.class)
  void everySamplerDrawsFromTheNetworksDistribution(SamplerChoice choice) {
    // the network's data are N(0.3, 0.04) per pixel; 0 and 255 stand for -1 and 1. With 60 steps
    // spreads are off by up to a sixth, means by less than 0.005
    ImagePlus image =
        generate(
            "model=gauss width=100 height=80 steps=60 eta=0.5 device=cpu sampler=" + choice.key());
    ImageStatistics s = image.getStatistics();
    assertEquals(0.3, s.mean / 127.5 - 1, 0.015);
    assertEquals(0.2, s.stdDev / 127.5, 0.04);
    assertEquals(100, image.getWidth());
    assertEquals(80, image.getHeight());
    Provenance made = Provenance.of(image).orElseThrow();
    int calls = choice == SamplerChoice.HEUN ? 119 : 60;
    assertEquals(Integer.toString(calls), made.get("network_calls"));
    assertArrayEquals(
        pixels(image, 1), pixels(generate(made.get("options")), 1), "repeating the record");
  }

  @Test
  void theChoicesOfTheCommandAreAllSamplers() {
    assertEquals(SamplerChoice.keys(), new GenerateCommand().choices("sampler"));
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> generate("model=gauss sampler=plms"));
    assertTrue(e.getMessage().startsWith("sampler is \"plms\", but must be one of"), "" + e);
  }

  @Test
  void severalSamplesAreAStackWhoseFirstIsTheSingleOne() {
    ImagePlus three = generate("model=gauss width=32 height=32 samples=3 steps=10 sampler=ddpm");
    ImagePlus one = generate("model=gauss width=32 height=32 steps=10 sampler=ddpm");
    assertEquals(3, three.getStackSize());
    assertArrayEquals(pixels(one, 1), pixels(three, 1));
    assertFalse(java.util.Arrays.equals(pixels(three, 1), pixels(three, 2)));
    assertEquals("sample 2 (seed 1)", three.getStack().getSliceLabel(2));
  }

  @Test
  void theProgressionHoldsEveryEstimateAndTheResult() {
    String options = "model=gauss width=32 height=32 samples=2 steps=7 seed=3 sampler=ddim";
    ImagePlus way = generate(options + " show_progression");
    ImagePlus end = generate(options);
    assertEquals(2 * 7 + 2, way.getStackSize());
    assertEquals("sample 1 (seed 3), step 1 of 7", way.getStack().getSliceLabel(1));
    assertEquals("sample 2 (seed 3), step 7 of 7", way.getStack().getSliceLabel(14));
    assertEquals("sample 2 (seed 3), result", way.getStack().getSliceLabel(16));
    assertArrayEquals(pixels(end, 1), pixels(way, 15));
    // the last step goes to the clean level, so its estimate is the result
    assertArrayEquals(pixels(end, 2), pixels(way, 14));
    assertFalse(java.util.Arrays.equals(pixels(way, 1), pixels(way, 15)));
  }

  @Test
  void threeChannelsBecomeRgb() {
    ImagePlus image = generate("model=gauss-rgb width=64 height=64 steps=60 sampler=ddim");
    assertEquals(ImagePlus.COLOR_RGB, image.getType());
    double[] mean = new double[3];
    for (int i = 0; i < 64 * 64; i++) {
      int rgb = image.getProcessor().get(i);
      for (int c = 0; c < 3; c++) {
        mean[c] += ((rgb >> (16 - 8 * c)) & 255) / 4096.0 / 127.5;
      }
    }
    assertEquals(0.3, mean[0] - 1, 0.02);
    assertEquals(-0.2, mean[1] - 1, 0.02);
    assertEquals(0.1, mean[2] - 1, 0.02);
  }

  @Test
  void badSettingsAreNamed() {
    assertSays("sampler is \"euler\", but must be one of ddpm, ddim", "sampler=euler");
    assertSays("width is 0, but must be from 1 to 16384", "width=0");
    assertSays("There is no model \"none\"", "model=none");
  }

  private static void assertSays(String part, String options) {
    String message = assertThrows(DiffusionException.class, () -> generate(options)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void theEstimateTellsThePaddedSize() {
    GenerateCommand command = new GenerateCommand();
    Parameters.apply(command, "model=nuclei width=100 height=30 samples=2 steps=9 sampler=heun");
    ModelCard nuclei = Models.unconditional("nuclei");
    double before = Speed.secondsPerPixel(nuclei);
    Speed.measured(nuclei, 1e-4);
    try {
      // 17 calls x 2 samples x 3584 pixels x 0.1 ms; 3584 pixels x 10.57 MB x 100 bytes
      assertEquals(
          "17 network calls x 2 samples on 112 x 32 pixels; about 12 s, 4 MB for the network",
          command.estimate());
    } finally {
      Speed.measured(nuclei, before);
    }
  }
}
