package ijdiffusion.image;

import ij.ImagePlus;
import ij.gui.PointRoi;
import ij.gui.Roi;
import ij.gui.ShapeRoi;
import ij.plugin.Selection;
import ij.plugin.filter.EDM;
import ij.plugin.filter.ThresholdToSelection;
import ij.process.ByteProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Window;
import java.awt.Point;
import java.awt.Rectangle;

/**
 * Which pixels of a plane are to be filled, and how strongly: 1 in the selection grown by some
 * pixels, falling to 0 over a feather zone outside of it. Only the bounding box of what is filled
 * is kept, so a small selection on a large image stays small.
 */
public final class FillMask {
  private final Window bounds;
  private final float[] weights;

  private FillMask(Window bounds, float[] weights) {
    this.bounds = bounds;
    this.weights = weights;
  }

  /**
   * From the selection of an image.
   *
   * @param image an image with a selection of any kind; lines count with their width, points as
   *     single pixels
   * @param grow pixels by which the selection is enlarged, 0 to 1000
   * @param feather width of the zone outside it in which the fill fades into the image, 0 to 1000
   * @throws DiffusionException when there is no selection, none of it lies on the image, or nothing
   *     of the image is left outside
   */
  public static FillMask ofSelection(ImagePlus image, int grow, int feather) {
    DiffusionException.inRange("grow", grow, 0, 1000);
    DiffusionException.inRange("feather", feather, 0, 1000);
    Roi roi = image.getRoi();
    String title = title(image);
    if (roi == null) {
      throw new DiffusionException(
          title + " has no selection; draw one round the area to be filled and run again.");
    }
    FillMask mask = anySelection(image, roi, grow, feather);
    int reach = grow + feather;
    if (mask.covers(new Rectangle(0, 0, image.getWidth(), image.getHeight()))) {
      throw new DiffusionException(
          "The selection on "
              + title
              + (reach > 0 ? ", grown by " + reach + " pixels," : "")
              + " covers the whole image; leave some of it outside, as context.");
    }
    return mask;
  }

  private static String title(ImagePlus image) {
    return "\"" + image.getTitle() + "\"";
  }

  private boolean covers(Rectangle frame) {
    return filledPixels() == (long) frame.width * frame.height;
  }

  private static FillMask anySelection(ImagePlus image, Roi roi, int grow, int feather) {
    Rectangle frame = new Rectangle(0, 0, image.getWidth(), image.getHeight());
    Rectangle selected = area(roi, frame);
    int reach = grow + feather;
    Rectangle box = new Rectangle(selected);
    box.grow(reach, reach);
    box = box.intersection(frame);
    ByteProcessor inside = selected.isEmpty() ? null : inside(roi, box);
    if (inside == null || inside.getStats().max == 0) {
      throw new DiffusionException(
          "The selection on "
              + title(image)
              + " is empty or lies outside the image; draw one round the area to be filled.");
    }
    float[] weights = weights(inside, box, grow, feather);
    return new FillMask(new Window(box.x, box.y, box.width, box.height), weights);
  }

  /**
   * The selection of an image that limits a change to a part of it.
   *
   * @param image any image
   * @return null without a selection, or where it covers the whole image
   */
  public static FillMask ofLimitingSelection(ImagePlus image) {
    Roi roi = image.getRoi();
    Rectangle frame = new Rectangle(0, 0, image.getWidth(), image.getHeight());
    boolean square = roi != null && roi.getType() == Roi.RECTANGLE && roi.getCornerDiameter() == 0;
    if (roi == null || square && roi.getBounds().contains(frame)) {
      return null;
    }
    FillMask mask = anySelection(image, roi, 0, 0);
    return mask.covers(frame) ? null : mask;
  }

  /**
   * The pixels along the edges of an image.
   *
   * @param w columns of the image
   * @param h rows of the image
   * @param width how many pixels from each edge, at least 1, fewer than half of either side
   */
  public static FillMask ofBorder(int w, int h, int width) {
    float[] weights = new float[Math.multiplyExact(w, h)];
    for (int i = 0; i < weights.length; i++) {
      int x = i % w;
      int y = i / w;
      boolean inside = x >= width && y >= width && x < w - width && y < h - width;
      weights[i] = inside ? 0 : 1;
    }
    return new FillMask(new Window(0, 0, w, h), weights);
  }

  /**
   * The selection shown by a mask image.
   *
   * @param mask white (more than half of its largest value) = area to be filled; not RGB
   * @param width columns the mask must have
   * @param height rows the mask must have
   */
  public static Roi roiOfMask(ImagePlus mask, int width, int height) {
    if (mask.getWidth() != width || mask.getHeight() != height) {
      throw new DiffusionException(
          "Mask \""
              + mask.getTitle()
              + "\" is "
              + mask.getWidth()
              + " x "
              + mask.getHeight()
              + " pixels, but the image is "
              + width
              + " x "
              + height
              + "; give a mask of the image's size.");
    }
    FloatProcessor ip = mask.getProcessor().convertToFloatProcessor();
    double max = ip.getStats().max;
    if (!(max > 0)) {
      throw new DiffusionException(
          "Mask \"" + mask.getTitle() + "\" is black all over; paint the area to be filled white.");
    }
    ip.setThreshold(max / 2, Double.MAX_VALUE, ImageProcessor.NO_LUT_UPDATE);
    return new ThresholdToSelection().convert(ip);
  }

  private static Rectangle area(Roi roi, Rectangle frame) {
    Rectangle r = roi.getBounds();
    if (roi.isLine()) {
      // a line's bounds do not count its width
      int half = (int) Math.ceil(roi.getStrokeWidth() / 2) + 1;
      r = new Rectangle(r.x - half, r.y - half, r.width + 2 * half, r.height + 2 * half);
    } else if (roi instanceof PointRoi) {
      r = new Rectangle(r.x, r.y, r.width + 1, r.height + 1);
    }
    return r.intersection(frame);
  }

  /** 255 where the selection is, 0 elsewhere, in the box. */
  private static ByteProcessor inside(Roi roi, Rectangle box) {
    ByteProcessor out = new ByteProcessor(box.width, box.height);
    if (roi instanceof PointRoi) {
      for (Point p : roi.getContainedPoints()) {
        if (box.contains(p)) {
          out.set(p.x - box.x, p.y - box.y, 255);
        }
      }
      return out;
    }
    Roi area = roi.isLine() ? Selection.lineToArea(roi) : roi;
    if (area == null) {
      return out;
    }
    Rectangle bounds = area.getBounds();
    ImageProcessor mask =
        area.isArea() || area instanceof ShapeRoi ? area.getMask() : new ByteProcessor(1, 1);
    Rectangle common = bounds.intersection(box);
    for (int y = common.y; y < common.y + common.height; y++) {
      for (int x = common.x; x < common.x + common.width; x++) {
        if (mask == null || mask.get(x - bounds.x, y - bounds.y) != 0) {
          out.set(x - box.x, y - box.y, 255);
        }
      }
    }
    return out;
  }

  private static float[] weights(ByteProcessor inside, Rectangle box, int grow, int feather) {
    int n = box.width * box.height;
    float[] weights = new float[n];
    byte[] selected = (byte[]) inside.getPixels();
    float[] distance = null;
    if (grow + feather > 0) {
      ByteProcessor outside = (ByteProcessor) inside.duplicate();
      outside.invert();
      distance = (float[]) new EDM().makeFloatEDM(outside, 0, false).getPixels();
    }
    for (int i = 0; i < n; i++) {
      if (selected[i] != 0) {
        weights[i] = 1;
      } else if (distance != null && distance[i] <= grow + feather) {
        weights[i] = Math.min(1, 1 - (distance[i] - grow) / (feather + 1f));
      }
    }
    return weights;
  }

  /** Bounding box of what is filled, inside the plane. */
  public Window bounds() {
    return bounds;
  }

  /**
   * How strongly a pixel is filled: 1 wholly, 0 not at all.
   *
   * @param x column in the plane; anywhere
   * @param y row in the plane; anywhere
   */
  public float weight(int x, int y) {
    int column = x - bounds.x();
    int row = y - bounds.y();
    if (column < 0 || row < 0 || column >= bounds.width() || row >= bounds.height()) {
      return 0;
    }
    return weights[row * bounds.width() + column];
  }

  /** The outline of exactly the pixels with a weight above 0. */
  public Roi toRoi() {
    ByteProcessor filled = new ByteProcessor(bounds.width(), bounds.height());
    for (int i = 0; i < weights.length; i++) {
      filled.set(i, weights[i] > 0 ? 255 : 0);
    }
    filled.setThreshold(255, 255, ImageProcessor.NO_LUT_UPDATE);
    Roi roi = new ThresholdToSelection().convert(filled);
    roi.setLocation(roi.getXBase() + bounds.x(), roi.getYBase() + bounds.y());
    return roi;
  }

  /** Pixels with a weight above 0. */
  public int filledPixels() {
    int n = 0;
    for (float w : weights) {
      if (w > 0) {
        n++;
      }
    }
    return n;
  }
}
