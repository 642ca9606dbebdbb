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

/** The jar for Fiji, with the jars it needs in a folder beside it. */
class ThinJarIT {
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

  @Test
  void aMacroRunsTheMenuCommandInPlainImageJ() {
    ImageJFolder folder = new ImageJFolder(temp);
    folder.install(Jars.thin(), "plugins");
    Jars.dependencies().forEach(jar -> folder.install(jar, "plugins/jars"));
    Nuclei.saveInto(folder);
    try (Child imageJ = folder.batch(display, SelfContainedJarIT.macro(folder, 1))) {
      Child.Outcome o = imageJ.await(100);
      assertEquals(0, o.code(), o.toString());
      assertEquals("nuclei-inpainted", o.out().strip(), o.toString());
    }
    Nuclei.assertResult(folder.path("result.tif"), 1);
    folder.assertNoCrash();
  }

  @Test
  void itHoldsOnlyOurs() {
    Path jar = Jars.thin();
    Jars.printSize(jar);
    List<String> files = Jars.files(jar);
    for (String file :
        List.of(
            "plugins.config",
            "META-INF/json/org.scijava.plugin.Plugin",
            "META-INF/LICENSE",
            "models/bundled.txt",
            "models/nuclei/rdf.yaml",
            "models/nuclei/model.onnx")) {
      assertTrue(files.contains(file), file);
    }
    assertEquals(
        List.of(),
        files.stream()
            .filter(f -> f.endsWith(".class") && !f.startsWith("ijdiffusion/"))
            .collect(Collectors.toList()));
  }
}
