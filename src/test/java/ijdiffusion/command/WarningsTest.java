package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.gui.Roi;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ImageFacts;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.demo.NucleiField;
import ijdiffusion.image.ImageMeasure;
import ijdiffusion.image.Provenance;
import ijdiffusion.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model on images that are not its own: said before the run, in the Log and in the record. */
class WarningsTest {
  private static final ModelCard NUCLEI = Models.find("nuclei");

  @TempDir Path temp;

  private static ImagePlus image(ImageProcessor ip) {
    return new ImagePlus("image", ip);
  }

  private static Warnings of(ImagePlus image, String model) {
    return Warnings.of(image, Models.find(model));
  }

  /** Half the pixels at each end of the range: mean 0 and deviation 1 exactly. */
  private static ImagePlus halves(int low, int high) {
    ByteProcessor ip = new ByteProcessor(64, 64);
    ip.setColor(low);
    ip.fill();
    ip.setRoi(0, 0, 32, 64);
    ip.setColor(high);
    ip.fill();
    return image(ip);
  }

  @Test
  void measuresAreThoseOfTheImageInTheModelsRange() {
    ImageFacts facts = ImageMeasure.of(halves(50, 90), List.of(1), NUCLEI);
    assertEquals(0, facts.mean(), 1e-6);
    assertEquals(1, facts.deviation(), 1e-6);
    assertEquals(8, facts.bits());
    // at least 8 grey values apart: 50 and 52 go to -1 and -0.5
    facts = ImageMeasure.of(halves(50, 52), List.of(1), NUCLEI);
    assertEquals(-0.75, facts.mean(), 1e-6);
    assertEquals(0.25, facts.deviation(), 1e-6);
  }

  @Test
  void bitsAndColoursAreThoseOfTheUser() {
    assertEquals(16, ImageMeasure.of(image(new ShortProcessor(9, 9)), List.of(1), NUCLEI).bits());
    assertEquals(32, ImageMeasure.of(image(new FloatProcessor(9, 9)), List.of(1), NUCLEI).bits());
    ImageFacts rgb = ImageMeasure.of(image(new ColorProcessor(9, 9)), List.of(1), NUCLEI);
    assertEquals(8, rgb.bits());
    assertTrue(rgb.rgb());
    assertEquals(3, rgb.channels());
    float[] nothing = new float[9];
    Arrays.fill(nothing, Float.NaN);
    ImagePlus empty = image(new FloatProcessor(3, 3, nothing));
    assertTrue(Double.isNaN(ImageMeasure.of(empty, List.of(1), NUCLEI).mean()));
    nothing[0] = 1;
    assertEquals(-1, ImageMeasure.of(empty, List.of(1), NUCLEI).mean(), 1e-6);
  }

  @Test
  void aGridOfALargeImageSaysWhatAllOfItSays() {
    byte[] small = NucleiField.render(256, 256, 3).noisy8();
    ImagePlus field = image(new ByteProcessor(256, 256, small));
    ImagePlus large = image(field.getProcessor().resize(1500, 1300));
    ImageFacts a = ImageMeasure.of(field, List.of(1), NUCLEI);
    ImageFacts b = ImageMeasure.of(large, List.of(1), NUCLEI);
    assertEquals(a.mean(), b.mean(), 0.02);
    assertEquals(a.deviation(), b.deviation(), 0.02);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 42})
  void nucleiAreAtHomeInNuclei(long seed) {
    byte[] pixels = NucleiField.render(256, 256, seed).noisy8();
    ImagePlus field = image(new ByteProcessor(256, 256, pixels));
    assertEquals(List.of(), of(field, "nuclei").sentences());
    assertEquals(List.of(), of(field, "nuclei-sr4").sentences());
    // and so they are in 16 bits, but not with the model for photographs
    ImagePlus deep = image(field.getProcessor().convertToShortProcessor(false));
    deep.getProcessor().multiply(17);
    assertEquals(List.of(), of(deep, "nuclei").sentences());
    assertEquals(
        "Model Photographs, 4 times larger was trained on 8-bit RGB images; this image is 16-bit"
            + " grey.",
        of(deep, "photos-sr4").sentences().get(0));
  }

  @Test
  void strangersAreNoticed() throws IOException {
    ImagePlus coins = FileRun.open(Path.of("docs/images/gallery/source/coins.png"));
    assertEquals(1, of(coins, "nuclei").sentences().size());
    assertTrue(of(coins, "nuclei").note().startsWith(". Note: Model Fluorescence nuclei"));
    ImagePlus rgb = image(NucleiSlide.rgb());
    assertTrue(of(rgb, "nuclei").sentences().get(0).endsWith("this image is 8-bit RGB."));
    // bright field: dark nuclei on a light ground
    ImagePlus inverted = image(NucleiSlide.grey());
    inverted.getProcessor().invert();
    assertEquals(1, of(inverted, "nuclei").sentences().size());
  }

  private static final class NucleiSlide {
    static ByteProcessor grey() {
      return new ByteProcessor(128, 128, NucleiField.render(128, 128, 7).noisy8());
    }

    static ColorProcessor rgb() {
      return (ColorProcessor) grey().convertToRGB();
    }
  }

  /** Keeps what it is told. */
  private static final class Listening implements Progress {
    private final List<String> said = new ArrayList<>();

    @Override
    public void onStep(int done, int total, Tensor x0) {}

    @Override
    public void warn(String sentence) {
      said.add(sentence);
    }
  }

  /** A model that knows how dark its images were, and is quick. */
  private String dark() throws IOException {
    String text =
        CardFolder.replaceOnce(
            CardFolder.text("gauss"),
            "    defaults:",
            "    trained_on: {bits: [8], colour: grey, mean: [-1, -0.9]}\n    defaults:");
    Path folder = CardFolder.write(temp, "dark", text).getParent();
    Files.copy(CardFolder.MODELS.resolve("gauss/model.onnx"), folder.resolve("model.onnx"));
    assertTrue(ModelCardReader.read(folder).trainedOn().isPresent());
    return "model=[" + folder + "]";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        EditCommand.LABEL,
        GuideCommand.LABEL,
        DenoiseCommand.LABEL,
        InpaintCommand.LABEL,
        EncodeCommand.LABEL,
        InterpolateCommand.LABEL
      })
  void everyCommandWarnsBeforeTheRunOnceAndInTheRecord(String label) throws IOException {
    ImagePlus image = image(Runs.plane(32, 32, 16, 1));
    image.setRoi(new Roi(10, 10, 8, 8));
    Path other = temp.resolve("other.tif");
    FileRun.save(image, other);
    String more = label.equals(InterpolateCommand.LABEL) ? " frames=2 other=[" + other + "]" : "";
    String steps = label.equals(DenoiseCommand.LABEL) ? "" : " steps=8";
    DiffusionCommand command = Runs.command(label, image, dark() + steps + more);
    Listening progress = new Listening();
    command.setProgress(progress);
    assertTrue(command.estimate().contains(". Note: Model Test model gauss was trained on 8-bit"));
    assertEquals(List.of(), progress.said);
    command.run();
    assertEquals(2, progress.said.size());
    ImagePlus result = command.results().get(command.results().size() - 1);
    Map<String, String> record = Provenance.all(result).get(0).fields();
    assertEquals(progress.said.get(0), record.get("warning_1"));
    assertEquals(progress.said.get(1), record.get("warning_2"));
    assertFalse(record.containsKey("warning_3"));
  }

  @Test
  void theCommandLineWarnsOnStandardErrorAndGoesOn() throws IOException {
    ImagePlus image = image(Runs.plane(32, 32, 16, 1));
    FileRun.save(image, temp.resolve("in.tif"));
    PrintStream before = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      String in = temp.resolve("in.tif").toString();
      String out = temp.resolve("out.tif").toString();
      String options = dark() + " steps=4";
      assertEquals(
          0,
          Main.execute("run", EditCommand.LABEL, "--in", in, "--out", out, "--options", options));
    } finally {
      System.setErr(before);
    }
    String said = printed.toString(StandardCharsets.UTF_8);
    assertEquals(2, said.lines().filter(l -> l.startsWith("Model Test model gauss")).count(), said);
    assertTrue(Files.exists(temp.resolve("out.tif")));
  }

  @Test
  void theModelOfTheImagesColourIsTheFirstChoice() {
    List<String> both = List.of("nuclei-sr4", "photos-sr4");
    assertEquals("photos-sr4", Models.fitting(both, "nuclei-sr4", true));
    assertEquals("nuclei-sr4", Models.fitting(both, "nuclei-sr4", false));
    assertEquals("nuclei-sr4", Models.fitting(both, "photos-sr4", false));
    // none for colours: the usual one, which takes channel by channel
    assertEquals("nuclei", Models.fitting(List.of("gauss", "nuclei"), "nuclei", true));
    assertEquals("gauss", Models.fitting(List.of("gauss"), "nuclei", false));
  }
}
