package ijdiffusion.image;

import ij.gui.Roi;
import ij.io.RoiDecoder;
import ij.io.RoiEncoder;
import ijdiffusion.DiffusionException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A selection as a line of text: ImageJ's .roi format, gzip, Base64. {@code base64 -d | gunzip >
 * selection.roi} makes the file of it again.
 */
public final class StoredSelection {
  /** A mask of many thousand particles has some megabytes; more is not a selection. */
  private static final int MOST_BYTES = 1 << 26;

  private StoredSelection() {}

  /** The text of a selection. */
  public static String toText(Roi roi) {
    byte[] bytes = RoiEncoder.saveAsByteArray(roi);
    if (bytes == null) {
      throw new IllegalArgumentException("ImageJ cannot store " + roi);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new IllegalStateException("Memory cannot fail", e);
    }
    return Base64.getEncoder().encodeToString(out.toByteArray());
  }

  /**
   * The selection of a text.
   *
   * @throws DiffusionException when it is not one that {@link #toText} wrote
   */
  public static Roi parse(String text) {
    try (GZIPInputStream zip =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(text)))) {
      Roi roi = RoiDecoder.openFromByteArray(zip.readNBytes(MOST_BYTES));
      if (roi != null) {
        return roi;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new DiffusionException(damaged(text), e);
    }
    throw new DiffusionException(damaged(text));
  }

  private static String damaged(String text) {
    String start = text.length() > 20 ? text.substring(0, 20) + "..." : text;
    return "The selection in the record, \""
        + start
        + "\", is damaged; draw the selection anew and run the command itself.";
  }
}
