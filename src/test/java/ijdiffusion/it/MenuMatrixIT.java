package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every command on every kind of image, through the menu of one real ImageJ; pictures of all of
 * them, the image above and the result below, in target/gallery.
 */
class MenuMatrixIT extends OnDisplay {
  private static final Path FIXTURES = Path.of("src", "test", "resources", "models");

  @TestFactory
  Stream<DynamicTest> everyCommandWorksOnEveryKindOfImage() throws IOException {
    GuiSession session = GuiSession.in(temp, display);
    ImageJFolder folder = session.folder();
    for (MatrixImage kind : MatrixImage.values()) {
      kind.saveInto(folder);
    }
    installModels(temp.resolve("models").resolve("diffusion"));
    List<MatrixCell> cells = new ArrayList<>();
    for (MatrixCommand command : MatrixCommand.all()) {
      for (MatrixImage kind : MatrixImage.values()) {
        cells.add(new MatrixCell(command, kind));
      }
    }
    Files.write(
        temp.resolve(GuiMatrix.CELLS),
        cells.stream().map(c -> c.line(folder)).collect(Collectors.toList()));
    Properties seen = session.playMatrix();
    return Stream.concat(
        cells.stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> c.check(folder, seen))),
        Stream.of(
            DynamicTest.dynamicTest("dialog of Edit", () -> assertEditDialog(folder, seen)),
            DynamicTest.dynamicTest("dialog of Upscale", () -> assertUpscaleDialog(folder, seen)),
            DynamicTest.dynamicTest("dialog of Restore", () -> assertRestoreDialog(folder, seen))));
  }

  /** Into the folder where users put theirs. */
  private static void installModels(Path models) throws IOException {
    for (String model : List.of("cond-inside", "cond-last")) {
      copy(model, models.resolve(model));
    }
    // the network of cond-last, shown the image itself
    Path repair = models.resolve("repair");
    copy("cond-last", repair);
    Path card = repair.resolve("rdf.yaml");
    String text = Files.readString(card);
    String changed =
        text.replaceFirst(
            "task: inpaint\\R\\s*fill: noise\\R\\s*start: condition", "task: restore");
    assertTrue(!changed.equals(text), "the card of cond-last has changed");
    Files.writeString(card, changed);
  }

  private static void copy(String model, Path to) throws IOException {
    Files.createDirectories(to);
    for (String file : List.of("rdf.yaml", "model.onnx")) {
      Files.copy(FIXTURES.resolve(model).resolve(file), to.resolve(file));
    }
  }

  private static void assertEditDialog(ImageJFolder folder, Properties seen) {
    String estimate = seen.getProperty("edit-dialog.estimate");
    assertTrue(estimate.matches("\\d+ network calls on 96 x 80 pixels; about .*"), estimate);
    String changed = seen.getProperty("edit-dialog.estimateChanged");
    assertTrue(changed.startsWith("8 network calls on 96 x 80 pixels; about "), changed);
    assertEquals(
        "strength is 2, but must be from 0 to 1.", seen.getProperty("edit-dialog.complaint"));
    assertShown("edit-dialog", seen);
    ImagePlus made = MatrixImage.open(folder, "edit-dialog-after.tif");
    assertEquals(90, made.getWidth());
    assertTrue(made.getInfoProperty().contains("strength=0.8"), made.getInfoProperty());
  }

  private static void assertUpscaleDialog(ImageJFolder folder, Properties seen) {
    assertTrue(
        seen.getProperty("upscale-dialog.estimateChanged").startsWith("5 network calls"),
        "" + seen);
    assertShown("upscale-dialog", seen);
    ImagePlus made = MatrixImage.open(folder, "upscale-dialog-after.tif");
    assertEquals(180, made.getWidth());
    assertEquals(150, made.getHeight());
    assertEquals(0.325, made.getCalibration().pixelWidth, 1e-5);
  }

  private static void assertRestoreDialog(ImageJFolder folder, Properties seen) {
    assertShown("restore-dialog", seen);
    ImagePlus made = MatrixImage.open(folder, "restore-dialog-after.tif");
    assertTrue(made.getInfoProperty().contains("model=repair"), made.getInfoProperty());
  }

  private static void assertShown(String dialog, Properties seen) {
    assertEquals("true", seen.getProperty(dialog + ".window"));
    assertEquals("0", seen.getProperty(dialog + ".dialogs"));
  }
}
