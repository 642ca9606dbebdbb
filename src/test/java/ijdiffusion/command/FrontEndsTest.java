package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.WindowManager;
import ij.io.FileSaver;
import ij.io.RoiEncoder;
import ij.macro.Interpreter;
import ij.process.ByteProcessor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.scijava.Context;
import org.scijava.command.CommandInfo;
import org.scijava.command.CommandModule;
import org.scijava.command.CommandService;

/** One command through every door: SciJava, headless macros, macro options, the command line. */
class FrontEndsTest {
  private static final String OPTIONS = "model=gauss steps=5 jump=2 resamplings=2 seed=4";

  @TempDir Path folder;
  private byte[] expected;

  @BeforeEach
  void runDirectly() {
    expected =
        (byte[])
            InpaintCommandTest.result(InpaintCommandTest.image("8"), OPTIONS)
                .getProcessor()
                .getPixels();
  }

  @Test
  void pluginsConfigAndTheCommandListAgree() throws IOException {
    String config;
    try (InputStream in = getClass().getResourceAsStream("/plugins.config")) {
      config = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (String label : Commands.all().keySet()) {
      String line =
          "Plugins>Diffusion, \""
              + label
              + "\", "
              + MenuPlugIn.class.getName()
              + "(\""
              + label
              + "\")";
      assertTrue(config.contains(line), label);
    }
    Matcher bridged = Pattern.compile("MenuPlugIn\\(\"(.*?)\"\\)").matcher(config);
    while (bridged.find()) {
      assertTrue(Commands.all().containsKey(bridged.group(1)), bridged.group(1));
    }
  }

  @Test
  void aSciJavaContextFindsTheCommandAndRunsIt() throws Exception {
    try (Context context = new Context(CommandService.class)) {
      CommandService commands = context.service(CommandService.class);
      CommandInfo info = commands.getCommand(InpaintCommand.class);
      assertTrue(info.canRunHeadless());
      assertTrue(info.getMenuPath().isEmpty(), "Fiji would show the command twice");
      CommandModule module =
          commands
              .run(
                  InpaintCommand.class,
                  true,
                  "image",
                  InpaintCommandTest.image("8"),
                  "model",
                  "gauss",
                  "steps",
                  5,
                  "jump",
                  2,
                  "resamplings",
                  2,
                  "seed",
                  4L)
              .get();
      ImagePlus result = (ImagePlus) module.getOutput("result");
      assertArrayEquals(expected, (byte[]) result.getProcessor().getPixels());
      assertNull(module.getOutput("statistics"));
    }
  }

  @Test
  void aHeadlessMacroCallsTheCommand() {
    String macro =
        "title = call('ijdiffusion.command.MenuPlugIn.call', 'Diffusion Inpaint...', '"
            + OPTIONS
            + "'); if (getTitle() != title) exit('the result is not the current image');";
    ImagePlus result = new Interpreter().runBatchMacro(macro, InpaintCommandTest.image("8"));
    assertEquals("field-inpainted", result.getTitle());
    assertArrayEquals(expected, (byte[]) result.getProcessor().getPixels());
  }

  @Test
  void macroOptionsReachTheCommandWithoutAnyDialog() {
    String name = Thread.currentThread().getName();
    ImagePlus image = InpaintCommandTest.image("8");
    WindowManager.setTempCurrentImage(image);
    Thread.currentThread().setName("Run$_" + name);
    try {
      Macro.setOptions(OPTIONS + " in_place");
      new MenuPlugIn().run("Diffusion Inpaint...");
      assertArrayEquals(expected, (byte[]) image.getProcessor().getPixels());
      Macro.setOptions("stepps=5");
      IllegalStateException stop =
          assertThrows(
              IllegalStateException.class, () -> new MenuPlugIn().run("Diffusion Inpaint..."));
      assertEquals(Macro.MACRO_CANCELED, stop.getMessage());
    } finally {
      Macro.setOptions(null);
      Thread.currentThread().setName(name);
      WindowManager.setTempCurrentImage(null);
    }
  }

  private record Outcome(int code, String out, String err) {}

  private static Outcome cli(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    try {
      int code = Main.execute(args);
      return new Outcome(
          code,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private Path saved(ImagePlus image, String name) {
    Path file = folder.resolve(name);
    new FileSaver(image).saveAsTiff(file.toString());
    return file;
  }

  @Test
  void theCommandLineRunsOnFilesWithAMaskOrASelection() throws IOException {
    ImagePlus image = InpaintCommandTest.image("8");
    ByteProcessor white = new ByteProcessor(128, 128);
    white.setValue(255);
    white.fill(InpaintCommandTest.HOLE);
    Path mask = saved(new ImagePlus("mask", white), "mask.tif");
    Path roi = folder.resolve("a.roi");
    try (var stream = Files.newOutputStream(roi)) {
      new RoiEncoder(stream).write(InpaintCommandTest.HOLE);
    }
    image.deleteRoi();
    String in = saved(image, "a.tif").toString();
    for (List<String> area : List.of(List.of("--mask", "" + mask), List.of("--roi", "" + roi))) {
      Path out = folder.resolve("out" + area.get(0) + ".tif");
      Outcome o =
          cli(
              "run",
              "Diffusion Inpaint...",
              "--in",
              in,
              area.get(0),
              area.get(1),
              "--out",
              "" + out,
              "--options",
              OPTIONS);
      assertEquals(new Outcome(0, "", ""), o);
      ImagePlus result = IJ.openImage(out.toString());
      assertArrayEquals(expected, (byte[]) result.getProcessor().getPixels());
    }
  }

  @Test
  void severalSamplesAreSavedWithTheirStatistics() {
    String in = saved(InpaintCommandTest.image("8"), "a.tif").toString();
    Path out = folder.resolve("b.tif");
    Outcome o =
        cli(
            "run",
            "Diffusion Inpaint...",
            "--in",
            in,
            "--out",
            "" + out,
            "--options",
            OPTIONS + " samples=3");
    assertEquals(0, o.code(), o.err());
    assertEquals(3, IJ.openImage(out.toString()).getStackSize());
    ImagePlus statistics = IJ.openImage(folder.resolve("b-statistics.tif").toString());
    assertEquals(2, statistics.getStackSize());
    assertEquals(32, statistics.getBitDepth());
  }

  @Test
  void failuresAreOneLineAndExitCodeOne() throws IOException {
    ImagePlus plain = InpaintCommandTest.image("8");
    plain.deleteRoi();
    String in = saved(plain, "plain.tif").toString();
    Path text = folder.resolve("text.tif");
    Files.writeString(text, "not an image");
    String out = folder.resolve("o.tif").toString();
    assertFails("has no selection", "--in", in, "--out", out);
    assertFails("There is no file", "--in", folder.resolve("none.tif").toString(), "--out", out);
    assertFails("is not an image", "--in", text.toString(), "--out", out);
    assertFails("is not an ImageJ selection", "--in", in, "--roi", text.toString(), "--out", out);
    assertFails("Both --mask and --roi", "--in", in, "--roi", "a", "--mask", "b", "--out", out);
    assertFails("There is no folder", "--in", in, "--out", folder.resolve("x/o.tif").toString());
    assertFails("has no ending", "--in", in, "--out", folder.resolve("o.xyz").toString());
    String deep = saved(InpaintCommandTest.image("16"), "deep.tif").toString();
    String png = folder.resolve("o.png").toString();
    assertFails("cannot hold a 16-bit image of 1 plane;", "--in", deep, "--out", png);
    assertFails("steps is 1", "--in", in, "--out", out, "--options", "steps=1");
    assertFails("Unknown option \"step\"", "--in", in, "--out", out, "--options", "step=1");
    assertFalse(Files.exists(Path.of(out)));
    Outcome unknown = cli("run", "Diffusion Dream...", "--in", in, "--out", out);
    assertEquals(1, unknown.code());
    assertTrue(unknown.err().contains("There is no command \"Diffusion Dream...\""), unknown.err());
  }

  private static void assertFails(String part, String... args) {
    String[] all = new String[args.length + 2];
    all[0] = "run";
    all[1] = "Diffusion Inpaint...";
    System.arraycopy(args, 0, all, 2, args.length);
    Outcome o = cli(all);
    assertEquals(1, o.code());
    assertTrue(o.err().contains(part), o.err());
    assertEquals(1, o.err().strip().lines().count(), o.err());
    assertEquals("", o.out());
  }

  @Test
  void wrongUsageIsExitCodeTwo() {
    assertEquals(2, cli("run").code());
    assertEquals(2, cli("run", "Diffusion Inpaint...", "--in", "a.tif").code());
    assertEquals(2, cli("--nonsense").code());
    assertEquals(2, cli("frobnicate").code());
  }

  @Test
  void listPrintsCommandsAndModels() {
    Outcome o = cli("list");
    assertEquals(0, o.code());
    assertTrue(o.out().contains("Diffusion Inpaint..."), o.out());
    assertTrue(o.out().contains("model=nuclei steps="), o.out());
    assertTrue(o.out().lines().anyMatch(l -> l.startsWith("  nuclei  ")), o.out());
    assertTrue(cli("--version").out().contains(Version.current()));
  }
}
