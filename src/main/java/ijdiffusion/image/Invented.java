package ijdiffusion.image;

import ij.ImagePlus;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.gui.TextRoi;
import java.awt.Color;
import java.awt.Font;
import java.awt.Rectangle;

/**
 * Marks on an image, as an overlay, of which pixels a model made up: a tint and an outline of
 * exactly the pixels that may differ from the input, and a legend. Where all pixels were made up, a
 * tint would say nothing: there is a frame. No pixel changes, and what the overlay held stays.
 */
public final class Invented {
  /** Name of the tint; the outline's and the legend's begin with it. */
  public static final String NAME = "invented (diffusion)";

  private static final String LEGEND = NAME + " legend";

  /** Orange of the palette of Okabe and Ito, told from grey and from each other by all eyes. */
  private static final Color COLOUR = new Color(230, 159, 0);

  private static final Color TINT = new Color(230, 159, 0, 56);
  private static final Color BEHIND_TEXT = new Color(0, 0, 0, 150);

  /** Width of a letter as a share of the font's size, nearly. */
  private static final double LETTER = 0.6;

  private Invented() {}

  /**
   * Adds the marks.
   *
   * @param image the result
   * @param region what was made up, or null for all of it
   * @param slice stack index of the plane that has it, or 0 for all planes
   * @param legend further lines below the name, each one ending the last; empty for none
   */
  public static void mark(ImagePlus image, Roi region, int slice, String legend) {
    Overlay overlay = image.getOverlay() == null ? new Overlay() : image.getOverlay();
    if (region == null) {
      Roi frame = new Roi(0, 0, image.getWidth(), image.getHeight());
      add(overlay, image, outlined(frame), slice, NAME + " frame");
    } else {
      Roi tint = (Roi) region.clone();
      tint.setFillColor(TINT);
      add(overlay, image, tint, slice, NAME);
      add(overlay, image, outlined((Roi) region.clone()), slice, NAME + " outline");
    }
    String text = (region == null ? "all pixels " : "") + NAME;
    Roi words = words(image, overlay, legend.isEmpty() ? text : text + "\n" + legend);
    add(overlay, image, words, slice, LEGEND);
    image.setOverlay(overlay);
  }

  private static Roi outlined(Roi roi) {
    roi.setFillColor(null);
    roi.setStrokeColor(COLOUR);
    roi.setStrokeWidth(1);
    return roi;
  }

  private static void add(Overlay overlay, ImagePlus image, Roi roi, int slice, String name) {
    roi.setName(name);
    if (slice > 0 && image.isHyperStack()) {
      int[] p = image.convertIndexToPosition(slice);
      roi.setPosition(p[0], p[1], p[2]);
    } else {
      roi.setPosition(slice);
    }
    overlay.add(roi);
  }

  /** Text at the lower left, above legends of earlier runs. */
  private static Roi words(ImagePlus image, Overlay overlay, String text) {
    String[] lines = text.split("\n", -1);
    int longest = 0;
    for (String line : lines) {
      longest = Math.max(longest, line.length());
    }
    double fits = Math.min(image.getWidth() / (LETTER * longest), image.getHeight() / 20.0);
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, (int) Math.max(6, Math.min(48, fits)));
    int bottom = image.getHeight();
    for (Roi roi : overlay) {
      if (LEGEND.equals(roi.getName())) {
        Rectangle earlier = roi.getBounds();
        bottom = Math.min(bottom, earlier.y);
      }
    }
    TextRoi words = new TextRoi(0, 0, text, font);
    words.setAntiAlias(true);
    words.setStrokeColor(COLOUR);
    words.setFillColor(BEHIND_TEXT);
    words.setLocation(1, Math.max(0, bottom - words.getBounds().height - 1));
    return words;
  }
}
