package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Macros in headless ImageJ as Fiji makes it, with its patches (ij1-patcher): the menu is there, so
 * that {@code run} works as with a screen.
 */
class FijiHeadlessIT {
  @TempDir Path temp;
  private ImageJFolder folder;

  @BeforeEach
  void install() throws Exception {
    folder = ImageJFolder.selfContained(temp);
    Nuclei.saveInto(folder);
    Path here = Path.of(PatchedImageJ.class.getResource("PatchedImageJ.class").toURI()).getParent();
    Path there = Files.createDirectories(temp.resolve("driver").resolve("ijdiffusion/it"));
    try (Stream<Path> classes = Files.list(here)) {
      for (Path c : classes.toList()) {
        if (c.getFileName().toString().startsWith("PatchedImageJ")) {
          Files.copy(c, there.resolve(c.getFileName()));
        }
      }
    }
  }

  /** What it prints; ends with code 0 whatever the macro did. */
  private String run(String macro) throws IOException {
    List<Path> classPath = new ArrayList<>();
    classPath.add(temp.resolve("driver"));
    Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(
            p -> p.getFileName().toString().matches("(ij1-patcher|javassist|classgraph)-.*\\.jar"))
        .forEach(classPath::add);
    assertEquals(4, classPath.size(), "" + classPath);
    classPath.add(Jars.imageJ());
    // Fiji's launcher has all plugins on the class path; the patches leave ImageJ's loader out
    classPath.add(Jars.selfContained());
    Path file = Files.writeString(temp.resolve("macro.ijm"), macro);
    try (Child imageJ =
        folder.java(
            null,
            List.of("--add-opens=java.base/java.lang=ALL-UNNAMED"), // as Fiji's launcher does
            classPath,
            PatchedImageJ.class.getName(),
            file.toString())) {
      Child.Outcome o = imageJ.await(150);
      assertEquals(0, o.code(), o.toString());
      folder.assertNoCrash();
      return o.out() + o.err();
    }
  }

  @Test
  void aMacroRunsTheMenuCommand() throws IOException {
    String out =
        run(
            "open('"
                + folder.path("nuclei.tif")
                + "');\n"
                + Nuclei.SELECT
                + "run('Diffusion Inpaint...', '"
                + Nuclei.options(1)
                + "');\nprint(getTitle());\nsaveAs('Tiff', '"
                + folder.path("result.tif")
                + "');");
    assertTrue(out.lines().anyMatch("nuclei-inpainted"::equals), out);
    Nuclei.assertResult(folder.path("result.tif"), 1);
  }

  @Test
  void aMacroIsToldWhatIsWrong() throws IOException {
    String out =
        run(
            "open('"
                + folder.path("nuclei.tif")
                + "');\n"
                + "run('Diffusion Edit...', 'model=nuclei stepps=3');\nprint('went on');");
    assertTrue(out.contains("Unknown option \"stepps\"; the options are model, "), out);
    assertFalse(out.contains("went on"), out);
    assertFalse(out.contains("DiffusionException"), out);
  }

  @Test
  void everyMenuCommandIsThere() throws IOException {
    String macro =
        """
        List.setCommands;
        labels = newArray("Inpaint...", "Edit...", "Guide...", "Upscale...", "Denoise...",
            "Restore...", "Generate...", "Encode...", "Decode...", "Interpolate...", "Repeat...",
            "Provenance...", "Sample Image", "Check Setup...");
        for (i = 0; i < labels.length; i++)
          if (List.get("Diffusion " + labels[i]) == "") print("missing: " + labels[i]);
        run("Diffusion Sample Image");
        run("Diffusion Generate...", "width=32 height=32 steps=3");
        run("Diffusion Check Setup...");
        print("images: " + nImages);
        """;
    String out = run(macro);
    assertFalse(out.contains("missing: "), out);
    assertTrue(out.lines().anyMatch("images: 2"::equals), out);
    assertTrue(out.contains("ONNX Runtime"), out);
  }
}
