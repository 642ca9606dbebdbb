package ijdiffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.Line;
import ij.gui.OvalRoi;
import ij.gui.PointRoi;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.ShapeRoi;
import ij.process.ByteProcessor;
import ij.process.FloatPolygon;
import ijdiffusion.DiffusionException;
import org.junit.jupiter.api.Test;

class FillMaskTest {
  private static final int W = 60;
  private static final int H = 50;

  private static ImagePlus image(Roi roi) {
    ImagePlus image = new ImagePlus("cells.tif", new ByteProcessor(W, H));
    if (roi != null) {
      image.setRoi(roi);
    }
    return image;
  }

  private static FillMask mask(Roi roi) {
    return FillMask.ofSelection(image(roi), 0, 0);
  }

  private static void assertMatches(FillMask mask, Roi area) {
    int filled = 0;
    for (int y = -3; y < H + 3; y++) {
      for (int x = -3; x < W + 3; x++) {
        boolean inside = x >= 0 && y >= 0 && x < W && y < H && area.contains(x, y);
        assertEquals(inside ? 1f : 0f, mask.weight(x, y), "at " + x + ", " + y);
        filled += inside ? 1 : 0;
      }
    }
    assertEquals(filled, mask.filledPixels());
  }

  @Test
  void rectanglesOvalsPolygonsFreehandAndCompositesAreTakenPixelByPixel() {
    assertMatches(mask(new Roi(5, 6, 7, 8)), new Roi(5, 6, 7, 8));
    OvalRoi oval = new OvalRoi(10, 10, 21, 15);
    assertMatches(mask(oval), oval);
    FloatPolygon shape =
        new FloatPolygon(new float[] {4, 30, 22, 9}, new float[] {3, 8, 33, 20}, 4);
    PolygonRoi polygon = new PolygonRoi(shape, Roi.POLYGON);
    assertMatches(mask(polygon), polygon);
    PolygonRoi freehand = new PolygonRoi(shape, Roi.FREEROI);
    assertMatches(mask(freehand), freehand);
    ShapeRoi composite =
        new ShapeRoi(new Roi(5, 5, 30, 30)).not(new ShapeRoi(new Roi(10, 10, 5, 5)));
    assertMatches(mask(composite), composite);
    assertEquals(0, mask(composite).weight(12, 12));
  }

  @Test
  void aSelectionReachingOverTheEdgeIsCutOff() {
    FillMask mask = mask(new Roi(-10, 40, 30, 30));
    assertEquals(20 * 10, mask.filledPixels());
    assertEquals(0, mask.bounds().x());
    assertEquals(40, mask.bounds().y());
  }

  @Test
  void linesCountWithTheirWidthAndPointsAsPixels() {
    Line line = new Line(10, 20, 40, 20);
    line.setStrokeWidth(5);
    FillMask wide = mask(line);
    assertEquals(1, wide.weight(25, 20));
    assertEquals(1, wide.weight(25, 18));
    assertEquals(0, wide.weight(25, 30));
    assertEquals(30 * 5, wide.filledPixels(), 12);

    PointRoi points = new PointRoi(3, 4);
    points.addPoint(50, 45);
    FillMask single = mask(points);
    assertEquals(2, single.filledPixels());
    assertEquals(1, single.weight(3, 4));
    assertEquals(1, single.weight(50, 45));
  }

  @Test
  void growingEnlargesByEuclideanDistance() {
    FillMask mask = FillMask.ofSelection(image(new Roi(20, 20, 10, 10)), 3, 0);
    assertEquals(1, mask.weight(17, 25));
    assertEquals(0, mask.weight(16, 25));
    assertEquals(1, mask.weight(18, 18)); // corner, distance 2.83
    assertEquals(0, mask.weight(17, 17)); // corner, distance 4.24
  }

  @Test
  void theFeatherFallsFromTheGrownEdgeToZeroOutside() {
    FillMask mask = FillMask.ofSelection(image(new Roi(20, 20, 10, 10)), 2, 4);
    float[] expected = {1, 1, 1, 0.8f, 0.6f, 0.4f, 0.2f, 0, 0};
    for (int d = 0; d < expected.length; d++) {
      assertEquals(expected[d], mask.weight(29 + d, 25), 1e-6, "distance " + d);
    }
  }

  @Test
  void whatCannotBeFilledIsSaid() {
    assertSays("\"cells.tif\" has no selection", null, 0);
    assertSays("empty or lies outside", new Roi(100, 100, 10, 10), 0);
    assertSays(
        "empty or lies outside",
        new PolygonRoi(new float[] {5, 5}, new float[] {5, 9}, 2, Roi.FREEROI),
        0);
    assertSays("covers the whole image", new Roi(0, 0, W, H), 0);
    assertSays("grown by 30 pixels, covers the whole image", new OvalRoi(10, 10, 40, 30), 30);
    assertSays("grow is -1", new Roi(5, 5, 5, 5), -1);
  }

  private static void assertSays(String part, Roi roi, int grow) {
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> FillMask.ofSelection(image(roi), grow, 0));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void aMaskImageBecomesASelectionWhateverItsWhiteIs() {
    for (int white : new int[] {1, 255}) {
      ByteProcessor ip = new ByteProcessor(W, H);
      ip.setValue(white);
      ip.fill(new OvalRoi(10, 12, 20, 14));
      Roi roi = FillMask.roiOfMask(new ImagePlus("mask", ip), W, H);
      assertMatches(mask(roi), new OvalRoi(10, 12, 20, 14));
    }
  }

  @Test
  void masksThatDoNotFitAreRefused() {
    ImagePlus black = new ImagePlus("black.png", new ByteProcessor(W, H));
    String black1 =
        assertThrows(DiffusionException.class, () -> FillMask.roiOfMask(black, W, H)).getMessage();
    assertTrue(black1.contains("\"black.png\" is black all over"), black1);
    String size =
        assertThrows(DiffusionException.class, () -> FillMask.roiOfMask(black, W, H + 1))
            .getMessage();
    assertTrue(size.contains("60 x 50") && size.contains("60 x 51"), size);
  }
}
