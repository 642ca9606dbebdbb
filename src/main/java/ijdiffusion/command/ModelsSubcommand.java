package ijdiffusion.command;

import ijdiffusion.card.CardDraft;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code models} subcommand of the command line. */
@Command(
    name = "models",
    description = "Lists, shows, tests, installs and removes models.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ModelsSubcommand.ListAll.class,
      ModelsSubcommand.Show.class,
      ModelsSubcommand.Test.class,
      ModelsSubcommand.Install.class,
      ModelsSubcommand.Remove.class
    })
final class ModelsSubcommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Say what: list, show, test, install or remove.");
  }

  /** {@code models list}. */
  @Command(
      name = "list",
      description = "Name, task, domain, licence, size and state of all models.",
      mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    @Override
    public Integer call() {
      System.out.print(ModelStore.standard().list());
      return 0;
    }
  }

  /** {@code models show}. */
  @Command(
      name = "show",
      description = "All there is to know of a model.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "Name of a model, or its path.")
    private String name;

    @Override
    public Integer call() {
      System.out.print(ModelStore.standard().sheet(name).text());
      return 0;
    }
  }

  /** {@code models test}. */
  @Command(
      name = "test",
      description = "Checks a model's files and runs it on its examples; exit code 1 if it fails.",
      mixinStandardHelpOptions = true)
  static final class Test implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "Name of a model, or its path.")
    private String name;

    @Override
    public Integer call() {
      ModelStore.Verdict verdict = ModelStore.standard().test(name);
      System.out.println(verdict.words());
      return verdict.passed() ? 0 : 1;
    }
  }

  /** {@code models install}. */
  @Command(
      name = "install",
      description = "Installs a model from a folder, a .zip file or an .onnx file.",
      mixinStandardHelpOptions = true)
  static final class Install implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SOURCE", description = "Folder, .zip or .onnx file.")
    private String source;

    @Option(
        names = "--into",
        paramLabel = "DIR",
        defaultValue = "",
        description = "Folder of models; ImageJ's models/diffusion unless given.")
    private String into;

    @Option(names = "--replace", description = "Replaces a model of that name.")
    private boolean replace;

    @Option(
        names = "--options",
        defaultValue = "",
        description =
            "Fields of the card of an .onnx file that has none, like schedule.kind=cosine.")
    private String options;

    @Override
    public Integer call() {
      String name =
          ModelStore.standard().install(source, into, replace, options, Install::say).orElseThrow();
      System.out.println("Installed as " + name + ".");
      return 0;
    }

    /** There is nobody to ask, so what was assumed is told. */
    private static Optional<CardDraft> say(CardDraft draft) {
      System.out.println("The file has no model card: " + draft.explain() + ".");
      return Optional.of(draft);
    }
  }

  /** {@code models remove}. */
  @Command(
      name = "remove",
      description = "Removes an installed model for good.",
      mixinStandardHelpOptions = true)
  static final class Remove implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "Name of a model.")
    private String name;

    @Option(
        names = "--from",
        paramLabel = "DIR",
        defaultValue = "",
        description = "Folder of models; where the program looks for them unless given.")
    private String from;

    @Override
    public Integer call() {
      System.out.println("Removed " + ModelStore.standard().remove(name, from) + ".");
      return 0;
    }
  }
}
