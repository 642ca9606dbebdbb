package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.command.Parameters.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of all keys in the docs, made from the commands' own parameters. */
class MacroReferenceTest {
  private static final Path FILE = Path.of("docs", "macro-reference.md");
  private static final String REMAKE = "mvn test -Dtest=MacroReferenceTest -Ddiffusion.docs=write";

  @Test
  void theTableIsUpToDate() throws IOException {
    String made = reference();
    if ("write".equals(System.getProperty("diffusion.docs"))) {
      Files.writeString(FILE, made);
    }
    assertEquals(
        made, Files.readString(FILE), FILE + " is not of today; make it anew by " + REMAKE);
  }

  private static String reference() {
    StringBuilder out =
        new StringBuilder(
            """
            # Macro reference

            All commands and keys, made from the program itself (`%s`); what they do is explained in [commands.md](commands.md).

            Write `run("LABEL", "key=value key=[value with spaces] flag")`; in headless ImageJ, whose menu is not there, `call("ijdiffusion.command.MenuPlugIn.call", "LABEL", "...")`; on the command line `run "LABEL" --options "..."`. A key that is left out has its default; a flag is off unless it is there. An unknown key or a bad value ends the macro with a line in the Log that names the legal ones.
            """
                .formatted(REMAKE));
    for (Map.Entry<String, Class<? extends DiffusionCommand>> e : Commands.all().entrySet()) {
      out.append("\n## ").append(e.getKey()).append("\n\n");
      out.append(Commands.description(e.getValue())).append("\n\n");
      out.append("| Key | Type | Default | Legal values | Meaning |\n|---|---|---|---|---|\n");
      DiffusionCommand command = Commands.create(e.getValue());
      for (Setting s : Parameters.of(e.getValue())) {
        out.append(row(command, s)).append('\n');
      }
    }
    return out.toString();
  }

  private static String row(DiffusionCommand command, Setting s) {
    return "| "
        + String.join(
            " | ",
            "`" + s.key() + "`",
            type(s),
            standard(command, s),
            legal(command, s),
            s.annotation().description().replace("|", "\\|"))
        + " |";
  }

  private static String type(Setting s) {
    return switch (s.field().getType().getSimpleName()) {
      case "int", "long" -> "whole number";
      case "double" -> "number";
      case "boolean" -> "flag";
      default -> "text";
    };
  }

  private static String standard(DiffusionCommand command, Setting s) {
    if (command instanceof RestoreCommand && s.key().equals("model")) {
      return "the first that fits"; // of the models on this machine
    }
    if (s.isFlag()) {
      return (boolean) s.get(command) ? "on" : "off";
    }
    Object value = s.get(command);
    String text = value instanceof Double d && d == Math.rint(d) ? "" + Math.round(d) : "" + value;
    return text.isEmpty() ? "" : "`" + text + "`";
  }

  private static String legal(DiffusionCommand command, Setting s) {
    List<String> choices = new ArrayList<>(List.of(s.annotation().choices()));
    if (s.key().equals("sampler")) {
      choices.addAll(command.choices(s.key())); // what models and images there are, varies
    }
    if (!choices.isEmpty()) {
      return choices.stream().map(c -> "`" + c + "`").collect(Collectors.joining(", "));
    }
    String min = s.annotation().min();
    String max = s.annotation().max();
    if (!min.isEmpty() || !max.isEmpty()) {
      return min + " to " + max;
    }
    return s.field().getType() == long.class ? "any" : s.isFlag() ? "" : "see meaning";
  }

  @Test
  void everySettingSaysWhatItIsInALine() {
    for (Class<? extends DiffusionCommand> command : Commands.all().values()) {
      for (Setting s : Parameters.of(command)) {
        String text = s.annotation().description();
        String where = command.getSimpleName() + "." + s.key();
        assertTrue(text.endsWith(".") && !text.contains("\n"), where);
        assertTrue(text.length() < 240, where + " is too long for a tool tip");
      }
    }
  }

  static Stream<String> labels() {
    return Commands.all().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("labels")
  void anUnknownKeyIsAnsweredWithAllKeys(String label) {
    DiffusionCommand command = Commands.create(label);
    String message = refusal(command, "frobnicate=1");
    assertTrue(message.contains("\"frobnicate\""), message);
    for (Setting s : Parameters.of(command.getClass())) {
      assertTrue(message.contains(s.key()), message);
    }
  }

  @ParameterizedTest
  @MethodSource("labels")
  void aBadValueIsAnsweredWithTheLegalOnes(String label) {
    DiffusionCommand command = Commands.create(label);
    for (Setting s : Parameters.of(command.getClass())) {
      Class<?> type = s.field().getType();
      if (s.annotation().choices().length > 0) {
        String message = refusal(command, s.key() + "=frobnicate");
        assertTrue(message.contains(String.join(", ", s.annotation().choices())), message);
      } else if (type == int.class || type == double.class) {
        String message = refusal(command, s.key() + "=-1e35");
        String range = "from " + s.annotation().min() + " to " + s.annotation().max();
        assertTrue(type == int.class || message.contains(range), message);
        assertTrue(refusal(command, s.key() + "=-1").contains(range), s.key());
        assertTrue(refusal(command, s.key() + "=x").contains("number"), s.key());
      } else if (type == long.class) {
        assertTrue(refusal(command, s.key() + "=0.5").contains("whole number"), s.key());
      } else if (s.isFlag()) {
        assertTrue(refusal(command, s.key() + "=perhaps").contains("true or false"), s.key());
      }
    }
  }

  private static String refusal(DiffusionCommand command, String options) {
    String message =
        assertThrows(DiffusionException.class, () -> Parameters.apply(command, options), options)
            .getMessage();
    assertTrue(message.contains(options.substring(0, options.indexOf('='))), message);
    return message;
  }
}
