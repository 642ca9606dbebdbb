package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.FixedSize;
import ijdiffusion.card.ModelCard;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.model.Tiling;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.tensor.Shape;
import java.util.function.ToIntFunction;

/** States of any size before networks that take images of one size only: tile by tile. */
final class FixedTiles {
  private FixedTiles() {}

  /**
   * Tiles of a network's own size. Automatic is an overlap of a quarter of the shorter side, but no
   * more than tiles of free size have.
   *
   * @param card a model of fixed size
   * @param width columns of the state, at least those of the fixed size
   * @param height rows of the state, at least those of the fixed size
   * @param tile what the user wants for the side of a tile; 0 = automatic
   * @param overlap what the user wants for the overlap; 0 = automatic
   * @param multiple what sides and places of tiles must be a multiple of
   * @throws DiffusionException when the user wants tiles of another size
   */
  static Tiling of(ModelCard card, int width, int height, int tile, int overlap, int multiple) {
    FixedSize size = card.image().fixedSize().orElseThrow();
    if (tile != 0 && (tile != size.width() || tile != size.height())) {
      throw new DiffusionException(
          "tile is "
              + tile
              + ", but model "
              + card.name()
              + " takes images of "
              + size
              + " pixels only; leave tile at 0.");
    }
    int side = Math.min(size.width(), size.height());
    int quarter = (Math.min(Tiling.OVERLAP, side / 4) + multiple - 1) / multiple * multiple;
    int shared = overlap == 0 ? Math.min(quarter, side - multiple) : overlap;
    return new Tiling(width, height, size.width(), size.height(), shared, shared / 4, multiple);
  }

  /**
   * How many pixels a side must have for a state of so many: a multiple of what the model takes,
   * and a tile at least.
   *
   * @param wanted pixels of the side
   * @param card the model
   * @param fixed which side of the fixed size it is
   */
  static int padded(int wanted, ModelCard card, ToIntFunction<FixedSize> fixed) {
    int least = Math.max(wanted, card.image().fixedSize().map(fixed::applyAsInt).orElse(1));
    int multiple = card.sizeMultiple();
    return (least + multiple - 1) / multiple * multiple;
  }

  /** Network calls for one look at a whole state: 1 for models of free size. */
  static int count(ModelCard card, int width, int height) {
    return card.image().fixedSize().isEmpty()
        ? 1
        : of(card, width, height, 0, 0, card.sizeMultiple()).tiles();
  }

  /**
   * A network for whole states of one size: itself where it takes that size, else tile by tile.
   *
   * @param network the network
   * @param state (N, C, H, W) of the states
   * @param listener told after every tile; may cancel
   */
  static NoisePredictor whole(
      OnnxPredictor network, Shape state, TiledPredictor.Listener listener) {
    ModelCard card = network.card();
    if (count(card, state.w(), state.h()) == 1) {
      return network;
    }
    Tiling tiling = of(card, state.w(), state.h(), 0, 0, card.sizeMultiple());
    return new TiledPredictor(WindowPredictor.of(network), tiling, listener);
  }
}
