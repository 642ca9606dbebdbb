package ijdiffusion.image;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.ImageStack;
import ij.gui.Overlay;
import ij.process.ImageProcessor;
import ij.process.LUT;
import java.util.Collections;
import java.util.List;

/** New images that keep what the user's image had. */
public final class ResultImage {
  private ResultImage() {}

  /**
   * A copy of an image's current plane with all that goes with it: what a run works on, so that it
   * does not matter what the user does to the image, or which plane is shown, before it ends.
   *
   * @param source the user's image
   * @return one plane, without a selection
   * @throws ijdiffusion.DiffusionException on an 8-bit colour image, see {@link Plane}
   */
  public static ImagePlus still(ImagePlus source) {
    ImageProcessor ip = new Plane(source).copy().processors().get(0);
    return like(source, source.getTitle(), List.of(ip), Collections.singletonList(null));
  }

  /**
   * An image of planes that stand in for the current plane of another image: with its calibration,
   * colour table, display range, overlay, properties, Info and slice label.
   *
   * @param source the user's image
   * @param title title of the new image
   * @param planes one or more planes of the source's size
   * @param labels slice labels, one a plane; null entries take the source's
   */
  public static ImagePlus like(
      ImagePlus source, String title, List<ImageProcessor> planes, List<String> labels) {
    ImagePlus out = copyOf(source, title, planes, labels);
    ImageProcessor ip = out.getProcessor();
    if (source instanceof CompositeImage composite) {
      LUT lut = composite.getChannelLut();
      ip.setColorModel(lut);
      out.getStack().setColorModel(lut);
    }
    if (out.getType() != ImagePlus.COLOR_RGB) {
      out.setDisplayRange(source.getDisplayRangeMin(), source.getDisplayRangeMax());
    }
    return out;
  }

  /**
   * An image of derived values, with everything of the source but colours and display range.
   *
   * @param source the user's image
   * @param title title of the new image
   * @param planes one or more planes of one size
   * @param labels slice labels, one a plane
   */
  public static ImagePlus derived(
      ImagePlus source, String title, List<ImageProcessor> planes, List<String> labels) {
    ImagePlus out = copyOf(source, title, planes, labels);
    // grey values are those of the source, without its calibration function
    out.getCalibration().disableDensityCalibration();
    out.resetDisplayRange();
    return out;
  }

  private static ImagePlus copyOf(
      ImagePlus source, String title, List<ImageProcessor> planes, List<String> labels) {
    String sourceLabel = label(source);
    ImageStack stack = new ImageStack(planes.get(0).getWidth(), planes.get(0).getHeight());
    for (int i = 0; i < planes.size(); i++) {
      stack.addSlice(labels.get(i) == null ? sourceLabel : labels.get(i), planes.get(i));
    }
    ImagePlus out = new ImagePlus(title, stack);
    out.setCalibration(source.getCalibration().copy());
    out.setProperties(source.getPropertiesAsArray());
    if (source.getInfoProperty() != null) {
      out.setProperty("Info", source.getInfoProperty());
    }
    if (planes.size() == 1 && stack.getSliceLabel(1) != null) {
      out.setProp("Slice_Label", stack.getSliceLabel(1));
    }
    Overlay overlay = source.getOverlay();
    if (overlay != null) {
      out.setOverlay(ofCurrentPlane(source, overlay.duplicate()));
      out.setHideOverlay(source.getHideOverlay());
    }
    return out;
  }

  private static String label(ImagePlus source) {
    return source.hasImageStack()
        ? source.getStack().getSliceLabel(source.getCurrentSlice())
        : source.getProp("Slice_Label");
  }

  private static Overlay ofCurrentPlane(ImagePlus source, Overlay overlay) {
    if (source.isHyperStack()) {
      overlay.crop(
          source.getC(), source.getC(), source.getZ(), source.getZ(), source.getT(), source.getT());
    } else if (source.getStackSize() > 1) {
      overlay.crop(source.getCurrentSlice(), source.getCurrentSlice());
    }
    return overlay;
  }
}
