package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.image.Limits;
import ijdiffusion.model.Tiling;
import ijdiffusion.onnx.Device;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What commands on planes of an image have in common.
 *
 * @param planes which planes: current, all, or a range of stack indices
 * @param limits which grey values go to the ends of the network's range
 * @param seed seed of the noise
 * @param samples number of samples, at least 1
 * @param marks whether the result has an overlay that marks what was made up
 * @param tile side of a tile, 0 = automatic
 * @param overlap pixels that tiles share, 0 = automatic
 * @param folder where to write the planes of the result, or empty to keep them in memory
 * @param device where the network runs
 * @param threads threads of the network on a CPU, 0 = physical cores
 */
record PlaneSettings(
    String planes,
    Limits limits,
    long seed,
    int samples,
    boolean marks,
    int tile,
    int overlap,
    Optional<Path> folder,
    Device device,
    int threads) {

  /** The folder of a macro's text; empty for none. */
  static Optional<Path> folder(String text) {
    try {
      return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text.trim()));
    } catch (InvalidPathException e) {
      throw new DiffusionException(
          "folder is \"" + text + "\", which is not a path: " + e.getReason() + ".", e);
    }
  }

  /**
   * How a state is cut up.
   *
   * @param width its columns
   * @param height its rows
   * @param card the model
   * @param multiple what sides and places of tiles must be a multiple of
   */
  Tiling tiling(int width, int height, ModelCard card, int multiple) {
    if (card.image().fixedSize().isPresent()) {
      return FixedTiles.of(card, width, height, tile, overlap, multiple);
    }
    if (tile == 0 && overlap == 0) {
      return Tiling.automatic(width, height, multiple, NetworkMemory.pixels(card));
    }
    int side = tile == 0 ? Math.max(1, Tiling.TILE / multiple) * multiple : tile;
    return overlap == 0
        ? Tiling.ofTile(width, height, side, multiple)
        : Tiling.of(width, height, side, overlap, multiple);
  }
}
