package ijdiffusion.command;

import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command line. Exit codes: 0 done, 1 failed (one line on standard error says why), 2 wrong
 * usage.
 */
@Command(
    name = "diffusion",
    description = "Diffusion models for ImageJ on the command line. Without arguments: a demo.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Versions.class,
    subcommands = {
      Main.Run.class,
      Main.Record.class,
      Main.ListAll.class,
      Main.Check.class,
      CardSubcommand.class,
      ModelsSubcommand.class
    })
public final class Main implements Callable<Integer> {

  /** Starts the command line; ends the JVM with the exit code when it is not 0. */
  public static void main(String[] args) {
    int code = execute(args);
    if (code != 0) {
      System.exit(code); // the exit code is the documented result
    }
  }

  /**
   * Runs without ending the JVM.
   *
   * @return the exit code
   */
  static int execute(String... args) {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler(
        (e, command, parse) -> {
          if (!(e instanceof DiffusionException || e instanceof Cancelled)) {
            throw e;
          }
          command.getErr().println(e.getMessage().replaceAll("\\s*\\R\\s*", " "));
          return 1;
        });
    return line.execute(args);
  }

  @Override
  public Integer call() {
    return Demo.run();
  }

  /** The {@code run} subcommand. */
  @Command(
      name = "run",
      description = "Runs a command on an image file.",
      mixinStandardHelpOptions = true)
  static final class Run implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "COMMAND", description = "Label, as in the menu.")
    private String label;

    @Option(
        names = "--in",
        description = "Image to work on; a folder, or a pattern like 'dir/*.tif', for many.")
    private String in;

    @Option(
        names = "--mask",
        description =
            "Mask image; white = area to fill. For many images also a folder of masks, named as"
                + " the images.")
    private Path mask;

    @Option(
        names = "--roi",
        description = "ImageJ selection file (.roi), or folder of them, instead of a mask.")
    private Path roi;

    @Option(
        names = "--out",
        required = true,
        description = "Result: .tif, or .png .jpg .bmp .gif; for many images a folder.")
    private Path out;

    @Option(names = "--options", defaultValue = "", description = "Settings, as in a macro.")
    private String options;

    @Option(names = "--json", description = "Write the record beside the result, as .json.")
    private boolean json;

    @Option(names = "--skip-existing", description = "Of many: leaves out those with a result.")
    private boolean skipExisting;

    @Option(names = "--seed-per-file", description = "Of many: a seed made of seed and file name.")
    private boolean seedPerFile;

    @Override
    public Integer call() {
      if (in != null && Batch.isMany(in)) {
        Batch batch = new Batch(label, out, mask, roi, options, json, skipExisting, seedPerFile);
        return batch.run(in, System.out).failed() == 0 ? 0 : 1;
      }
      if (skipExisting || seedPerFile) {
        throw new DiffusionException(
            (skipExisting ? "--skip-existing" : "--seed-per-file")
                + " is for many images; give a folder, or a pattern like 'dir/*.tif', as --in.");
      }
      FileRun.run(label, in == null ? null : file(in), mask, roi, out, options, json);
      return 0;
    }

    private static Path file(String in) {
      try {
        return Path.of(in);
      } catch (InvalidPathException e) {
        throw new DiffusionException("There is no file \"" + in + "\"; check the path.", e);
      }
    }
  }

  /** The {@code provenance} subcommand. */
  @Command(
      name = "provenance",
      description = "Prints how a result was made, as JSON or as a methods section.",
      mixinStandardHelpOptions = true)
  static final class Record implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FILE", description = "A result, or its JSON.")
    private Path file;

    @Option(names = "--methods", description = "Text for a paper, with what to cite.")
    private boolean methods;

    @Override
    public Integer call() {
      if (!Files.isRegularFile(file)) {
        throw new DiffusionException("There is no file \"" + file + "\"; check the path.");
      }
      Records records = Records.find(file.toString(), null);
      System.out.print(
          methods
              ? MethodsText.of(records.latest())
              : ProvenanceJson.write(file.getFileName().toString(), records.runs()));
      return 0;
    }
  }

  /** The {@code list} subcommand. */
  @Command(
      name = "list",
      description = "Lists commands with their settings, and models.",
      mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    @Override
    public Integer call() {
      System.out.println("Commands:");
      for (Map.Entry<String, Class<? extends DiffusionCommand>> e : Commands.all().entrySet()) {
        System.out.println("  " + e.getKey());
        System.out.println("      " + Commands.description(e.getValue()));
        System.out.println(
            "      defaults: "
                + ijdiffusion.command.Parameters.toOptions(Commands.create(e.getValue())));
      }
      System.out.println("Models:");
      for (String name : Models.catalogue().names()) {
        System.out.println("  " + name + "  " + describe(name));
      }
      return 0;
    }

    private static String describe(String name) {
      try {
        return Models.catalogue().find(name).about().description();
      } catch (DiffusionException e) {
        return "cannot be used: " + e.getMessage();
      }
    }
  }

  /** The {@code check} subcommand. */
  @Command(
      name = "check",
      description = "Says what works on this machine: versions, devices by trying them, models.",
      mixinStandardHelpOptions = true)
  static final class Check implements Callable<Integer> {
    @Override
    public Integer call() {
      SetupReport report = SetupReport.make();
      System.out.print(report.text());
      return report.works() ? 0 : 1;
    }
  }

  /** Prints the version the build wrote. */
  static final class Versions implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"Diffusion for ImageJ " + Version.current()};
    }
  }
}
