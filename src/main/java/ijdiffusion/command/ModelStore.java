package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft;
import ijdiffusion.card.CardFile;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.card.ModelCatalogue.Entry;
import ijdiffusion.card.ModelCatalogue.Origin;
import ijdiffusion.card.ModelInstaller;
import ijdiffusion.card.Sidecar;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.ModelTest;
import ijdiffusion.onnx.ProviderTrial;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What can be done with models: looked at, tested, installed and removed; for the window, macros
 * and the command line alike. Looks anew at every call.
 */
final class ModelStore {
  private final Optional<Path> home;

  /**
   * @param home the folder that models are installed into unless another one is named
   */
  ModelStore(Optional<Path> home) {
    this.home = home;
  }

  /** With ImageJ's folder. */
  static ModelStore standard() {
    return new ModelStore(Models.folder());
  }

  private ModelCatalogue catalogue() {
    return ModelCatalogue.standard(home.stream().toList());
  }

  /** Names of all models, bundled ones first. */
  List<String> names() {
    return catalogue().names();
  }

  /** All models in a few words, two lines each. */
  String list() {
    StringBuilder text = new StringBuilder();
    for (Entry entry : catalogue().entries()) {
      text.append(ModelSheet.of(entry).line()).append(System.lineSeparator());
    }
    return text.toString();
  }

  /**
   * A model in many words.
   *
   * @param model its name or path
   */
  ModelSheet sheet(String model) {
    return ModelSheet.of(catalogue().entry(model));
  }

  /**
   * What a test found.
   *
   * @param passed whether the model works here as its author says
   * @param words one line
   */
  record Verdict(boolean passed, String words) {}

  /**
   * Checks the hashes of a model's files and runs it on the examples of its card; where the card
   * has none, runs it on anything, where that is possible.
   *
   * @param model its name or path
   */
  Verdict test(String model) {
    String name = "Model " + model.strip() + ": ";
    Entry entry = catalogue().entry(model);
    try {
      ModelCard card = entry.card();
      card.files().forEach(CardFile::verify);
      boolean comparable = card.tests().filter(t -> !t.processed()).isPresent();
      if (comparable) {
        ModelTest.Result result = ModelTest.run(card);
        return new Verdict(result.passed(), name + "files as described; " + result.describe());
      }
      String missing = "files as described; its card has no test tensors to compare with; ";
      if (card.condition().isPresent()) {
        return new Verdict(true, name + missing + "not run.");
      }
      ProviderTrial trial = ProviderTrial.run(card, Device.CPU);
      return new Verdict(trial.works(), name + missing + trial.words());
    } catch (DiffusionException e) {
      return new Verdict(false, name + "FAILED: " + e.getMessage());
    }
  }

  /**
   * Installs a model.
   *
   * @param source a folder, a zip file or an ONNX file, as text
   * @param into where to, as text; empty for the usual folder
   * @param replace whether a model of that name may be replaced
   * @param options fields of the card of an ONNX file that has none, see {@link BareNetworks}
   * @param complete lets the user complete such a card; empty where he does not want to go on
   * @return name of the model; empty where the user did not want to go on
   */
  Optional<String> install(
      String source,
      String into,
      boolean replace,
      String options,
      Function<CardDraft, Optional<CardDraft>> complete) {
    Path from = path(source);
    Path folder = into.isBlank() ? home() : path(into);
    boolean bare = Sidecar.isOnnx(from) && Sidecar.find(from).isEmpty();
    if (!bare && !options.isBlank()) {
      throw new DiffusionException(
          "The options \""
              + options.strip()
              + "\" are for an ONNX file without a card, but "
              + from
              + (Sidecar.isOnnx(from) ? " has one" : " is none")
              + "; leave them out.");
    }
    Optional<Path> installed =
        bare
            ? complete
                .apply(BareNetworks.propose(from, options))
                .map(draft -> ModelInstaller.install(draft, folder, replace))
            : Optional.of(ModelInstaller.install(from, folder, replace));
    return installed.map(path -> path.getFileName().toString());
  }

  /** Name of a model that installing a source into the usual folder would replace. */
  Optional<String> taken(Path source) {
    return ModelInstaller.taken(source, home());
  }

  /** Whether a model can be removed here. */
  boolean isRemovable(Entry entry) {
    return entry.origin() == Origin.FOLDER || entry.origin() == Origin.PROPERTY;
  }

  /**
   * Removes a model for good.
   *
   * @param model its name
   * @param from the folder that it lies in, as text; empty where the program looks there anyway
   * @return the folder or ONNX file that was removed
   */
  Path remove(String model, String from) {
    if (!from.isBlank()) {
      Path folder = path(from);
      Path named = folder.resolve(path(model));
      Path bare = folder.resolve(path(model + ".onnx"));
      Path path = !Files.exists(named) && Files.exists(bare) ? bare : named;
      ModelInstaller.remove(path, folder);
      return path;
    }
    Entry entry = catalogue().entry(model);
    if (entry.origin() == Origin.BUNDLED) {
      throw new DiffusionException(
          "Model " + entry.name() + " comes with the program and cannot be removed.");
    }
    if (!isRemovable(entry)) {
      throw new DiffusionException(
          "\""
              + model
              + "\" is a path, not the name of an installed model; remove its folder by hand, or"
              + " name the folder that it lies in.");
    }
    ModelInstaller.remove(entry.path(), entry.path().toAbsolutePath().getParent());
    return entry.path();
  }

  private Path home() {
    return home.orElseThrow(
        () ->
            new DiffusionException(
                "No folder of ImageJ is known to install models into; name a folder (into), and"
                    + " start with -D"
                    + ModelCatalogue.FOLDERS_PROPERTY
                    + "= naming it to use them."));
  }

  private static Path path(String text) {
    try {
      return Path.of(text.strip());
    } catch (InvalidPathException e) {
      throw new DiffusionException(
          "\"" + text + "\" is no path of a file or folder: " + e.getReason() + ".", e);
    }
  }
}
