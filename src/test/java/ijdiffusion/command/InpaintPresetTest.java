package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ijdiffusion.image.Provenance;
import ijdiffusion.schedule.DiscreteSchedule;
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
        "fast|46|16 levels, spaced by Karras et al. 2022; from noise 0.1 to 3.0 jumps of 1,"
            + " 6 resamplings",
        "balanced|96|40 levels, spaced by Karras et al. 2022; from noise 0.1 to 3.0 jumps of 2,"
            + " 5 resamplings",
        "thorough|210|48 levels, spaced by Karras et al. 2022; from noise 0.1 to 3.0 jumps of 3,"
            + " 10 resamplings",
        "paper|2410|250 levels, evenly spaced; jumps of 10, 10 resamplings"
      })
  void networkCallsAndWords(String name, int calls, String words) {
    InpaintPreset preset = InpaintPreset.parse(name);
    assertEquals(calls, preset.path(LINEAR, false).stepsDown());
    assertEquals(words, preset.describe());
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
    assertEquals(InpaintPreset.FAST.describe(), fast.get("path"));
    assertEquals("46", fast.get("network_calls"));
    Provenance own =
        Provenance.of(InpaintCommandTest.result(image, "model=gauss steps=6 jump=2 resamplings=3"))
            .orElseThrow();
    assertEquals("6 levels, evenly spaced; jumps of 2, 3 resamplings", own.get("path"));
  }
}
