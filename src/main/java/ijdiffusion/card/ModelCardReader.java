package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads model cards: BioImage.IO model descriptions, format 0.5 or 0.4, with a block {@code config:
 * diffusion:}. A missing, unknown or contradictory field is a {@link DiffusionException} that names
 * it. A folder without a card that diffusers wrote is read by {@link DiffusersReader}.
 */
public final class ModelCardReader {
  /** What a card file may be called, in the order of preference. */
  static final List<String> FILE_NAMES = List.of("rdf.yaml", "bioimageio.yaml", "model.yaml");

  private ModelCardReader() {}

  /**
   * Reads a card. The weights are not read; see {@link ModelCard#loadWeights}.
   *
   * @param folderOrFile a model's folder, or the card file in it, or the {@code model_index.json}
   *     of a diffusers folder
   */
  public static ModelCard read(Path folderOrFile) {
    Optional<Path> diffusers = DiffusersReader.folderOf(folderOrFile);
    if (diffusers.isPresent()) {
      return DiffusersReader.read(diffusers.get());
    }
    Path file =
        Files.isDirectory(folderOrFile)
            ? cardIn(folderOrFile)
                .orElseThrow(
                    () ->
                        new DiffusionException(
                            "Folder "
                                + Weights.show(folderOrFile)
                                + " holds no model card (rdf.yaml); choose another folder."))
            : folderOrFile;
    if (!Files.isRegularFile(file)) {
      throw new DiffusionException("Model card " + Weights.show(file) + " does not exist.");
    }
    String prefix = "Model card " + Weights.show(file) + ": ";
    try {
      return new CardParser(file, Fields.of(CardYaml.load(file))).parse();
    } catch (DiffusionException e) {
      throw new DiffusionException(prefix + e.getMessage(), e);
    } catch (IOException e) {
      throw new DiffusionException(prefix + "it cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /** Whether a folder holds a model, be it broken. */
  static boolean isModel(Path folder) {
    return cardIn(folder).isPresent() || DiffusersReader.folderOf(folder).isPresent();
  }

  /** The card file of a folder. */
  static Optional<Path> cardIn(Path folder) {
    return FILE_NAMES.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }
}
