package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A model that is no folder: {@code x.onnx} with its card {@code x.rdf.yaml} beside it. */
public final class Sidecar {
  private static final String ONNX = ".onnx";

  private Sidecar() {}

  /** Whether a path is that of an ONNX file, by its name. */
  public static boolean isOnnx(Path path) {
    Path name = path.getFileName();
    return name != null
        && name.toString().toLowerCase(Locale.ROOT).endsWith(ONNX)
        && Files.isRegularFile(path);
  }

  /** Where the card of an ONNX file belongs, whether it is there or not. */
  public static Path of(Path onnx) {
    return onnx.resolveSibling(name(onnx) + ".rdf.yaml");
  }

  /**
   * The card of an ONNX file: the one beside it, else the folder's, if that one is about this file.
   */
  public static Optional<Path> find(Path onnx) {
    Path own = of(onnx);
    if (Files.isRegularFile(own)) {
      return Optional.of(own);
    }
    Path file = onnx.toAbsolutePath().normalize();
    return ModelCardReader.cardIn(file.getParent()).filter(card -> isAbout(card, file));
  }

  private static boolean isAbout(Path card, Path file) {
    try {
      return ModelCardReader.read(card).weights().file().equals(file);
    } catch (DiffusionException e) {
      return false; // a broken card is about nothing
    }
  }

  /**
   * Its card, the ONNX file, and the file of its weights where that is beside it and called after
   * it, as exporters call it: an ONNX file could name any other, which is not its own.
   */
  static List<Path> pieces(Path onnx) {
    List<Path> pieces = new ArrayList<>(List.of(of(onnx), onnx));
    Path folder = onnx.toAbsolutePath().normalize().getParent();
    String name = onnx.getFileName().toString();
    weightsOf(onnx)
        .filter(data -> data.getParent().equals(folder))
        .filter(data -> data.getFileName().toString().startsWith(name))
        .ifPresent(pieces::add);
    return pieces;
  }

  private static Optional<Path> weightsOf(Path onnx) {
    try {
      return Weights.unstated(onnx).externalData().map(CardFile::file);
    } catch (DiffusionException e) {
      return Optional.empty(); // a broken network has none that can be told
    }
  }

  /** The name of a model: that of its folder, or of its ONNX file without the ending. */
  static String name(Path model) {
    String name = model.getFileName().toString();
    return isOnnx(model) ? name.substring(0, name.length() - ONNX.length()) : name;
  }

  /**
   * A network without a card.
   *
   * @return the file, the one that its weights are in where it has them elsewhere, and their
   *     SHA-256
   * @throws DiffusionException when it cannot be read, or names files that cannot be taken
   */
  public static Weights weights(Path onnx) {
    return Weights.hashed(onnx.toAbsolutePath().normalize());
  }
}
