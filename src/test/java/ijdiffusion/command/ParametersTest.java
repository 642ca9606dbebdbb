package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.Macro;
import ijdiffusion.DiffusionException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParametersTest {

  private static String after(String options) {
    InpaintCommand command = new InpaintCommand();
    Parameters.apply(command, options);
    return Parameters.toOptions(command);
  }

  @Test
  void theKeysOfInpaintArePublicApi() {
    assertEquals(
        List.of(
            "model",
            "preset",
            "steps",
            "jump",
            "resamplings",
            "eta",
            "grain",
            "grow",
            "feather",
            "in_place",
            "planes",
            "limits",
            "percentiles",
            "seed",
            "samples",
            "overlay",
            "tile",
            "overlap",
            "folder",
            "device",
            "threads"),
        Parameters.of(InpaintCommand.class).stream()
            .map(Parameters.Setting::key)
            .collect(Collectors.toList()));
  }

  @Test
  void imageJRecordsEachLabelUnderTheKey() {
    for (Class<? extends DiffusionCommand> command : Commands.all().values()) {
      for (Parameters.Setting s : Parameters.of(command)) {
        assertEquals(s.key(), Macro.trimKey(s.label()));
        assertEquals(s.key(), s.key().toLowerCase(Locale.ROOT));
        assertTrue(!s.annotation().description().isEmpty(), s.key() + " has no description");
      }
    }
  }

  @Test
  void optionsAreReadAndWrittenBack() {
    String options =
        "model=[my models/new one] preset=fast steps=20 jump=3 resamplings=2 eta=0.25 grain=0.5 grow=1 feather=2 in_place"
            + " planes=2-10 limits=stack percentiles=0-100 seed=-7 samples=4 tile=256 overlap=32"
            + " folder=[/data/my results] device=cpu threads=1";
    assertEquals(options, after(options));
    assertEquals(
        options,
        after(
            "  "
                + options
                    .replace(" ", "  ")
                    .replace("my  models/new  one", "my models/new one")
                    .replace("my  results", "my results")));
    assertEquals(options, after(options.replace("[my models/new one]", "'my models/new one'")));
    assertEquals(options, after(options.replace("steps", "STEPS").replace("=cpu", "=CPU")));
  }

  @Test
  void whatIsNotMentionedKeepsItsDefault() {
    assertEquals(after(""), after("seed=1"));
    assertTrue(after("steps=12").startsWith("model=nuclei preset=balanced steps=12 jump="));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "step=3 | Unknown option \"step\"",
        "step=3 | model, preset, steps, jump, resamplings, eta, grain, grow, feather, in_place, planes, limits",
        "steps=many | steps is \"many\", but must be a whole number.",
        "steps=2.5 | steps is 2.5, but must be a whole number.",
        "steps=-1 | steps is -1, but must be from 0 to 1000.",
        "steps | steps is \"true\"",
        "eta=1.5 | eta is 1.5, but must be from 0 to 1.",
        "eta=NaN | eta is NaN, but must be from 0 to 1.",
        "seed=1e9 | seed is \"1e9\", but must be a whole number.",
        "samples=0 | samples is 0, but must be from 1 to 1000.",
        "grow=-1 | grow is -1, but must be from 0 to 1000.",
        "limits=all | limits is \"all\", but must be one of stack, plane, context, display.",
        "device=gpu | device is \"gpu\", but must be one of auto, cpu, cuda.",
        "in_place=maybe | in_place is \"maybe\", but must be true or false.",
        "steps=3 steps=4 | Option \"steps\" is given twice",
        "model=[nuclei | bracket opened at \"[nuclei\" is not closed",
      })
  void badOptionsAreNamed(String options, String part) {
    DiffusionException e = assertThrows(DiffusionException.class, () -> after(options));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
