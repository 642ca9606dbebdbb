package ijdiffusion.command;

import ij.ImagePlus;
import ij.gui.Roi;
import ijdiffusion.image.Invented;

/**
 * What a run made up, to be marked on its result.
 *
 * @param any whether there is anything
 * @param region where, or null for everywhere
 * @param legend what there is to say of the uncertainty; empty for nothing
 */
record InventedMarks(boolean any, Roi region, String legend) {
  /**
   * Adds the marks to an image's overlay.
   *
   * @param image the result
   * @param slice stack index of the plane that was made, or 0 for all planes
   */
  void drawOn(ImagePlus image, int slice) {
    if (any) {
      Invented.mark(image, region, slice, legend);
    }
  }
}
