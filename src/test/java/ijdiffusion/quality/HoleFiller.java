package ijdiffusion.quality;

import ijdiffusion.card.ModelCard;
import ijdiffusion.tensor.Tensor;

/** A way to fill a hole that has a line of the table of inpainting. */
interface HoleFiller {
  /** Its name in the table. */
  String title();

  /** Network calls of one sample. */
  int networkCalls(ModelCard card);

  /** Samples in the network's range. */
  Tensor run(HoleTask task);
}
