package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The jar for Fiji, with the jars it needs in a folder beside it. */
class ThinJarIT extends OnDisplay {
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
}
