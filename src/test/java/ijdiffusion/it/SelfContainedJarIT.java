package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The jar for plain ImageJ, dropped into an empty plugins folder. */
class SelfContainedJarIT extends OnDisplay {
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
}
