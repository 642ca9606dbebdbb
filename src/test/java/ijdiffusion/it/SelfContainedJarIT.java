package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar for plain ImageJ, dropped into an empty plugins folder. */
class SelfContainedJarIT {
  private static Display display;

  @TempDir Path temp;

  @BeforeAll
  static void open() {
    display = Display.open();
  }

  @AfterAll
  static void close() {
    if (display != null) {
      display.close();
    }
  }

  /** A macro that fills the hole through the menu command and saves the result. */
  static String macro(ImageJFolder folder, long seed) {
    return String.join(
        "\n",
        "open('" + folder.path("nuclei.tif") + "');",
        Nuclei.SELECT,
        "run('Diffusion Inpaint...', '" + Nuclei.options(seed) + "');",
        "print(getTitle());",
        "saveAs('Tiff', '" + folder.path("result.tif") + "');");
  }

  @Test
  void aMacroRunsTheMenuCommandInPlainImageJ() {
    ImageJFolder folder = ImageJFolder.selfContained(temp);
    Nuclei.saveInto(folder);
    try (Child imageJ = folder.batch(display, macro(folder, 1))) {
      Child.Outcome o = imageJ.await(100);
      assertEquals(0, o.code(), o.toString());
      assertEquals("nuclei-inpainted", o.out().strip(), o.toString());
    }
    Nuclei.assertResult(folder.path("result.tif"), 1);
    folder.assertNoCrash();
  }

  @Test
  void itHoldsAllItNeedsAndNothingElse() {
    Path jar = Jars.selfContained();
    Jars.printSize(jar);
    assertTrue(jar.getFileName().toString().contains("_"), "ImageJ would not look into it");
    List<String> files = Jars.files(jar);
    List<String> natives =
        List.of(
            "linux-x64/libonnxruntime.so",
            "linux-aarch64/libonnxruntime.so",
            "osx-aarch64/libonnxruntime.dylib",
            "win-x64/onnxruntime.dll");
    for (String n : natives) {
      assertTrue(files.contains("ai/onnxruntime/native/" + n), n);
    }
    assertTrue(files.contains("org/scijava/Context.class"));
    assertTrue(files.contains("org/yaml/snakeyaml/Yaml.class"));
    assertTrue(files.contains("picocli/CommandLine.class"));
    assertTrue(files.contains("plugins.config"));
    assertTrue(files.contains("models/nuclei/model.onnx"));
    assertTrue(
        Jars.text(jar, "META-INF/json/org.scijava.plugin.Plugin")
            .contains("ijdiffusion.command.InpaintCommand"));
    assertEquals(
        List.of(),
        files.stream()
            .filter(f -> f.contains(".dSYM/") || f.startsWith("ij/") || f.startsWith("org/junit/"))
            .collect(Collectors.toList()));
    assertTrue(jar.toFile().length() < 60_000_000, "it has become large");
  }

  @Test
  void licencesTravelWithTheCode() {
    Path jar = Jars.selfContained();
    List<String> files = Jars.files(jar);
    assertTrue(files.contains("META-INF/LICENSE"), "ours is missing");
    assertTrue(Jars.text(jar, "META-INF/LICENSE").contains("Diffusion for ImageJ"));
    // of ONNX Runtime
    assertTrue(files.contains("ThirdPartyNotices.txt"));
  }
}
