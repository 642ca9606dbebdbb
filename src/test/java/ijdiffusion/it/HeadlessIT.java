package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.io.FileSaver;
import ij.io.RoiEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines without a screen: macros of a headless ImageJ, and the command line. */
class HeadlessIT {
  @TempDir Path temp;
  private ImageJFolder folder;

  @BeforeEach
  void install() {
    folder = ImageJFolder.selfContained(temp);
    Nuclei.saveInto(folder);
  }

  /** Without a screen, the first open of plain ImageJ stumbles over its menus, and only that. */
  private String open() {
    String path = folder.path("nuclei.tif");
    return "call('ij.IJ.open', '" + path + "');\nopen('" + path + "');\n";
  }

  private String call(String options) {
    return "title = call('ijdiffusion.command.MenuPlugIn.call', 'Diffusion Inpaint...', '"
        + options
        + "');\n";
  }

  @Test
  void aMacroOfHeadlessImageJCallsTheCommand() {
    String macro =
        open()
            + Nuclei.SELECT
            + call(Nuclei.options(1))
            + "print(title);\n"
            + "saveAs('Tiff', '"
            + folder.path("result.tif")
            + "');";
    try (Child imageJ = folder.headless(macro)) {
      Child.Outcome o = imageJ.await(100);
      assertEquals(0, o.code(), o.toString());
      assertTrue(o.out().lines().anyMatch("nuclei-inpainted"::equals), o.toString());
    }
    Nuclei.assertResult(folder.path("result.tif"), 1);
    folder.assertNoCrash();
  }

  @Test
  void aMacroOfHeadlessImageJIsToldWhatIsWrong() {
    String macro = open() + call("model=nuclei") + "print('went on');";
    try (Child imageJ = folder.headless(macro)) {
      Child.Outcome o = imageJ.await(60);
      String sentence = "Diffusion Inpaint... \"nuclei.tif\" has no selection; draw one";
      assertTrue(o.out().lines().anyMatch(l -> l.startsWith(sentence)), o.toString());
      assertFalse(o.out().contains("DiffusionException"), o.toString());
      assertFalse(o.out().contains("went on"), o.toString());
    }
  }

  @Test
  void theMacroOfTheDocsGoesThroughAFolder() throws IOException {
    Files.createDirectory(temp.resolve("in"));
    Files.createDirectory(temp.resolve("out"));
    for (String name : List.of("a.tif", "b.tif")) {
      ImagePlus image = new ImagePlus(name, Nuclei.before().getProcessor().resize(24, 20));
      new FileSaver(image).saveAsTiff(folder.path("in/" + name));
    }
    Path macro = Path.of("docs", "macros", "batch.ijm").toAbsolutePath();
    String argument = folder.path("in") + "/|" + folder.path("out") + "/|steps=2 seed=4";
    try (Child imageJ =
        folder.java(
            null, List.of(Jars.imageJ()), "ij.ImageJ", "-batch", macro.toString(), argument)) {
      Child.Outcome o = imageJ.await(150);
      assertTrue(o.out().contains("a.tif done") && o.out().contains("b.tif done"), o.toString());
    }
    // the command line makes the same of it
    Child.Outcome o =
        commandLine(
            "run",
            "Diffusion Upscale...",
            "--in",
            folder.path("in") + "/*.tif",
            "--out",
            folder.path("same"),
            "--options",
            "steps=2 seed=4");
    assertEquals(0, o.code(), o.toString());
    assertTrue(o.out().contains("2 done, 0 skipped, 0 failed"), o.toString());
    for (String name : List.of("a.tif", "b.tif")) {
      ImagePlus made = IJ.openImage(folder.path("out/" + name));
      assertEquals(96, made.getWidth());
      assertArrayEquals(
          (byte[]) IJ.openImage(folder.path("same/" + name)).getProcessor().getPixels(),
          (byte[]) made.getProcessor().getPixels());
    }
    folder.assertNoCrash();
  }

  private Child.Outcome commandLine(String... arguments) {
    try (Child main =
        folder.java(
            null,
            List.of(Jars.selfContained(), Jars.imageJ()),
            "ijdiffusion.command.Main",
            arguments)) {
      return main.await(100);
    }
  }

  private Child.Outcome run(String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("run", "Diffusion Inpaint...", "--in", folder.path("nuclei.tif")));
    arguments.addAll(List.of("--out", folder.path("result.tif")));
    arguments.addAll(List.of(more));
    return commandLine(arguments.toArray(new String[0]));
  }

  @Test
  void theCommandLineFillsASelection() throws IOException {
    try (var stream = Files.newOutputStream(temp.resolve("hole.roi"))) {
      new RoiEncoder(stream).write(Nuclei.hole());
    }
    Child.Outcome o = run("--roi", folder.path("hole.roi"), "--options", Nuclei.options(1));
    assertEquals(new Child.Outcome(0, "", ""), o);
    Nuclei.assertResult(folder.path("result.tif"), 1);
    folder.assertNoCrash();
  }

  @Test
  void theCommandLineSaysInALineWhatFailed() {
    Child.Outcome o = run("--options", Nuclei.options(1));
    assertEquals(1, o.code(), o.toString());
    assertEquals("", o.out());
    assertEquals(1, o.err().lines().count(), o.err());
    assertTrue(o.err().contains("\"nuclei.tif\" has no selection"), o.err());
    assertFalse(Files.exists(temp.resolve("result.tif")));
  }

  @Test
  void theCommandLineKnowsWrongUsage() {
    Child.Outcome o = run("--nonsense");
    assertEquals(2, o.code(), o.toString());
    assertTrue(o.err().contains("--nonsense"), o.err());
  }

  @Test
  void theCommandLineListsCommandsAndModels() {
    Child.Outcome o = commandLine("list");
    assertEquals(0, o.code(), o.toString());
    assertTrue(o.out().contains("Diffusion Inpaint..."), o.out());
    assertTrue(o.out().contains("  nuclei  "), o.out());
    assertEquals("", o.err());
  }
}
