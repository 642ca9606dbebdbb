package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCardReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Models looked at, tested, installed and removed: by hand, in macros, on the command line. */
class ModelStoreTest {
  private static final Path BARE = Path.of("src/test/resources/bare/fixed28.onnx");

  @TempDir Path temp;
  private Path home;
  private ModelStore store;

  @BeforeEach
  void emptyHome() {
    home = temp.resolve("models/diffusion");
    store = new ModelStore(Optional.of(home));
  }

  private static String said(Executable action) {
    String message = assertThrows(DiffusionException.class, action).getMessage();
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  private Path mine() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("mine"));
    Files.writeString(folder.resolve("rdf.yaml"), CardFolder.text("gauss"));
    Path network = CardFolder.MODELS.resolve("gauss/model.onnx");
    Files.write(folder.resolve("model.onnx"), Files.readAllBytes(network));
    return folder;
  }

  private Optional<String> install(Path source, String options) {
    return store.install(source.toString(), "", false, options, Optional::of);
  }

  @Test
  void aSheetSaysAllThatAUserMustKnow() {
    ModelSheet sheet = store.sheet("photos-sr4");
    Map<String, String> rows = sheet.rows();
    assertEquals("upscale x4, for Upscale", rows.get("Task"));
    assertTrue(rows.get("Domain").startsWith("colour photographs"));
    assertTrue(rows.get("Not for").contains("Not for microscopy"));
    assertEquals("CC-BY-4.0", rows.get("Licence"));
    assertTrue(rows.get("Cite").contains("https://doi.org/10.48550/arXiv.2006.11239"));
    assertTrue(rows.get("Trained on").startsWith("8-bit RGB images, mean -0.86 to 0.48"));
    assertTrue(rows.get("Size").matches("\\d+\\.\\d MB"), rows.get("Size"));
    assertEquals("ready, SHA-256 as its card says", rows.get("State"));
    assertEquals("comes with the program", rows.get("Found"));
    assertTrue(rows.get("README").endsWith("README.md"));
    assertTrue(store.sheet("nuclei").rows().get("Task").startsWith("prior, for Inpaint"));
    assertEquals("inpaint, for Inpaint, Restore", store.sheet("photos-inpaint").rows().get("Task"));
  }

  @Test
  void aFolderComesIsTestedAndGoes() throws IOException {
    assertEquals(Optional.of("mine"), install(mine(), ""));
    assertTrue(store.names().contains("mine"));
    assertEquals("in ImageJ's folder of models", store.sheet("mine").rows().get("Found"));
    assertTrue(store.isRemovable(store.sheet("mine").entry()));
    ModelStore.Verdict verdict = store.test("mine");
    assertTrue(verdict.passed(), verdict.words());
    assertEquals(Optional.of("mine"), store.taken(temp.resolve("mine")));
    assertTrue(said(() -> install(temp.resolve("mine"), "")).contains("already"));
    Files.writeString(home.resolve("mine/model.onnx"), "other");
    ModelSheet broken = store.sheet("mine");
    assertFalse(broken.ready());
    assertTrue(broken.state().startsWith("cannot be used: Model file"), broken.state());
    verdict = store.test("mine");
    assertFalse(verdict.passed());
    assertTrue(verdict.words().contains("FAILED: Model file"), verdict.words());
    assertEquals(home.resolve("mine"), store.remove("mine", ""));
    assertFalse(Files.exists(home.resolve("mine")));
    assertFalse(store.names().contains("mine"));
  }

  @Test
  void aBareNetworkIsInstalledWithTheCardThatItsUserCompletes() {
    List<CardDraft> seen = new ArrayList<>();
    assertEquals(
        Optional.empty(),
        store.install(
            BARE.toString(),
            "",
            false,
            "",
            draft -> {
              seen.add(draft);
              return Optional.empty();
            }));
    assertEquals(1, seen.size());
    assertFalse(Files.exists(home));
    assertEquals(
        Optional.of("fixed28"), install(BARE, "schedule.kind=cosine domain=[grey squares]"));
    Path folder = home.resolve("fixed28");
    assertTrue(Files.exists(folder.resolve("model.onnx")));
    assertEquals("grey squares", ModelCardReader.read(folder).about().domain());
    assertTrue(ModelCardReader.read(folder).schedule().alphaBar(999) < 1e-6);
    ModelCardReader.read(folder).weights().verify();
    ModelStore.Verdict verdict = store.test("fixed28");
    assertTrue(verdict.passed(), verdict.words());
    assertTrue(verdict.words().contains("no test tensors to compare with; works"));
    assertEquals(folder, store.remove("fixed28", home.toString()));
  }

  @Test
  void aFileWithItsCardIsRemovedByItsName() throws IOException {
    Files.createDirectories(home);
    for (String from : List.of("", home.toString())) {
      Path onnx = Files.copy(CardFolder.MODELS.resolve("gauss/model.onnx"), home.resolve("b.onnx"));
      Files.writeString(
          home.resolve("b.rdf.yaml"),
          CardFolder.text("gauss").replace("source: model.onnx", "source: b.onnx"));
      assertEquals(onnx, store.remove("b", from));
      assertEquals(0, home.toFile().list().length);
    }
  }

  @Test
  void whatCannotBeDoneIsSaid() throws IOException {
    assertEquals(
        "Model nuclei comes with the program and cannot be removed.",
        said(() -> store.remove("nuclei", "")));
    assertTrue(said(() -> store.remove(mine().toString(), "")).contains("is a path"));
    assertTrue(said(() -> store.sheet("cats")).startsWith("There is no model \"cats\"; known are"));
    assertTrue(said(() -> store.test("cats")).startsWith("There is no model \"cats\""));
    assertTrue(said(() -> install(temp.resolve("mine"), "clip=1")).endsWith("leave them out."));
    assertTrue(said(() -> install(temp.resolve("x.zip"), "")).contains("does not exist"));
    Path outside = Files.createDirectories(temp.resolve("other/deep"));
    assertTrue(said(() -> store.remove("../other", home.toString())).contains("cannot be removed"));
    assertTrue(Files.exists(outside));
    ModelStore homeless = new ModelStore(Optional.empty());
    String said = said(() -> homeless.install(BARE.toString(), "", false, "", Optional::of));
    assertTrue(said.startsWith("No folder of ImageJ is known to install models into"), said);
    assertEquals(
        Optional.of("fixed28"),
        homeless.install(BARE.toString(), home.toString(), false, "", Optional::of));
  }

  private static String printed(int code, String... arguments) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertEquals(code, Main.execute(arguments));
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theCommandLine() throws IOException {
    assertTrue(printed(0, "models", "list").contains("photos-sr4"));
    String shown = printed(0, "models", "show", "nuclei-sr4");
    assertTrue(shown.matches("(?s).*Licence: +CC0-1\\.0\\R.*README\\.md.*"), shown);
    assertTrue(printed(0, "models", "test", "nuclei").contains("; passed on CPU: largest"));
    String into = home.toString();
    String said = printed(0, "models", "install", mine().toString(), "--into", into);
    assertEquals("Installed as mine.", said.strip());
    Files.writeString(home.resolve("mine/model.onnx"), "other");
    said = printed(1, "models", "test", home.resolve("mine").toString());
    assertTrue(said.contains("FAILED"), said);
    printed(1, "models", "install", mine().toString(), "--into", into);
    printed(0, "models", "install", mine().toString(), "--into", into, "--replace");
    printed(0, "models", "test", home.resolve("mine").toString());
    printed(0, "models", "remove", "mine", "--from", into);
    assertFalse(Files.exists(home.resolve("mine")));
    printed(1, "models", "remove", "nuclei");
    printed(2, "models");
    said =
        printed(
            0,
            "models",
            "install",
            BARE.toString(),
            "--into",
            into,
            "--options",
            "output.clip=false");
    assertTrue(said.startsWith("The file has no model card: proposed are"), said);
    assertFalse(ModelCardReader.read(home.resolve("fixed28")).clip());
  }

  @Test
  void macros() throws IOException {
    String into = " into=[" + home + "]";
    assertTrue(ManageModels.call("").contains("nuclei-sr4"));
    assertTrue(ManageModels.call("show=nuclei").contains("Not for:"));
    assertTrue(ManageModels.call("test=nuclei").contains("passed"));
    assertEquals("Installed as mine.", ManageModels.call("install=[" + mine() + "]" + into));
    String gone = ManageModels.call("remove=mine from=[" + home + "]");
    assertEquals("Removed " + home.resolve("mine") + ".", gone);
    assertEquals(
        "Options show and test are both given; give one.",
        said(() -> ManageModels.call("show=a test=b")));
    assertEquals(
        "Option into has no meaning with test; leave it out.",
        said(() -> ManageModels.call("test=nuclei into=x")));
    assertTrue(said(() -> ManageModels.call("instal=x")).startsWith("Unknown option \"instal\""));
  }
}
