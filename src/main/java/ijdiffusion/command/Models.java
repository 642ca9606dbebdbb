package ijdiffusion.command;

import ij.IJ;
import ijdiffusion.card.ModelCatalogue;
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
}
