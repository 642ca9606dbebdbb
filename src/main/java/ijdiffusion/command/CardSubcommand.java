package ijdiffusion.command;

import ijdiffusion.card.CardDraft;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The {@code card} subcommand of the command line. */
@Command(
    name = "card",
    description = "Proposes a model card for an ONNX file that has none.",
    mixinStandardHelpOptions = true)
final class CardSubcommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE", description = "The ONNX file.")
  private Path file;

  @Option(
      names = "--options",
      defaultValue = "",
      description = "Fields that are known better, like schedule.kind=cosine output.meaning=v.")
  private String options;

  @Option(names = "--save", description = "Writes the card beside the file.")
  private boolean save;

  @Override
  public Integer call() {
    CardDraft draft = BareNetworks.propose(file, options);
    for (CardDraft.Field field : draft.fields()) {
      System.out.printf("%-34s %-32s %s%n", field.key(), field.value(), field.origin());
    }
    draft.card(); // complains where the card would be refused
    if (save) {
      System.out.println("Saved as " + draft.save() + ".");
    }
    return 0;
  }
}
