package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.List;
import java.util.Optional;

/**
 * Puts models into a folder of models, and takes them out again. What comes in is from strangers:
 * it is unpacked into a hidden folder beside the others, checked there, and moved to its name in
 * one go; when anything is wrong, nothing is left behind.
 *
 * <p>A model has at most 1000 files and folders, at most 8 deep, and 8 GB; a zip file may grow to
 * 100 times its size. Links, encrypted and doubled entries, and paths that lead elsewhere or that
 * some system does not allow are refused. Hidden files are left out.
 */
public final class ModelInstaller {
  /** Hidden, so that {@link ModelCatalogue} does not take a half-made model for one. */
  private static final String TEMPORARY = ".installing-";

  private static final String RETIRED = ".removing-";
  private static final int MAX_NAME = 64;

  /** All kinds of things that a model can be installed from; the first that accepts one has it. */
  private static final List<ModelSource> SOURCES =
      List.of(new FolderSource(), new ZipSource(), new SidecarSource());

  private ModelInstaller() {}

  /**
   * As {@link #install(Path, Path, boolean)}, refusing a name that is taken.
   *
   * @return the model's folder
   */
  public static Path install(Path source, Path modelsFolder) {
    return install(source, modelsFolder, false);
  }

  /**
   * Installs a model. Its name is that of the folder or file, with a hyphen for whatever is not a
   * letter of English, a digit, a dot, a hyphen or an underscore.
   *
   * @param source a model's folder, a zip file of one, or an ONNX file with its card beside it
   * @param modelsFolder where to; made when it does not exist
   * @param replace whether a model of that name may be replaced
   * @return the model's folder
   * @throws DiffusionException when the source is no model, its card or a hash is wrong, or it
   *     holds what no model should
   */
  public static Path install(Path source, Path modelsFolder, boolean replace) {
    ModelSource kind =
        SOURCES.stream()
            .filter(s -> s.accepts(source))
            .findFirst()
            .orElseThrow(
                () ->
                    new DiffusionException(
                        "Model source "
                            + source
                            + (Files.exists(source) ? " is no model" : " does not exist")
                            + "; it must be a model's folder, a .zip file of one, or an .onnx file"
                            + " with its card beside it."));
    return install(kind, source, modelsFolder, replace);
  }

  /**
   * Installs a network with the card that was proposed for it, as {@code NAME/model.onnx} and
   * {@code NAME/rdf.yaml}.
   *
   * @param draft the card; complete
   * @param modelsFolder where to; made when it does not exist
   * @param replace whether a model of that name may be replaced
   * @return the model's folder
   */
  public static Path install(CardDraft draft, Path modelsFolder, boolean replace) {
    draft.card(); // complains where something is missing
    return install(new DraftSource(draft), draft.file(), modelsFolder, replace);
  }

  private static Path install(ModelSource kind, Path source, Path modelsFolder, boolean replace) {
    String name = legal(kind.name(source), source);
    Path target = modelsFolder.resolve(name);
    checkFree(name, target, replace);
    Path temporary = null;
    try {
      Files.createDirectories(modelsFolder);
      temporary = Files.createTempDirectory(modelsFolder, TEMPORARY);
      Path folder = Files.createDirectory(temporary.resolve(name));
      kind.unpack(source, folder);
      ModelCard card = ModelCardReader.read(folder);
      card.files().forEach(CardFile::verify);
      moveIn(folder, target, modelsFolder, replace);
      return target;
    } catch (DiffusionException e) {
      throw failed(source, temporary, name, e);
    } catch (IOException | UncheckedIOException e) {
      throw failed(source, temporary, name, e);
    } finally {
      if (temporary != null) {
        deleteQuietly(temporary);
      }
    }
  }

  /**
   * What would be in the way.
   *
   * @param source what is to be installed
   * @param modelsFolder where to
   * @return name of the model there, which would have to be replaced; empty where there is none
   */
  public static Optional<String> taken(Path source, Path modelsFolder) {
    Optional<String> name =
        Sidecar.isOnnx(source)
            ? Optional.of(Sidecar.name(source))
            : SOURCES.stream().filter(s -> s.accepts(source)).findFirst().map(s -> s.name(source));
    return name.map(n -> legal(n, source))
        .filter(n -> Files.exists(modelsFolder.resolve(n), LinkOption.NOFOLLOW_LINKS));
  }

  /**
   * Removes a model that lies right in the folder of models: a folder with a card or made by
   * diffusers, or an ONNX file with its card, and the file that its weights are in if that is
   * called after it.
   *
   * @param model its folder, or its ONNX file
   * @throws DiffusionException when it lies elsewhere, is a link or is no model
   */
  public static void remove(Path model, Path modelsFolder) {
    try {
      boolean bare = Sidecar.isOnnx(model);
      boolean inside =
          (bare || Files.isDirectory(model))
              && !Files.isSymbolicLink(model)
              && modelsFolder.toRealPath().equals(model.toRealPath().getParent());
      if (!inside) {
        throw new DiffusionException(
            "Model "
                + model
                + " cannot be removed, for it is no model in "
                + modelsFolder
                + "; remove it by hand.");
      }
      if (bare ? !Files.isRegularFile(Sidecar.of(model)) : !ModelCardReader.isModel(model)) {
        throw new DiffusionException(
            (bare ? "File " : "Folder ")
                + model
                + " cannot be removed, for it "
                + (bare ? "has no model card beside it (" : "holds no model card (")
                + (bare ? Sidecar.of(model).getFileName() : "rdf.yaml")
                + ") and may be something else; remove it by hand.");
      }
      List<Path> pieces = bare ? Sidecar.pieces(model) : List.of(model);
      Path retired = Files.createTempDirectory(modelsFolder, RETIRED);
      try {
        // in one go, the card of a file first, so that a model is there whole or not at all
        for (int i = 0; i < pieces.size(); i++) {
          Files.move(pieces.get(i), retired.resolve("" + i), StandardCopyOption.ATOMIC_MOVE);
        }
      } finally {
        delete(retired);
      }
    } catch (IOException e) {
      throw new DiffusionException(
          "Model " + model + " cannot be removed: " + e.getMessage() + ".", e);
    }
  }

  /** A name that every system takes and that needs no quotes in a macro. */
  static String legal(String name, Path source) {
    String plain =
        Normalizer.normalize(name, Normalizer.Form.NFKD)
            .replaceAll("\\p{M}", "")
            .replaceAll("[^A-Za-z0-9._-]+", "-")
            .replaceAll("^[.-]+", "");
    String cut = plain.substring(0, Math.min(MAX_NAME, plain.length())).replaceAll("[.-]+$", "");
    if (cut.isEmpty() || cut.matches("(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?")) {
      throw new DiffusionException(
          "Model source "
              + source
              + " makes no name for a model; rename it to letters of English.");
    }
    return cut;
  }

  private static void checkFree(String name, Path target, boolean replace) {
    for (String bundled : BundledModels.folders().keySet()) {
      if (bundled.equalsIgnoreCase(name)) {
        throw new DiffusionException(
            "Model name "
                + name
                + " belongs to a model that comes with the program; rename the folder or"
                + " file.");
      }
    }
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !replace) {
      throw new DiffusionException(
          "There is a model "
              + name
              + " in "
              + target.getParent()
              + " already; ask for it to be"
              + " replaced, or rename the folder or file.");
    }
  }

  /** The old model is moved aside first and comes back when the new one cannot be moved in. */
  private static void moveIn(Path folder, Path target, Path modelsFolder, boolean replace)
      throws IOException {
    if (!replace || !Files.isDirectory(target)) {
      Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    Path retired = Files.createTempDirectory(modelsFolder, RETIRED);
    Path old = retired.resolve("model");
    Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
    try {
      Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
      Files.delete(retired);
      throw e;
    }
    deleteQuietly(retired);
  }

  private static DiffusionException failed(
      Path source, Path temporary, String name, Exception cause) {
    String message = String.valueOf(cause.getMessage());
    if (temporary != null) {
      // where it was unpacked is gone by now; the user knows the source
      message = message.replace(temporary.resolve(name).toString(), source.toString());
    }
    return new DiffusionException(
        "Model " + source + " cannot be installed: " + message.replaceAll("\\.$", "") + ".", cause);
  }

  private static void deleteQuietly(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      // hidden, and no model: it does no harm, and the error that matters is another one
    }
  }

  /** Does not follow links. */
  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
