package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.io.FileSaver;
import ij.process.ByteProcessor;
import ijdiffusion.image.Provenance;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many files at once: the same results as one by one, whatever happens to some of them. */
class BatchTest {
  private static final String EDIT = "Diffusion Edit...";
  private static final String OPTIONS = "model=gauss steps=5 strength=0.5 seed=7";

  @TempDir Path temp;
  private Path in;
  private Path out;

  @BeforeEach
  void images() throws IOException {
    in = Files.createDirectory(temp.resolve("in"));
    out = temp.resolve("out");
    assertTrue(new FileSaver(image("a.tif", 1)).saveAsTiff(in.resolve("a.tif").toString()));
    assertTrue(new FileSaver(image("b.png", 2)).saveAsPng(in.resolve("b.png").toString()));
    assertTrue(new FileSaver(image("c.tif", 3)).saveAsTiff(in.resolve("c.tif").toString()));
    Files.writeString(in.resolve("notes.txt"), "not an image");
    Files.writeString(in.resolve(".hidden.tif"), "not an image");
  }

  private static ImagePlus image(String title, long seed) {
    return new ImagePlus(title, Runs.plane(40, 36, 8, seed));
  }

  private record Outcome(int code, String out, String err) {}

  private static Outcome cli(String... args) {
    PrintStream stdout = System.out;
    PrintStream stderr = System.err;
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
      System.setOut(stdout);
      System.setErr(stderr);
    }
  }

  private Outcome edit(String images, String... more) {
    return run(EDIT, images, OPTIONS, more);
  }

  private Outcome run(String label, String images, String options, String... more) {
    Stream<String> fixed =
        Stream.of("run", label, "--in", images, "--out", "" + out, "--options", options);
    return cli(Stream.concat(fixed, Arrays.stream(more)).toArray(String[]::new));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(out)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** The table's lines as columns. */
  private List<String[]> table() throws IOException {
    List<String> lines = Files.readAllLines(out.resolve("batch.csv"));
    assertEquals("file,state,seconds,seed,message", lines.get(0));
    return lines.stream().skip(1).map(line -> line.split(",", 5)).toList();
  }

  private void assertTable(String... lines) throws IOException {
    assertEquals(
        List.of(lines), table().stream().map(c -> c[0] + " " + c[1] + " " + c[3]).toList());
  }

  private byte[] made(String name) {
    return (byte[]) IJ.openImage(out.resolve(name).toString()).getProcessor().getPixels();
  }

  /** Of a run on the image alone. */
  private static byte[] expected(long image, String options) {
    return (byte[]) Runs.result(EDIT, image("x", image), options).getProcessor().getPixels();
  }

  @Test
  void eachResultIsThatOfARunOnItsFileAlone() throws IOException {
    Outcome o = edit("" + in, "--json");
    assertEquals(0, o.code(), o.err());
    assertEquals("", o.err());
    assertEquals(
        List.of("a.json", "a.tif", "b.json", "b.tif", "batch.csv", "c.json", "c.tif"), files());
    assertArrayEquals(expected(1, OPTIONS), made("a.tif"));
    assertArrayEquals(expected(2, OPTIONS), made("b.tif"));
    assertArrayEquals(expected(3, OPTIONS), made("c.tif"));
    assertTable("a.tif done 7", "b.png done 7", "c.tif done 7");
    assertTrue(Files.readString(out.resolve("b.json")).contains("\"b.tif\""));
    List<String> printed = o.out().lines().toList();
    assertTrue(printed.get(0).matches("file +state +seconds +message"), o.out());
    assertTrue(printed.get(2).matches("b\\.png +done +[0-9.]+"), o.out());
    assertTrue(printed.get(4).startsWith("3 done, 0 skipped, 0 failed; "), o.out());
  }

  @Test
  void aFileThatFailsStopsNothing() throws IOException {
    Files.writeString(in.resolve("b.tif"), "not an image, truly");
    Outcome o = edit(in + "/*.tif");
    assertEquals(1, o.code(), o.err());
    assertEquals("", o.err());
    assertTable("a.tif done 7", "b.tif failed 7", "c.tif done 7");
    assertEquals(List.of("a.tif", "batch.csv", "c.tif"), files());
    assertTrue(table().get(1)[4].contains("is not an image ImageJ can open"), table().get(1)[4]);
    assertTrue(o.out().contains("2 done, 0 skipped, 1 failed"), o.out());
    assertArrayEquals(expected(3, OPTIONS), made("c.tif"));
  }

  @Test
  void aBatchGoesOnWhereItEnded() throws IOException {
    Files.createDirectory(out);
    Files.writeString(out.resolve("a.tif"), "mine");
    Outcome o = edit(in + "/?.*", "--skip-existing");
    assertEquals(0, o.code(), o.err());
    assertTable("a.tif skipped 7", "b.png done 7", "c.tif done 7");
    assertEquals("mine", Files.readString(out.resolve("a.tif")));
    assertEquals(0, edit(in + "/a.tif*").code());
    assertArrayEquals(expected(1, OPTIONS), made("a.tif"));
  }

  @Test
  void aSeedPerFileDependsOnSeedAndNameAlone() throws IOException {
    // Python: int.from_bytes(hashlib.sha256(b"7\na.tif").digest()[:4], "big") >> 1
    assertEquals(SEED_A, Batch.seed(7, "a.tif"));
    assertEquals(SEED_B, Batch.seed(7, "b.png"));
    Outcome o = edit(in + "/{a,b}.*", "--seed-per-file");
    assertEquals(0, o.code(), o.err());
    assertTable("a.tif done " + SEED_A, "b.png done " + SEED_B);
    String options = OPTIONS.replace("seed=7", "seed=" + SEED_A);
    assertArrayEquals(expected(1, options), made("a.tif"));
    assertFalse(Arrays.equals(expected(1, OPTIONS), made("a.tif")));
    ImagePlus result = IJ.openImage(out.resolve("a.tif").toString());
    assertEquals("" + SEED_A, Provenance.of(result).orElseThrow().get("seed"));
  }

  private static final long SEED_A = 2119514138;
  private static final long SEED_B = 1611234034;

  @Test
  void masksAreFoundByTheImagesNames() throws IOException {
    Path masks = Files.createDirectory(temp.resolve("masks"));
    ByteProcessor white = new ByteProcessor(40, 36);
    white.setValue(255);
    white.setRoi(4, 5, 6, 7);
    white.fill();
    new FileSaver(new ImagePlus("", white)).saveAsPng(masks.resolve("a.png").toString());
    Outcome o =
        run(
            "Diffusion Inpaint...",
            in + "/*.tif",
            "model=gauss steps=5 jump=2 resamplings=2",
            "--mask",
            "" + masks);
    assertEquals(1, o.code(), o.err());
    assertTable("a.tif done 1", "c.tif failed 1");
    assertTrue(table().get(1)[4].contains("there is no file for"), table().get(1)[4]);
    byte[] before = (byte[]) image("", 1).getProcessor().getPixels();
    byte[] after = made("a.tif");
    for (int i = 0; i < before.length; i++) {
      int x = i % 40;
      int y = i / 40;
      boolean inside = x >= 4 && x < 10 && y >= 5 && y < 12;
      assertTrue(inside || before[i] == after[i], "pixel " + x + ", " + y);
    }
    assertFalse(Arrays.equals(before, after));
  }

  @Test
  void whatCannotWorkForAnyFileIsSaidAtOnce() throws IOException {
    Files.writeString(temp.resolve("file"), "");
    new FileSaver(image("a.png", 1)).saveAsPng(in.resolve("a.png").toString());
    assertRefused("No file matches", edit(in + "/*.gif"));
    assertRefused("has a wildcard in a folder's name", edit(temp + "/i?/a.tif"));
    assertRefused("There is no folder", edit(temp + "/no/*.tif"));
    assertRefused("is no pattern", edit(in + "/[a.tif"));
    assertRefused("would have the same result \"a.tif\"", edit("" + in));
    assertRefused("folder is \"x\"", run(EDIT, in + "/*.tif", "folder=x"));
    assertRefused("Unknown option \"step\"", run(EDIT, in + "/*.tif", "step=3"));
    assertRefused("Both --mask", edit(in + "/*.tif", "--mask", "a", "--roi", "b"));
    assertRefused("from nothing", run("Diffusion Generate...", in + "/*.tif", ""));
    assertRefused("has no seed", run("Diffusion Encode...", in + "/*.tif", "", "--seed-per-file"));
    assertRefused("--skip-existing is for many", edit(in + "/a.tif", "--skip-existing"));
    assertFalse(Files.exists(out));
    out = in;
    assertRefused("the folder of the images themselves", edit(in + "/*.tif"));
    out = temp.resolve("file");
    assertRefused("a file; give a folder", edit(in + "/*.tif"));
    out = temp;
    Path empty = Files.createDirectory(temp.resolve("empty"));
    assertRefused("There is no image in folder", edit("" + empty));
  }

  private static void assertRefused(String part, Outcome o) {
    assertEquals(1, o.code(), o.toString());
    assertEquals(1, o.err().strip().lines().count(), o.err());
    assertTrue(o.err().contains(part), o.err());
    assertEquals("", o.out());
  }

  @Test
  void aMacroGetsTheTable() throws IOException {
    Files.writeString(in.resolve("b.tif"), "not an image");
    String table = Batch.run(EDIT, in + "/*.tif", "" + out, OPTIONS);
    assertEquals(Files.readString(out.resolve("batch.csv")), table);
    assertTable("a.tif done 7", "b.tif failed 7", "c.tif done 7");
    Batch.run(EDIT, in + "/*.tif", "" + out, OPTIONS);
    assertTable("a.tif skipped 7", "b.tif failed 7", "c.tif skipped 7");
  }
}
