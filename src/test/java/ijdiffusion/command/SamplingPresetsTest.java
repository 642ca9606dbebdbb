package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import ijdiffusion.command.SamplingPresets.Sampling;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.Provenance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What presets cost and say, as docs/commands.md promises it, and what overrides them. */
class SamplingPresetsTest {
  private static final SamplingPresets PRESETS =
      new SamplingPresets(
          new Sampling(SamplerChoice.DDIM, 5),
          new Sampling(SamplerChoice.DDPM, 20),
          new Sampling(SamplerChoice.UNIPC, 40));

  @ParameterizedTest
  @CsvSource({
    "fast, preset, 0, ddim 5",
    "balanced, preset, 0, ddpm 20",
    "thorough, preset, 0, unipc 40",
    "thorough, PRESET, 7, unipc 7",
    "fast, Heun, 0, heun 5",
    "fast, lms, 9, lms 9",
  })
  void whatIsGivenCounts(String preset, String sampler, int steps, String expected) {
    Sampling s = PRESETS.choose(preset, sampler, steps, 1000);
    assertEquals(expected, s.choice().key() + " " + s.steps());
  }

  @Test
  void shortSchedulesShortenPresetsOnly() {
    assertEquals(10, PRESETS.choose("balanced", "preset", 0, 10).steps());
    assertEquals(20, PRESETS.choose("balanced", "preset", 20, 10).steps());
  }

  @Test
  void unknownPresetsAreRefused() {
    Exception e =
        assertThrows(DiffusionException.class, () -> PRESETS.choose("quick", "preset", 0, 1000));
    assertEquals(
        "preset is \"quick\", but must be one of fast, balanced, thorough.", e.getMessage());
  }

  @Test
  void unknownSamplersAreRefused() {
    Exception e =
        assertThrows(DiffusionException.class, () -> PRESETS.choose("balanced", "euler", 0, 1000));
    assertEquals(
        "sampler is \"euler\", but must be preset or one of ddpm, ddim, euler_ancestral, heun, lms,"
            + " dpmpp_1s, dpmpp_2m, dpmpp_3m, dpmpp_sde, unipc.",
        e.getMessage());
  }

  /** Calls, as the dialog tells them, and what the record says. */
  @ParameterizedTest
  @CsvSource({
    "Diffusion Upscale..., cond-inside, fast, 5, dpmpp_2m, 5",
    "Diffusion Upscale..., cond-inside, balanced, 10, dpmpp_2m, 10",
    "Diffusion Upscale..., cond-inside, thorough, 20, dpmpp_2m, 20",
    "Diffusion Edit..., gauss, fast, 4, dpmpp_2m, 10",
    "Diffusion Edit..., gauss, balanced, 8, dpmpp_2m, 20",
    "Diffusion Edit..., gauss, thorough, 19, dpmpp_2m, 50",
    "Diffusion Guide..., gauss, fast, 10, dpmpp_sde, 10",
    "Diffusion Guide..., gauss, balanced, 20, dpmpp_sde, 20",
    "Diffusion Guide..., gauss, thorough, 50, dpmpp_sde, 50",
  })
  void callsAndRecord(
      String label, String model, String preset, String calls, String sampler, String steps) {
    ImagePlus image = InpaintCommandTest.image("8");
    Provenance p =
        Provenance.of(Runs.result(label, image, "model=" + model + " preset=" + preset))
            .orElseThrow();
    assertEquals(calls, p.get("network_calls"));
    assertEquals(sampler, p.get("sampler"));
    assertEquals(steps, p.get("steps"));
    String text = MethodsText.of(p);
    assertTrue(text.contains(", sampler " + sampler + ", " + steps + " steps. Software"), text);
  }
}
