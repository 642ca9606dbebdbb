package ijdiffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.io.FileSaver;
import ij.process.ByteProcessor;
import ijdiffusion.DiffusionException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenanceTest {
  private static ImagePlus image() {
    return new ImagePlus("a.tif", new ByteProcessor(8, 8));
  }

  private static Provenance sample(String seed) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("options", "model=[my model: a] seed=" + seed);
    fields.put("seed", seed);
    return new Provenance(fields);
  }

  @Test
  void isReadBackInOrderAndLeavesOtherInfoAlone() {
    ImagePlus image = image();
    image.setProperty("Info", "Objective: 20x");
    sample("7").addTo(image);
    assertTrue(image.getInfoProperty().startsWith("Objective: 20x\n"));
    assertEquals(sample("7"), Provenance.of(image).orElseThrow());
  }

  @Test
  void theLatestOfSeveralRunsCounts() {
    ImagePlus image = image();
    sample("1").addTo(image);
    sample("2").addTo(image);
    assertEquals("2", Provenance.of(image).orElseThrow().get("seed"));
  }

  @Test
  void survivesATiffFile(@TempDir Path folder) {
    ImagePlus image = image();
    sample("9").addTo(image);
    String path = folder.resolve("r.tif").toString();
    assertTrue(new FileSaver(image).saveAsTiff(path));
    assertEquals(sample("9"), Provenance.of(IJ.openImage(path)).orElseThrow());
  }

  @Test
  void imagesNotMadeByUsHaveNone() {
    assertFalse(Provenance.of(image()).isPresent());
  }

  @Test
  void badFieldsAndMissingOnesAreNamed() {
    assertThrows(IllegalArgumentException.class, () -> new Provenance(Map.of("a", "two\nlines")));
    ImagePlus image = image();
    sample("1").addTo(image);
    DiffusionException e =
        assertThrows(
            DiffusionException.class, () -> Provenance.of(image).orElseThrow().get("model"));
    assertTrue(e.getMessage().contains("diffusion.model"), e.getMessage());
  }
}
