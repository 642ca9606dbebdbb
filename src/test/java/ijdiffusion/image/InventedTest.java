package ijdiffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.gui.EllipseRoi;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.PointRoi;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.ShapeRoi;
import ij.gui.TextRoi;
import ij.io.FileSaver;
import ij.process.ByteProcessor;
import ijdiffusion.DiffusionException;
import java.awt.Color;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Selections kept in records, and marks of what was made up. */
class InventedTest {
  private static final int W = 90;
  private static final int H = 70;

  private static ImagePlus image() {
    ByteProcessor ip = new ByteProcessor(W, H);
    for (int i = 0; i < W * H; i++) {
      ip.set(i, i % 251);
    }
    return new ImagePlus("a", ip);
  }

  static List<Roi> selections() {
    float[] x = {10.3f, 60.8f, 44.1f, 20.6f};
    float[] y = {5.2f, 11.7f, 52.4f, 40.9f};
    Roi rounded = new Roi(12, 9, 40, 30, 12);
    Roi line = new ij.gui.Line(5, 6, 70, 50);
    line.setStrokeWidth(4);
    return List.of(
        new Roi(12, 9, 40, 30),
        rounded,
        new OvalRoi(20, 15, 41, 33),
        new OvalRoi(-10, 30, 40, 60),
        new PolygonRoi(x, y, Roi.POLYGON),
        new PolygonRoi(x, y, Roi.FREEROI),
        new EllipseRoi(10, 10, 70, 50, 0.4),
        new ShapeRoi(new Roi(10, 10, 40, 40)).not(new ShapeRoi(new OvalRoi(20, 20, 15, 15))),
        new PointRoi(new float[] {3, 40, 60}, new float[] {4, 41, 20}),
        line);
  }

  private static void assertSame(FillMask a, FillMask b) {
    for (int y = 0; y < H; y++) {
      for (int x = 0; x < W; x++) {
        assertEquals(a.weight(x, y), b.weight(x, y), x + ", " + y);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("selections")
  void aStoredSelectionFillsTheSamePixels(Roi roi) {
    ImagePlus image = image();
    image.setRoi((Roi) roi.clone());
    FillMask mask = FillMask.ofSelection(image, 3, 2);
    String text = StoredSelection.toText(image.getRoi());
    assertTrue(text.matches("[A-Za-z0-9+/=]+"), text);
    ImagePlus other = image();
    other.setRoi(StoredSelection.parse(text));
    assertSame(mask, FillMask.ofSelection(other, 3, 2));
  }

  @ParameterizedTest
  @MethodSource("selections")
  void theOutlineHoldsExactlyTheFilledPixels(Roi roi) {
    ImagePlus image = image();
    image.setRoi((Roi) roi.clone());
    FillMask mask = FillMask.ofSelection(image, 1, 2);
    Roi outline = mask.toRoi();
    int n = 0;
    for (int y = 0; y < H; y++) {
      for (int x = 0; x < W; x++) {
        assertEquals(mask.weight(x, y) > 0, outline.contains(x, y), x + ", " + y);
        n += mask.weight(x, y) > 0 ? 1 : 0;
      }
    }
    assertEquals(mask.filledPixels(), n);
  }

  @Test
  void aDamagedSelectionIsNamed() {
    for (String text : List.of("", "abc", "H4sIAAAAAAAA", "!!", "QUJDRA==")) {
      DiffusionException e =
          assertThrows(DiffusionException.class, () -> StoredSelection.parse(text));
      assertTrue(e.getMessage().contains("is damaged"), e.getMessage());
    }
  }

  @Test
  void marksChangeNoPixelKeepTheOverlayAndSurviveATiffFile(@TempDir Path folder) {
    ImagePlus image = image();
    Roi own = new Roi(1, 2, 3, 4);
    own.setName("mine");
    own.setStrokeColor(Color.BLUE);
    image.setOverlay(new Overlay(own));
    String before = PixelHash.of(image);
    image.setRoi(new OvalRoi(20, 15, 41, 33));
    FillMask mask = FillMask.ofSelection(image, 0, 0);
    Invented.mark(image, mask.toRoi(), 0, "SD of 4 samples");
    assertEquals(before, PixelHash.of(image));
    String path = folder.resolve("a.tif").toString();
    assertTrue(new FileSaver(image).saveAsTiff(path));
    ImagePlus read = IJ.openImage(path);
    assertEquals(before, PixelHash.of(read));
    Overlay overlay = read.getOverlay();
    assertEquals(4, overlay.size());
    assertEquals("mine", overlay.get(0).getName());
    assertEquals(Color.BLUE, overlay.get(0).getStrokeColor());
    Roi tint = overlay.get(1);
    assertEquals("invented (diffusion)", tint.getName());
    assertEquals(56, tint.getFillColor().getAlpha());
    assertEquals("invented (diffusion) outline", overlay.get(2).getName());
    for (int y = 0; y < H; y++) {
      for (int x = 0; x < W; x++) {
        assertEquals(mask.weight(x, y) > 0, tint.contains(x, y));
        assertEquals(mask.weight(x, y) > 0, overlay.get(2).contains(x, y));
      }
    }
    TextRoi words = (TextRoi) overlay.get(3);
    assertEquals("invented (diffusion)\nSD of 4 samples", words.getText().strip());
    // what is seen: tinted inside, as it was outside
    ImagePlus seen = read.flatten();
    assertNotEquals(grey(image, 40, 25), seen.getProcessor().get(40, 25) & 0xffffff);
    assertEquals(grey(image, 80, 10), seen.getProcessor().get(80, 10) & 0xffffff);
  }

  private static int grey(ImagePlus image, int x, int y) {
    return image.getProcessor().get(x, y) * 0x010101;
  }

  @Test
  void onePlaneOfAStackIsMarkedThereAndLegendsDoNotHideEachOther() {
    ImageStack stack = new ImageStack(W, H);
    for (int i = 0; i < 6; i++) {
      stack.addSlice(image().getProcessor());
    }
    ImagePlus hyper = new ImagePlus("a", stack);
    hyper.setDimensions(2, 3, 1);
    hyper.setOpenAsHyperStack(true);
    Invented.mark(hyper, new Roi(5, 6, 20, 20), 4, "");
    for (Roi roi : hyper.getOverlay()) {
      assertEquals(2, roi.getCPosition());
      assertEquals(2, roi.getZPosition());
      assertEquals(1, roi.getTPosition());
    }
    ImagePlus plain = new ImagePlus("a", stack);
    Invented.mark(plain, null, 0, "");
    Invented.mark(plain, new Roi(5, 6, 20, 20), 4, "");
    Overlay overlay = plain.getOverlay();
    assertEquals(5, overlay.size());
    assertEquals("invented (diffusion) frame", overlay.get(0).getName());
    assertEquals(0, overlay.get(0).getPosition());
    assertEquals(4, overlay.get(4).getPosition());
    TextRoi first = (TextRoi) overlay.get(1);
    assertEquals("all pixels invented (diffusion)", first.getText().strip());
    assertTrue(!first.getBounds().intersects(overlay.get(4).getBounds()), "legends overlap");
  }
}
