package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.gui.OvalRoi;
import ij.gui.Roi;
import ij.io.FileSaver;
import ijdiffusion.command.InpaintCommand;
import ijdiffusion.command.SampleImage;
import ijdiffusion.image.Provenance;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.scijava.Context;
import org.scijava.command.CommandService;

/** The run that every door is to make: an oval hole in the sample image, filled by few steps. */
final class Nuclei {
  /** Makes the selection, as a macro. */
  static final String SELECT = "makeOval(100, 112, 24, 20);";

  private static final int STEPS = 20;
  private static final int JUMP = 5;
  private static final int RESAMPLINGS = 2;
  private static final Map<Long, byte[]> EXPECTED = new ConcurrentHashMap<>();

  private Nuclei() {}

  static String options(long seed) {
    return "model=nuclei steps="
        + STEPS
        + " jump="
        + JUMP
        + " resamplings="
        + RESAMPLINGS
        + " seed="
        + seed;
  }

  static Roi hole() {
    return new OvalRoi(100, 112, 24, 20);
  }

  /** The image without a selection. */
  static ImagePlus before() {
    ImagePlus image = SampleImage.create();
    image.deleteRoi();
    return image;
  }

  /** Saves the image without a selection in the folder as nuclei.tif. */
  static void saveInto(ImageJFolder folder) {
    assertTrue(new FileSaver(before()).saveAsTiff(folder.path("nuclei.tif")));
  }

  /** Pixels as this JVM makes them, through SciJava. */
  static byte[] expected(long seed) {
    return EXPECTED.computeIfAbsent(seed, Nuclei::run);
  }

  private static byte[] run(long seed) {
    ImagePlus image = before();
    image.setRoi(hole());
    try (Context context = new Context(CommandService.class)) {
      ImagePlus result =
          (ImagePlus)
              context
                  .service(CommandService.class)
                  .run(
                      InpaintCommand.class,
                      true,
                      "image",
                      image,
                      "model",
                      "nuclei",
                      "steps",
                      STEPS,
                      "jump",
                      JUMP,
                      "resamplings",
                      RESAMPLINGS,
                      "seed",
                      seed)
                  .get()
                  .getOutput("result");
      return (byte[]) result.getProcessor().getPixels();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A result saved by another process is what this one makes, and says how it was made. */
  static ImagePlus assertResult(String file, long seed) {
    ImagePlus result = IJ.openImage(file);
    assertNotNull(result, "no image in " + Path.of(file).getFileName());
    assertEquals(8, result.getBitDepth());
    byte[] pixels = (byte[]) result.getProcessor().getPixels();
    assertOutsideIsUntouched(pixels);
    assertArrayEquals(expected(seed), pixels);
    Provenance made = Provenance.of(result).orElseThrow();
    assertEquals("Diffusion Inpaint...", made.get("command"));
    assertEquals(Long.toString(seed), made.get("seed"));
    assertEquals("35", made.get("network_calls"));
    assertEquals("CPU", made.get("provider"));
    return result;
  }

  private static void assertOutsideIsUntouched(byte[] pixels) {
    ImagePlus before = before();
    Roi hole = hole();
    int changed = 0;
    for (int y = 0; y < before.getHeight(); y++) {
      for (int x = 0; x < before.getWidth(); x++) {
        boolean same =
            before.getProcessor().get(x, y) == (pixels[y * before.getWidth() + x] & 0xff);
        assertTrue(same || hole.contains(x, y), "pixel " + x + ", " + y + " is outside");
        changed += same ? 0 : 1;
      }
    }
    assertTrue(changed > 200, changed + " pixels differ");
  }
}
