package ijdiffusion.command;

import ij.IJ;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.card.ValueRange;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.onnx.OnnxPredictor;
import java.nio.file.Path;
import java.util.List;

/** The models of this ImageJ: bundled ones and those in its folder {@code models/diffusion}. */
final class Models {
  private Models() {}

  /** Looks anew at every call, so that a model copied into the folder is there at once. */
  static ModelCatalogue catalogue() {
    String home = IJ.getDirectory("imagej");
    return ModelCatalogue.standard(
        home == null ? List.of() : List.of(Path.of(home, "models", "diffusion")));
  }

  /** A network with its clean image limited to its range, if its card says so. */
  static NoisePredictor clipped(OnnxPredictor network) {
    ValueRange range = network.card().valueRange();
    return network.card().clip() ? network.clipped(range.min(), range.max()) : network;
  }

  /** The network of a run, tile by tile, with its clean image limited as its card says. */
  static NoisePredictor predictor(PlaneMethod.Job job) {
    return limited(
        job,
        new TiledPredictor(WindowPredictor.of(job.network()), job.tiling(), job.tileListener()));
  }

  private static NoisePredictor limited(PlaneMethod.Job job, NoisePredictor tiled) {
    ModelCard card = job.network().card();
    return card.clip() ? tiled.clipped(card.valueRange().min(), card.valueRange().max()) : tiled;
  }
}
