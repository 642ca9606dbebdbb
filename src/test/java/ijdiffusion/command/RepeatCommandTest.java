package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.OvalRoi;
import ij.gui.Roi;
import ij.io.FileSaver;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.PixelHash;
import ijdiffusion.image.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs again from the record of a result, alone or in a file. */
class RepeatCommandTest {
  private static final String EDIT = "model=gauss steps=5 strength=0.6 eta=0.5 seed=11";

  @TempDir Path folder;

  @AfterEach
  void closeAll() {
    WindowManager.setTempCurrentImage(null);
  }

  /** The open image, as far as a test has one. */
  private static void open(ImagePlus image) {
    WindowManager.setTempCurrentImage(image);
  }

  private static ImagePlus repeat(ImagePlus result, String options) {
    return Runs.result(RepeatCommand.LABEL, result, options);
  }

  private static Provenance record(ImagePlus image) {
    return Provenance.of(image).orElseThrow();
  }

  private static void assertIdentical(ImagePlus made, ImagePlus again) {
    Runs.assertSamePixels(made, again);
    assertEquals("identical", record(again).get("repeat_pixels"));
    assertEquals("in nothing", record(again).get("repeat_differs"));
    assertEquals("the original", record(again).get("repeated_on"));
    assertEquals(record(made).get("date"), record(again).get("repeats_run_of"));
    assertEquals(record(made).get("result_sha256"), record(again).get("result_sha256"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Diffusion Inpaint...|8|model=gauss steps=5 jump=2 resamplings=2 seed=4 grow=2 feather=3",
        "Diffusion Inpaint...|24|model=nuclei steps=3 jump=1 resamplings=1 samples=2 overlay",
        "Diffusion Edit...|16|model=gauss steps=5 strength=0.6 eta=0.5 seed=11 planes=2-3",
        "Diffusion Edit...|8|model=gauss steps=4 sampler=heun consistency=4 planes=all tile=32",
        "Diffusion Edit...|32|model=gauss steps=4 planes=current samples=3",
        "Diffusion Guide...|8|model=gauss steps=3 factor=4 seed=2",
        "Diffusion Upscale...|8|model=cond-inside steps=3 seed=5",
        "Diffusion Denoise...|8|model=gauss output=average samples=2 steps=3 planes=all",
        "Diffusion Encode...|8|model=gauss steps=4",
      })
  void onTheOriginalThePixelsAreIdentical(String label, int depth, String options) {
    ImagePlus image = Runs.stack(60, 48, depth, 1, 3, 1);
    image.setSlice(2);
    image.setRoi(new OvalRoi(20, 14, 24, 20));
    ImagePlus made = Runs.result(label, image, options);
    // everything the user may do in between
    image.setRoi(3, 3, 5, 5);
    image.setSlice(3);
    open(image);
    ImagePlus again = repeat(made, "");
    assertIdentical(made, again);
    assertEquals(new Roi(3, 3, 5, 5), image.getRoi());
    assertEquals(3, image.getCurrentSlice());
    image.deleteRoi();
    assertIdentical(again, repeat(again, "")); // a repetition's record repeats it too
    assertNull(image.getRoi());
  }

  @Test
  void generationAndDecodingAreRepeated() {
    ImagePlus made =
        Runs.result(
            GenerateCommand.LABEL,
            null,
            "model=nuclei width=48 height=32 steps=3 samples=2 seed=6");
    assertIdentical(made, repeat(made, ""));
    ImagePlus image = Runs.stack(60, 48, 8, 1, 1, 1);
    ImagePlus latent = Runs.result(EncodeCommand.LABEL, image, "model=gauss steps=4");
    ImagePlus decoded = Runs.result(DecodeCommand.LABEL, latent, "");
    open(latent);
    assertIdentical(decoded, repeat(decoded, ""));
  }

  @Test
  void aRunInPlaceIsRepeatedAsANewImage() {
    ImagePlus image = InpaintCommandTest.image("8");
    ImagePlus copy = image.duplicate();
    copy.deleteRoi();
    String options = "model=gauss steps=4 jump=2 resamplings=1 in_place";
    ImagePlus made = InpaintCommandTest.result(image, options);
    assertSame(image, made);
    open(copy);
    ImagePlus again = repeat(made, "");
    assertIdentical(made, again);
    assertTrue(again != copy && Runs.changed(copy, again) > 100);
    open(image); // whose pixels are the result's now
    DiffusionException e = assertThrows(DiffusionException.class, () -> repeat(made, ""));
    assertTrue(e.getMessage().contains("is not open, or its pixels have changed"), e.getMessage());
  }

  @Test
  void anotherImageHasItsOwnSelectionOrTheRecordedOne() {
    ImagePlus image = Runs.stack(60, 48, 8, 1, 1, 1);
    image.setRoi(new OvalRoi(20, 14, 24, 20));
    ImagePlus made = Runs.result(EditCommand.LABEL, image, EDIT);
    ImagePlus other = new ImagePlus("other", Runs.plane(60, 48, 8, 77));
    open(other);
    ImagePlus again = repeat(made, "image=other");
    ImagePlus expected = other.duplicate();
    expected.setRoi(new OvalRoi(20, 14, 24, 20));
    Runs.assertSamePixels(Runs.result(EditCommand.LABEL, expected, EDIT), again);
    assertEquals("another image", record(again).get("repeated_on"));
    assertTrue(record(again).get("repeat_differs").contains("source_sha256 was "));
    assertTrue(record(again).find("repeat_pixels").isEmpty());
    other.setRoi(new Roi(5, 5, 12, 30));
    expected.setRoi(new Roi(5, 5, 12, 30));
    Runs.assertSamePixels(
        Runs.result(EditCommand.LABEL, expected, EDIT), repeat(made, "image=[other]"));
    ImagePlus small = new ImagePlus("small", Runs.plane(16, 12, 8, 7));
    open(small);
    String m = refused(made, "image=small");
    assertTrue(m.contains("The recorded selection lies outside \"small\""), m);
  }

  @Test
  void filesDoAsWell() {
    ImagePlus image = Runs.stack(60, 48, 16, 1, 1, 1);
    image.setRoi(new OvalRoi(20, 14, 24, 20));
    ImagePlus made = Runs.result(EditCommand.LABEL, image, EDIT);
    image.deleteRoi();
    Path original = folder.resolve("a b.tif");
    Path result = folder.resolve("r.tif");
    Path json = folder.resolve("r.json");
    new FileSaver(image).saveAsTiff(original.toString());
    new FileSaver(made).saveAsTiff(result.toString());
    ProvenanceJson.save("r", Provenance.all(made), json);
    for (Path from : List.of(result, json)) {
      ImagePlus again = repeat(null, "result=[" + from + "] image=[" + original + "]");
      assertIdentical(made, again);
    }
    Path out = folder.resolve("again.tif");
    int code =
        Main.execute(
            "run",
            RepeatCommand.LABEL,
            "--in",
            "" + result,
            "--out",
            "" + out,
            "--json",
            "--options",
            "image=[" + original + "]");
    assertEquals(0, code);
    Runs.assertSamePixels(made, FileRun.open(out));
    Provenance read = ProvenanceJson.read(folder.resolve("again.json"));
    assertEquals("identical", read.get("repeat_pixels"));
    assertEquals(record(made).get("selection"), read.get("selection"));
  }

  private String refused(ImagePlus result, String options) {
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> repeat(result, options), options);
    String m = e.getMessage();
    assertTrue(m.endsWith(".") && !m.contains("\n") && !m.contains("xception"), m);
    return m;
  }

  @Test
  void whatCannotBeRepeatedIsNamed() throws IOException {
    ImagePlus image = Runs.stack(40, 36, 8, 1, 1, 1);
    ImagePlus made = Runs.result(EditCommand.LABEL, image, EDIT);
    String gone = refused(made, "");
    assertTrue(gone.contains("\"stack.tif\" (40 x 36 pixels, 8 bits, 1 plane)"), gone);
    open(image);
    image.getProcessor().set(3, 3, 255 - image.getProcessor().get(3, 3));
    assertTrue(refused(made, "").contains("its pixels have changed"));
    assertTrue(refused(image, "").contains("was not made by Diffusion for ImageJ"));
    assertTrue(refused(null, "").contains("No image is open"));
    assertTrue(refused(null, "result=nothing").contains("result is \"nothing\", but there is no"));
    assertTrue(refused(made, "image=nothing").contains("image is \"nothing\", but there is no"));
    Path json = folder.resolve("x.json");
    for (String text : List.of("", "{", "[]", "{\"format\": 3}", "{\"runs\": []}", "\u0000")) {
      Files.writeString(json, text);
      assertTrue(refused(null, "result=" + json).contains("is not a record"), text);
    }
  }

  @Test
  void otherWeightsInAFileOfTheirOwnAreTold() {
    ImagePlus image = Runs.stack(40, 36, 8, 1, 1, 1);
    String options = "model=src/test/resources/external steps=3 limits=display";
    ImagePlus made = Runs.result(EditCommand.LABEL, image, options);
    String hash = record(made).get("model_data_sha256");
    made.setProperty("Info", made.getInfoProperty().replace(hash, "0".repeat(64)));
    open(image);
    String estimate = Runs.command(RepeatCommand.LABEL, made, "").estimate();
    String told = "Differs: model_data_sha256 was " + "0".repeat(64) + ", is " + hash + ". ";
    assertTrue(estimate.contains(told), estimate);
    String differs = record(repeat(made, "")).get("repeat_differs");
    assertTrue(differs.contains("model_data_sha256 was 000"), differs);
  }

  @Test
  void anotherVersionOrModelIsToldBeforeTheRunAndInTheRecord() throws IOException {
    ImagePlus image = Runs.stack(40, 36, 8, 1, 1, 1);
    ImagePlus made = Runs.result(EditCommand.LABEL, image, EDIT);
    String hash = record(made).get("model_sha256");
    String info = made.getInfoProperty();
    String old =
        info.replace("diffusion.version: " + Version.current(), "diffusion.version: 0.0.1");
    assertFalse(old.equals(info));
    made.setProperty("Info", old.replace(hash, "0".repeat(64)));
    open(image);
    DiffusionCommand command = Runs.command(RepeatCommand.LABEL, made, "");
    String estimate = command.estimate();
    assertTrue(estimate.contains("Differs: version was 0.0.1, is " + Version.current()), estimate);
    assertTrue(estimate.contains("model_sha256 was " + "0".repeat(64) + ", is " + hash), estimate);
    assertTrue(estimate.startsWith("Diffusion Edit on \"stack.tif\" (the original): "), estimate);
    assertTrue(estimate.contains("network calls on 64 x 64 pixels"), estimate);
    ImagePlus again = repeat(made, "");
    String differs = record(again).get("repeat_differs");
    assertTrue(differs.contains("version was 0.0.1, is " + Version.current()), differs);
    assertTrue(differs.contains("model_sha256 was 000"), differs);
    assertEquals("identical", record(again).get("repeat_pixels"));
  }

  @Test
  void aRangeFoundInOtherPlanesIsComparedToo() {
    ImagePlus image = Runs.stack(40, 36, 8, 1, 3, 1);
    ImagePlus made = Runs.result(EditCommand.LABEL, image, EDIT + " planes=2");
    image.getStack().getProcessor(3).multiply(0.3);
    open(image);
    ImagePlus again = repeat(made, "");
    assertEquals("different", record(again).get("repeat_pixels"));
    assertTrue(record(again).get("repeat_differs").startsWith("range was "), "" + record(again));
  }

  @Test
  void theHashesAreThoseOfInputAndResult() {
    ImagePlus image = Runs.stack(40, 36, 16, 1, 4, 1);
    List<ImagePlus> images = Runs.run(EditCommand.LABEL, image, EDIT + " planes=2-3 samples=2");
    for (ImagePlus made : images) {
      Provenance record = record(made);
      assertEquals(PixelHash.of(image, List.of(2, 3)), record.get("source_sha256"));
      assertEquals("2-3", record.get("source_planes"));
      assertEquals(PixelHash.of(images.get(1)), record.get("result_sha256"));
    }
  }
}
