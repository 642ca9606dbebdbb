package ijdiffusion.command;

import static ijdiffusion.command.InpaintCommandTest.HOLE;
import static ijdiffusion.command.InpaintCommandTest.assertPixelsEqual;
import static ijdiffusion.command.InpaintCommandTest.assertSamePixels;
import static ijdiffusion.command.InpaintCommandTest.changedInside;
import static ijdiffusion.command.InpaintCommandTest.command;
import static ijdiffusion.command.InpaintCommandTest.image;
import static ijdiffusion.command.InpaintCommandTest.result;
import static ijdiffusion.command.InpaintCommandTest.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.ImageStack;
import ij.Undo;
import ij.WindowManager;
import ij.gui.Roi;
import ij.process.ImageProcessor;
import ij.process.LUT;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.Provenance;
import java.awt.Color;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run of the command: stacks, in place, its record, cancelling, bad input, the estimate. */
class InpaintRunTest {
  /** Four planes that differ; the second is shown. */
  private static ImagePlus stack() {
    ImageStack stack = new ImageStack(128, 128);
    for (int i = 0; i < 4; i++) {
      ImageProcessor ip = image("8").getProcessor();
      ip.add(i * 20);
      stack.addSlice("plane " + (i + 1), ip);
    }
    ImagePlus image = new ImagePlus("stack.tif", stack);
    image.setSlice(2);
    image.setRoi((Roi) HOLE.clone());
    return image;
  }

  private static ImagePlus resultWhileScrolling(ImagePlus image, String options) {
    InpaintCommand command = command(image, options);
    command.setProgress((done, total, x0) -> image.setSlice(4));
    command.run();
    return command.results().get(0);
  }

  @Test
  void scrollingAwayDuringARunDoesNotMatter() {
    ImagePlus expected = result(stack(), "model=gauss steps=4");
    ImagePlus image = stack();
    ImagePlus after = resultWhileScrolling(image, "model=gauss steps=4");
    assertSamePixels(expected, after);
    assertEquals("plane 2", after.getStack().getSliceLabel(1));
    assertSamePixels(stack(), image);

    ImagePlus written = stack();
    resultWhileScrolling(written, "model=gauss steps=4 in_place");
    for (int i = 1; i <= 4; i++) {
      Object pixels = i == 2 ? expected.getStack().getPixels(1) : stack().getStack().getPixels(i);
      assertPixelsEqual(pixels, written.getStack().getPixels(i));
    }
  }

  @Test
  void theCurrentPlaneOfACompositeHyperstackIsTaken() {
    ImageStack stack = new ImageStack(128, 128);
    for (int i = 0; i < 2 * 3 * 2; i++) {
      ImageProcessor ip = image("16").getProcessor();
      ip.add(i * 50);
      stack.addSlice("plane " + i, ip);
    }
    ImagePlus hyper = new ImagePlus("hyper", stack);
    hyper.setDimensions(2, 3, 2);
    CompositeImage image = new CompositeImage(hyper, CompositeImage.COMPOSITE);
    image.setOpenAsHyperStack(true);
    image.setPosition(2, 2, 1);
    image.setChannelLut(LUT.createLutFromColor(Color.RED), 2);
    image.setDisplayRange(200, 8000);
    image.setRoi((Roi) HOLE.clone());
    ImagePlus after = result(image, "model=gauss steps=3");
    assertEquals(1, after.getStackSize());
    assertEquals("plane 3", after.getStack().getSliceLabel(1));
    assertEquals(200, after.getDisplayRangeMin());
    assertEquals(8000, after.getDisplayRangeMax());
    assertEquals(0xffff0000, after.getProcessor().getColorModel().getRGB(255));
    ImagePlus plane = new ImagePlus("p", stack.getProcessor(4));
    assertTrue(changedInside(plane, after, HOLE) > 200);
  }

  @Test
  void inPlaceWritesIntoTheImageAndUndoBringsItBack() {
    ImagePlus image = image("8");
    ImagePlus original = image.duplicate();
    ImagePlus elsewhere = result(image, "model=gauss steps=4");
    List<ImagePlus> results = run(image, "model=gauss steps=4 in_place");
    assertEquals(List.of(image), results);
    assertTrue(image.changes);
    assertSamePixels(elsewhere, image);
    assertTrue(Provenance.of(image).isPresent());
    WindowManager.setTempCurrentImage(image);
    try {
      Undo.undo();
    } finally {
      WindowManager.setTempCurrentImage(null);
    }
    assertPixelsEqual(original.getProcessor().getPixels(), image.getProcessor().getPixels());
  }

  @Test
  void theRecordInTheInfoRepeatsTheRun() {
    ImagePlus before = image("8");
    ImagePlus after =
        result(before, "model=gauss steps=6 jump=2 resamplings=3 eta=0.5 seed=99 feather=2");
    Provenance made = Provenance.of(after).orElseThrow();
    assertEquals("Diffusion Inpaint...", made.get("command"));
    assertEquals("99", made.get("seed"));
    assertEquals("CPU", made.get("provider"));
    assertEquals(
        "40e11754c107199a29482aa31a41e33079e41cc6c0ca464a0d65f56370e5e547",
        made.get("model_sha256"));
    assertEquals(Version.current(), made.get("version"));
    assertEquals(ij.ImageJ.VERSION, made.get("imagej"));
    assertTrue(made.get("date").matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*"));
    assertEquals("14", made.get("network_calls"));
    assertSamePixels(after, result(before, made.get("options")));
  }

  @Test
  void pixelsThatAreNotNumbersAreUnknownButStay() {
    ImagePlus before = image("32");
    before.getProcessor().setf(50, 40, Float.NaN);
    before.getProcessor().setf(65, 55, Float.NaN);
    ImagePlus after = result(before, "model=gauss steps=5");
    assertTrue(Float.isNaN(after.getProcessor().getf(50, 40)));
    for (java.awt.Point p : HOLE.getContainedPoints()) {
      assertTrue(Float.isFinite(after.getProcessor().getf(p.x, p.y)));
    }
  }

  @Test
  void cancellingLeavesNothingBehind() {
    ImagePlus image = image("8");
    ImagePlus original = image.duplicate();
    InpaintCommand command = command(image, "model=gauss steps=20 in_place");
    boolean[] ended = new boolean[1];
    int[] steps = new int[1];
    command.setProgress(
        new Progress() {
          @Override
          public void onStep(int done, int total, ijdiffusion.tensor.Tensor x0) {
            steps[0]++;
            if (done == 3) {
              throw new Cancelled();
            }
          }

          @Override
          public void end() {
            ended[0] = true;
          }
        });
    assertThrows(Cancelled.class, command::run);
    assertEquals(3, steps[0]);
    assertTrue(ended[0]);
    assertPixelsEqual(original.getProcessor().getPixels(), image.getProcessor().getPixels());
    assertFalse(Provenance.of(image).isPresent());
    assertFalse(image.isLocked());
  }

  @Test
  void badInputsAreNamedAndTheImageIsUnharmed() {
    ImagePlus none = image("8");
    none.deleteRoi();
    assertSays("\"field.tif\" has no selection", none, "model=gauss");
    ImagePlus all = image("8");
    all.setRoi(0, 0, 128, 128);
    assertSays("covers the whole image", all, "model=gauss");
    assertSays("nosuchmodel", image("8"), "model=nosuchmodel");
    assertSays("in_place needs samples=1", image("8"), "model=gauss samples=2 in_place");
    ImagePlus indexed = image("rgb");
    new ij.process.ImageConverter(indexed).convertRGBtoIndexedColor(16);
    indexed.setRoi((Roi) HOLE.clone());
    assertSays("8-bit colour image", indexed, "model=gauss");
    ImagePlus nan = image("32");
    java.util.Arrays.fill((float[]) nan.getProcessor().getPixels(), Float.NaN);
    assertSays("No pixel round the selection has a value", nan, "model=gauss");
  }

  private static void assertSays(String part, ImagePlus image, String options) {
    ImagePlus copy = image.duplicate();
    DiffusionException e = assertThrows(DiffusionException.class, () -> run(image, options));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertSamePixels(copy, image);
  }

  @Test
  void theEstimateTellsCallsAndPixels() {
    String estimate =
        command(image("8"), "model=gauss steps=250 jump=10 resamplings=10").estimate();
    assertTrue(
        estimate.matches(
            "2410 network calls on 84 x 80 pixels; about [0-9.]+ (s|min|h), 7 MB for the network"),
        estimate);
    assertTrue(
        command(image("rgb"), "model=gauss steps=10 jump=10 samples=2")
            .estimate()
            .startsWith("10 network calls x 6 "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "16", "32", "rgb"})
  void imagesSmallerThanTheNetworksWindowWork(String type) {
    ImagePlus image = image(type);
    image.setRoi(50, 40, 30, 23);
    ImagePlus small = image.crop();
    small.setRoi(new Roi(8, 6, 9, 11));
    ImagePlus after = result(small, "model=nuclei steps=3 jump=1 resamplings=1");
    assertTrue(changedInside(small, after, new Roi(8, 6, 9, 11)) > 50);
  }
}
