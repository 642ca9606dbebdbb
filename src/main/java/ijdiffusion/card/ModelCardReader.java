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
   * @param folderOrFile a model's folder, or the card file in it, the {@code model_index.json} of a
   *     diffusers folder, or an ONNX file with its card beside it
   */
  public static ModelCard read(Path folderOrFile) {
    Optional<Path> diffusers = DiffusersReader.folderOf(folderOrFile);
    if (diffusers.isPresent()) {
      return DiffusersReader.read(diffusers.get());
    }
    if (Sidecar.isOnnx(folderOrFile)) {
      return read(
          Sidecar.find(folderOrFile)
              .orElseThrow(
                  () ->
                      new DiffusionException(
                          "Network "
                              + Weights.show(folderOrFile)
                              + " has no model card "
                              + Sidecar.of(folderOrFile).getFileName()
                              + " beside it; make one (docs/model-card.md).")));
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

  /** Whether a folder holds a model, be it broken, or an ONNX file has its card beside it. */
  static boolean isModel(Path entry) {
    if (Files.isDirectory(entry)) {
      return cardIn(entry).isPresent() || DiffusersReader.folderOf(entry).isPresent();
    }
    return Sidecar.isOnnx(entry) && Files.isRegularFile(Sidecar.of(entry));
  }

  /** The card file of a folder. */
  static Optional<Path> cardIn(Path folder) {
    return FILE_NAMES.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }
}
