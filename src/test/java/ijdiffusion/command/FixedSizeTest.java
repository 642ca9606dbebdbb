package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.OvalRoi;
import ij.process.ImageProcessor;
import ijdiffusion.image.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A network that takes images of one size only, and looks at each pixel alone, gives on images of
 * other sizes what its twin of free size gives.
 */
class FixedSizeTest {
  private static final String FIXED = "gauss-fixed28";
  private static final float SAME = 1e-6F;

  @TempDir Path folder;

  private static void assertTwins(ImagePlus expected, ImagePlus actual) {
    assertEquals(expected.getStackSize(), actual.getStackSize());
    for (int i = 1; i <= expected.getStackSize(); i++) {
      ImageProcessor a = expected.getStack().getProcessor(i);
      ImageProcessor b = actual.getStack().getProcessor(i);
      assertEquals(a.getWidth(), b.getWidth());
      assertEquals(a.getHeight(), b.getHeight());
      for (int p = 0; p < a.getPixelCount(); p++) {
        assertEquals(a.getf(p), b.getf(p), SAME, "plane " + i + ", pixel " + p);
      }
    }
  }

  private static ImagePlus image(int width, int height) {
    return UpscaleCommandTest.units(width, height, 1, 5, 0.9);
  }

  @ParameterizedTest
  @CsvSource({
    "Diffusion Inpaint..., steps=8 resamplings=2 limits=display",
    "Diffusion Edit..., steps=10 limits=display samples=2",
    "Diffusion Edit..., steps=10 strength=0.8 consistency=4 limits=display",
    "Diffusion Guide..., steps=8 limits=display",
    "Diffusion Denoise..., noise=0.1 limits=display",
    "Diffusion Denoise..., noise=0.1 output=samples steps=6 limits=display"
  })
  void aPlaneOfAnotherSize(String label, String options) {
    ImagePlus image = image(100, 76);
    if (!label.contains("Guide")) {
      image.setRoi(new OvalRoi(11, 8, 80, 60));
    }
    ImagePlus free = Runs.result(label, image, "model=gauss " + options);
    ImagePlus made = Runs.result(label, image, "model=" + FIXED + " " + options);
    assertTwins(free, made);
    String tiles = Provenance.of(made).orElseThrow().get("tiles");
    assertTrue(tiles.endsWith(" tiles of 28 x 28 pixels, overlap 8"), tiles);
    assertTrue(Runs.changed(image, made) > 1000);
    String estimate = Runs.command(label, image, "model=" + FIXED + " " + options).estimate();
    assertTrue(estimate.contains(" tiles on 28 x 28 pixels, overlap 8"), estimate);
  }

  @ParameterizedTest
  @CsvSource({"100, 76, 20", "28, 28, 1", "20, 60, 3", "5, 3, 1"})
  void imagesFromNothing(int width, int height, int tiles) {
    String options = " steps=6 samples=2 width=" + width + " height=" + height;
    ImagePlus made = Runs.result(GenerateCommand.LABEL, null, "model=" + FIXED + options);
    assertEquals(width, made.getWidth());
    assertEquals(height, made.getHeight());
    assertEquals(
        12L * tiles, Long.parseLong(Provenance.of(made).orElseThrow().get("network_calls")));
    if (width >= 28 && height >= 28) {
      // the noise is that of the same state
      assertTwins(Runs.result(GenerateCommand.LABEL, null, "model=gauss" + options), made);
    }
  }

  @Test
  void toTheLatentAndBack() {
    ImagePlus image = image(64, 76);
    String options = "steps=10 model=";
    ImagePlus free = Runs.result(EncodeCommand.LABEL, image, options + "gauss");
    ImagePlus latent = Runs.result(EncodeCommand.LABEL, image, options + FIXED);
    assertTwins(free, latent);
    assertEquals("108", Provenance.of(latent).orElseThrow().get("network_calls"));
    assertTwins(
        Runs.result(DecodeCommand.LABEL, free, ""), Runs.result(DecodeCommand.LABEL, latent, ""));
  }

  @Test
  void anImageOfThatSizeIsOneTileAndASmallerOneIsPadded() {
    ImagePlus made = Runs.result(EditCommand.LABEL, image(28, 28), "steps=10 model=" + FIXED);
    assertFalse(made.getInfoProperty().contains("diffusion.tiles"));
    ImagePlus small = image(9, 13);
    made = Runs.result(EditCommand.LABEL, small, "steps=10 model=" + FIXED);
    assertEquals(9, made.getWidth());
    assertEquals(13, made.getHeight());
    assertTrue(Runs.changed(small, made) > 100);
  }

  @Test
  void tilesAreOfThatSizeOnly() {
    Runs.refused(
        EditCommand.LABEL,
        image(60, 60),
        "tile=32 model=" + FIXED,
        "tile is 32, but model Test model gauss-fixed28 takes images of 28 x 28 pixels only; leave"
            + " tile at 0.");
    Runs.refused(
        EditCommand.LABEL, image(60, 60), "overlap=28 model=" + FIXED, "overlap is 28, but");
  }

  @Test
  void aSizeThatIsNoSquare() throws IOException {
    Path fixed =
        Runs.otherCard(
            folder,
            "cond-inside",
            "id: y, size: {min: 2, step: 2}",
            "id: y, size: 16",
            "id: x, size: {min: 2, step: 2}",
            "id: x, size: 24",
            "size_multiple: 2",
            "size_multiple: 2\n      width: 24\n      height: 16");
    String options = " steps=6 sampler=ddim limits=display";
    ImagePlus image = image(33, 40);
    ImagePlus free = Runs.result(UpscaleCommand.LABEL, image, "model=cond-inside" + options);
    ImagePlus made = Runs.result(UpscaleCommand.LABEL, image, "model=[" + fixed + "]" + options);
    assertTwins(free, made);
    String tiles = Provenance.of(made).orElseThrow().get("tiles");
    assertTrue(tiles.endsWith(" tiles of 24 x 16 pixels, overlap 4"), tiles);
    ImagePlus small = image(5, 3);
    made = Runs.result(UpscaleCommand.LABEL, small, "model=[" + fixed + "]" + options);
    assertEquals(10, made.getWidth());
    assertEquals(6, made.getHeight());
  }

  @Test
  void aNetworkThatRestores() throws IOException {
    Path fixed =
        Runs.otherCard(
            folder,
            "cond-last",
            "id: y, size: {min: 1, step: 1}",
            "id: y, size: 20",
            "id: x, size: {min: 1, step: 1}",
            "id: x, size: 20",
            "size_multiple: 1",
            "size_multiple: 1\n      width: 20\n      height: 20");
    ImagePlus image = image(72, 80);
    image.setRoi(new OvalRoi(11, 8, 50, 60));
    String options = " steps=6 limits=display";
    assertTwins(
        Runs.result(RestoreCommand.LABEL, image, "model=cond-last" + options),
        Runs.result(RestoreCommand.LABEL, image, "model=[" + fixed + "]" + options));
  }
}
