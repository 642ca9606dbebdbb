package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.io.FileSaver;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.script.ScriptEngineManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.scijava.Context;
import org.scijava.command.CommandService;
import org.scijava.script.AdaptedScriptLanguage;
import org.scijava.script.ScriptModule;
import org.scijava.script.ScriptService;

/** The scripts of the docs, run as Fiji runs them: by SciJava, with their parameters. */
class ScriptsTest {
  private static final Path SCRIPTS = Path.of("docs", "scripts");

  @TempDir Path temp;
  private Context context;

  @BeforeEach
  void open() {
    context = new Context();
    // as Fiji does, so that scripts may say it without its package
    context.service(ScriptService.class).addAlias(ImagePlus.class);
  }

  @AfterEach
  void close() {
    context.close();
  }

  /** Runs a script; the adapter of its language is what Fiji has for it, too. */
  private ScriptModule run(String language, String script, Object... inputs) throws Exception {
    assumeTrue(
        new ScriptEngineManager().getEngineByName(language) != null,
        "No " + language + " here: it comes with the profile scripts, which others switch off.");
    AdaptedScriptLanguage adapter = new AdaptedScriptLanguage(language);
    context.inject(adapter);
    context.service(ScriptService.class).getIndex().add(adapter, false);
    File file = SCRIPTS.resolve(script).toFile();
    return context.service(ScriptService.class).run(file, true, inputs).get();
  }

  private static ImagePlus image(String title, long seed) {
    return new ImagePlus(title, Runs.plane(40, 36, 8, seed));
  }

  private Path saved(ImagePlus image, String name) {
    Path file = temp.resolve(name);
    assertTrue(new FileSaver(image).saveAsTiff(file.toString()));
    return file;
  }

  @Test
  void groovy() throws Exception {
    ScriptModule script =
        run(
            "groovy",
            "upscale.groovy",
            "image",
            image("a", 1),
            "model",
            "cond-inside",
            "steps",
            4,
            "seed",
            3L);
    ImagePlus made = (ImagePlus) script.getOutput("result");
    assertNotNull(made);
    Runs.assertSamePixels(
        Runs.result("Diffusion Upscale...", image("a", 1), "model=cond-inside steps=4 seed=3"),
        made);
  }

  @Test
  void jython() throws Exception {
    Path in = Files.createDirectory(temp.resolve("in"));
    Path out = Files.createDirectory(temp.resolve("out"));
    saved(image("a", 1), "in/a.tif");
    saved(image("b", 2), "in/b.tif");
    Files.writeString(in.resolve("notes.txt"), "no image");
    ScriptModule script =
        run(
            "jython",
            "denoise_folder.py",
            "source",
            in.toFile(),
            "target",
            out.toFile(),
            "model",
            "gauss");
    assertEquals(2, script.getOutput("done"));
    for (int i = 1; i <= 2; i++) {
      String name = i == 1 ? "a.tif" : "b.tif";
      Runs.assertSamePixels(
          Runs.result("Diffusion Denoise...", image("", i), "model=gauss"),
          IJ.openImage(out.resolve(name).toString()));
    }
  }

  /** The calls of pyimagej_edit.py; Python itself is not run here. */
  @Test
  void theCallsOfPython() throws Exception {
    String script = Files.readString(SCRIPTS.resolve("pyimagej_edit.py"));
    assertTrue(script.contains("ij.command().run(\"ijdiffusion.command.EditCommand\", True, "));
    assertTrue(
        script.contains("{\"image\": image, \"strength\": 0.4, \"steps\": 20, \"seed\": 1}"));
    Map<String, Object> settings = new HashMap<>();
    settings.put("image", SampleImage.create());
    settings.put("strength", 0.4); // PyImageJ makes of a number a Double, an Integer or a Long
    settings.put("steps", 20);
    settings.put("seed", 1);
    CommandService commands = context.service(CommandService.class);
    ImagePlus made =
        (ImagePlus)
            commands
                .run("ijdiffusion.command.EditCommand", true, settings)
                .get()
                .getOutput("result");
    Runs.assertSamePixels(
        Runs.result("Diffusion Edit...", SampleImage.create(), "strength=0.4 steps=20 seed=1"),
        made);
  }
}
