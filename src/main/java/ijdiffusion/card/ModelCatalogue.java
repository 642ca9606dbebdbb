package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The models at hand: the bundled ones, and in the folders given every subfolder with a model card,
 * or that diffusers wrote, and every ONNX file with its card beside it. A name always means the
 * first model of that name, bundled ones first; a path tells others apart.
 */
public final class ModelCatalogue {
  /** System property with further folders, separated as in a class path. */
  public static final String FOLDERS_PROPERTY = "diffusion.models";

  /** Where a model was found. */
  public enum Origin {
    /** It comes with the program. */
    BUNDLED("comes with the program"),
    /** In a folder that whoever asks named: ImageJ's own. */
    FOLDER("in ImageJ's folder of models"),
    /** In a folder of the system property. */
    PROPERTY("in a folder of -D" + FOLDERS_PROPERTY),
    /** A user gave its path. */
    PATH("given by its path");

    private final String words;

    Origin(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /**
   * A model, which may be broken.
   *
   * @param name by which it is asked for
   * @param origin where it was found
   * @param path its folder, or its ONNX file with the card beside it
   */
  public record Entry(String name, Origin origin, Path path) {
    /** Its card; throws where that is broken. */
    public ModelCard card() {
      return ModelCardReader.read(path);
    }
  }

  private final Map<String, Entry> models = new LinkedHashMap<>();

  /**
   * Looks what is there now.
   *
   * @param folders folders of model folders; those that do not exist hold no models
   */
  public ModelCatalogue(List<Path> folders) {
    this(folders, List.of());
  }

  private ModelCatalogue(List<Path> folders, List<Path> furtherFolders) {
    BundledModels.folders()
        .forEach((name, path) -> models.put(name, new Entry(name, Origin.BUNDLED, path)));
    folders.forEach(folder -> add(folder, Origin.FOLDER));
    furtherFolders.forEach(folder -> add(folder, Origin.PROPERTY));
  }

  private void add(Path folder, Origin origin) {
    for (Path model : modelsIn(folder)) {
      String name = Sidecar.name(model);
      models.putIfAbsent(name, new Entry(name, origin, model));
    }
  }

  /**
   * The catalogue every command uses.
   *
   * @param extra folders to look in, before those of the system property {@code diffusion.models}
   */
  public static ModelCatalogue standard(List<Path> extra) {
    List<Path> folders = new ArrayList<>();
    String property = System.getProperty(FOLDERS_PROPERTY, "");
    for (String folder : property.split(Pattern.quote(File.pathSeparator), -1)) {
      if (!folder.isBlank()) {
        folders.add(Path.of(folder.strip()));
      }
    }
    return new ModelCatalogue(extra, folders);
  }

  /** Names of all models, bundled ones first; a model with a broken card is among them. */
  public List<String> names() {
    return List.copyOf(models.keySet());
  }

  /**
   * The card of a model.
   *
   * @param nameOrPath one of {@link #names}, or the path of a model's folder, card file or ONNX
   *     file
   * @throws DiffusionException when there is no such model or its card is broken
   */
  public ModelCard find(String nameOrPath) {
    return entry(nameOrPath).card();
  }

  /** All models, bundled ones first. */
  public List<Entry> entries() {
    return List.copyOf(models.values());
  }

  /**
   * Where a model is.
   *
   * @param nameOrPath as in {@link #find}
   * @throws DiffusionException when there is no such model
   */
  public Entry entry(String nameOrPath) {
    String wanted = nameOrPath.strip();
    Entry known = models.get(wanted);
    if (known != null) {
      return known;
    }
    if (!wanted.isEmpty()) {
      try {
        Path path = Path.of(wanted);
        if (Files.exists(path)) {
          Path whole = path.toAbsolutePath().normalize();
          String name = whole.getFileName() == null ? wanted : Sidecar.name(whole);
          return new Entry(name, Origin.PATH, path);
        }
      } catch (InvalidPathException e) {
        throw unknown(wanted, e);
      }
    }
    throw unknown(wanted, null);
  }

  private DiffusionException unknown(String wanted, Throwable cause) {
    return new DiffusionException(
        "There is no model \""
            + wanted
            + "\"; known are "
            + (models.isEmpty() ? "none" : String.join(", ", models.keySet()))
            + ", and a model's folder can be given by its path.",
        cause);
  }

  private static List<Path> modelsIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !entry.getFileName().toString().startsWith("."))
          .filter(ModelCardReader::isModel)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new DiffusionException(
          "Folder " + folder + " cannot be searched for models: " + e.getMessage() + ".", e);
    }
  }
}
