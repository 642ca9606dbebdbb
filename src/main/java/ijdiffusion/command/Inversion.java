package ijdiffusion.command;

import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.DdimInversion;
import ijdiffusion.image.Context;
import ijdiffusion.image.Latent;
import ijdiffusion.image.Plane;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.Locale;

/**
 * Planes to latents and back with one model.
 *
 * @param card the model
 * @param steps noise levels on the way
 * @param variant where the network looks on the way up
 */
record Inversion(ModelCard card, int steps, DdimInversion.Variant variant) {

  /** The variant of a macro's word. */
  static DdimInversion.Variant variant(String key) {
    return DdimInversion.Variant.valueOf(key.toUpperCase(Locale.ROOT));
  }

  /** The levels. */
  Trajectory path() {
    return Trajectory.down(card.schedule(), Grids.of(card, steps));
  }

  /** Up: unclipped, since clipping cannot be inverted. */
  Latent encode(
      OnnxPredictor network,
      Plane plane,
      int bitDepth,
      Monitor monitor,
      TiledPredictor.Listener tiles) {
    Context context = Context.whole(plane, card);
    NoisePredictor whole = FixedTiles.whole(network, context.image().shape(), tiles);
    Tensor noise = new DdimInversion(variant).encode(whole, path(), context.image(), monitor);
    return new Latent(
        noise, context.window(), context.ranges(), plane.width(), plane.height(), bitDepth);
  }

  /** Down again, in the network's range. */
  Tensor decode(
      OnnxPredictor network, Tensor noise, Monitor monitor, TiledPredictor.Listener tiles) {
    NoisePredictor whole = FixedTiles.whole(network, noise.shape(), tiles);
    return new DdimInversion(variant).decode(whole, path(), noise, monitor);
  }

  /** Network calls for one look at all images of a state. */
  int callsPerLook(Tensor state) {
    return state.shape().n() * FixedTiles.count(card, state.shape().w(), state.shape().h());
  }

  /** Network calls on the way up; on the way down there are {@link #steps}. */
  int callsUp() {
    return variant == DdimInversion.Variant.PAPER ? steps - 1 : steps;
  }

  /** What it costs to call the network a number of times on the whole plane. */
  String estimate(Plane plane, int calls) {
    Grids.check(card, steps);
    Window w = Context.whole(plane.width(), plane.height(), Context.View.of(card));
    int images = Context.imagesPerSample(plane, card);
    int tiles = FixedTiles.count(card, w.width(), w.height());
    return Speed.calls(calls)
        + (images == 1 ? "" : " x " + images + " channels")
        + (tiles == 1 ? "" : " x " + tiles + " tiles")
        + " on "
        + w.width()
        + " x "
        + w.height()
        + " pixels";
  }
}
