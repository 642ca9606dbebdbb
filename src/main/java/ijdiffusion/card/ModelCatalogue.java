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

  private final Map<String, Path> models;

  /**
   * Looks what is there now.
   *
   * @param folders folders of model folders; those that do not exist hold no models
   */
  public ModelCatalogue(List<Path> folders) {
    models = new LinkedHashMap<>(BundledModels.folders());
    for (Path folder : folders) {
      for (Path model : modelsIn(folder)) {
        models.putIfAbsent(Sidecar.name(model), model);
      }
    }
  }

  /**
   * The catalogue every command uses.
   *
   * @param extra folders to look in, before those of the system property {@code diffusion.models}
   */
  public static ModelCatalogue standard(List<Path> extra) {
    List<Path> folders = new ArrayList<>(extra);
    String property = System.getProperty(FOLDERS_PROPERTY, "");
    for (String folder : property.split(Pattern.quote(File.pathSeparator), -1)) {
      if (!folder.isBlank()) {
        folders.add(Path.of(folder.strip()));
      }
    }
    return new ModelCatalogue(folders);
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
    String wanted = nameOrPath.strip();
    Path known = models.get(wanted);
    if (known != null) {
      return ModelCardReader.read(known);
    }
    if (!wanted.isEmpty()) {
      try {
        Path path = Path.of(wanted);
        if (Files.exists(path)) {
          return ModelCardReader.read(path);
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
