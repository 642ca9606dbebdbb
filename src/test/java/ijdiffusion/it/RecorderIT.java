package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.io.FileSaver;
import ijdiffusion.image.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every command records one line, and that line makes the same pixels, without any dialog. */
class RecorderIT extends OnDisplay {
  private static final Path FIXTURES = Path.of("src", "test", "resources", "models");

  /**
   * A command.
   *
   * @param label as in the menu
   * @param prepare macro after the image has been opened
   * @param fields what is typed into the dialog
   * @param makes images that a run opens
   */
  private record Scene(String label, String prepare, String fields, int makes) {
    String name() {
      return label.replaceAll("[ .]", "");
    }

    String line(ImageJFolder folder) {
      String open = "open('" + folder.path("small.tif") + "'); " + prepare;
      return String.join("\t", name(), open, label, fields);
    }
  }

  /** All commands with keys, and the sample image; Check Setup has none and makes no image. */
  private static List<Scene> scenes(ImageJFolder folder) {
    String select = "makeOval(10, 12, 12, 10);";
    return List.of(
        new Scene("Diffusion Inpaint...", select, "Steps=3,Jump=1,Resamplings=2,Seed=5", 1),
        new Scene("Diffusion Edit...", select, "Steps=6,Seed=5", 1),
        new Scene("Diffusion Guide...", "", "Steps=4,Seed=5", 1),
        new Scene("Diffusion Upscale...", "", "Steps=3,Seed=5", 1),
        new Scene("Diffusion Denoise...", "", "Noise=7,Seed=5", 1),
        new Scene("Diffusion Restore...", "", "Steps=3,Seed=5", 1),
        new Scene("Diffusion Generate...", "", "Width=40,Height=36,Steps=3,Seed=5", 1),
        new Scene("Diffusion Encode...", "", "Steps=4", 1),
        new Scene("Diffusion Decode...", "open('" + folder.path("latent.tif") + "');", "", 1),
        // the other image is the first of those that are open
        new Scene(
            "Diffusion Interpolate...",
            "open('" + folder.path("other.tif") + "');",
            "Frames=3,Steps=3",
            1),
        new Scene("Diffusion Repeat...", "open('" + folder.path("edited.tif") + "');", "", 1),
        new Scene("Diffusion Provenance...", "open('" + folder.path("edited.tif") + "');", "", 0),
        new Scene("Diffusion Sample Image", "", "", 1));
  }

  @TestFactory
  Stream<DynamicTest> theRecordedLineMakesTheSamePixels() throws IOException {
    GuiSession session = GuiSession.in(temp, display);
    ImageJFolder folder = session.folder();
    prepare(folder);
    List<Scene> scenes = scenes(folder);
    Files.write(
        temp.resolve(GuiRecorder.SCENES),
        scenes.stream().map(s -> s.line(folder)).collect(Collectors.toList()));
    Properties seen = session.playRecorder();
    return scenes.stream().map(s -> DynamicTest.dynamicTest(s.label(), () -> check(s, seen)));
  }

  private void prepare(ImageJFolder folder) throws IOException {
    ImagePlus small = new ImagePlus("small.tif", Nuclei.before().getProcessor().resize(40, 36));
    assertTrue(new FileSaver(small).saveAsTiff(folder.path("small.tif")));
    ImagePlus other = small.duplicate();
    other.getProcessor().flipVertical();
    assertTrue(new FileSaver(other).saveAsTiff(folder.path("other.tif")));
    for (String[] made :
        List.of(
            new String[] {"Diffusion Encode...", "latent.tif"},
            new String[] {"Diffusion Edit...", "edited.tif"})) {
      int code =
          commandLine(
              folder,
              "run",
              made[0],
              "--in",
              folder.path("small.tif"),
              "--out",
              folder.path(made[1]),
              "--options",
              "steps=4");
      assertEquals(0, code, made[0]);
    }
    // no model for it is bundled: the exact network of a test, shown the image itself
    Path repair = Files.createDirectories(temp.resolve("models/diffusion/repair"));
    for (String file : List.of("rdf.yaml", "model.onnx")) {
      Files.copy(FIXTURES.resolve("cond-last").resolve(file), repair.resolve(file));
    }
    Path card = repair.resolve("rdf.yaml");
    Files.writeString(
        card,
        Files.readString(card)
            .replaceFirst(
                "task: inpaint\\R\\s*fill: noise\\R\\s*start: condition", "task: restore"));
  }

  private static int commandLine(ImageJFolder folder, String... arguments) {
    try (Child main =
        folder.java(
            null,
            List.of(Jars.selfContained(), Jars.imageJ()),
            "ijdiffusion.command.Main",
            arguments)) {
      return main.await(100).code();
    }
  }

  private void check(Scene scene, Properties seen) {
    String recorded = seen.getProperty(scene.name() + ".recorded");
    assertNotNull(recorded, "not played to its end");
    List<String> lines = recorded.lines().filter(l -> l.startsWith("run(")).toList();
    assertEquals(1, lines.size(), recorded);
    assertTrue(lines.get(0).startsWith("run(\"" + scene.label() + "\""), recorded);
    for (String field : scene.fields().split(",")) {
      String key = field.toLowerCase(Locale.ROOT);
      assertTrue(
          lines.get(0).toLowerCase(Locale.ROOT).contains(key), field + " is not in " + recorded);
    }
    assertEquals("" + scene.makes(), seen.getProperty(scene.name() + ".made"));
    assertEquals("0", seen.getProperty(scene.name() + ".dialogs"));
    assertEquals("", seen.getProperty(scene.name() + ".log"));
    ImagePlus byHand = image(scene.name() + "-dialog.tif");
    ImagePlus replayed = image(scene.name() + "-replay.tif");
    assertEquals(byHand.getStackSize(), replayed.getStackSize());
    for (int i = 1; i <= byHand.getStackSize(); i++) {
      float[] a = (float[]) byHand.getStack().getProcessor(i).convertToFloat().getPixels();
      float[] b = (float[]) replayed.getStack().getProcessor(i).convertToFloat().getPixels();
      assertArrayEquals(a, b, "plane " + i);
    }
    if (scene.makes() == 1 && scene.label().endsWith("...")) {
      String command = Provenance.of(byHand).orElseThrow().get("command");
      assertTrue(
          command.equals(scene.label()) || scene.label().equals("Diffusion Repeat..."), command);
    }
  }

  private ImagePlus image(String name) {
    ImagePlus image = IJ.openImage(temp.resolve(name).toString());
    assertNotNull(image, name);
    return image;
  }
}
