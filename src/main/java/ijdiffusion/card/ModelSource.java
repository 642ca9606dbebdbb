package ijdiffusion.card;

import java.io.IOException;
import java.nio.file.Path;

/** A kind of thing that a model can be installed from. */
interface ModelSource {
  /** Whether this is a thing of that kind. */
  boolean accepts(Path source);

  /** What the model may be called, to be made a legal name of a folder. */
  String name(Path source);

  /**
   * Puts the model's files into an empty folder, its card at the top of it.
   *
   * @throws ijdiffusion.DiffusionException when the source holds what no model should
   */
  void unpack(Path source, Path into) throws IOException;
}
