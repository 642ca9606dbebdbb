package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models come in whole and checked, or not at all. */
class ModelInstallerTest {
  private static final Path GAUSS = CardFolder.MODELS.resolve("gauss");

  @TempDir Path temp;

  private Path models;

  @BeforeEach
  void folderOfModels() throws IOException {
    models = Files.createDirectory(temp.resolve("models"));
  }

  /** Writes entries into a zip file, one after the other. */
  private static final class Zip implements AutoCloseable {
    private final ZipOutputStream out;

    Zip(Path file) throws IOException {
      out = new ZipOutputStream(Files.newOutputStream(file));
    }

    Zip add(String name, byte[] bytes) throws IOException {
      out.putNextEntry(new ZipEntry(name));
      out.write(bytes);
      out.closeEntry();
      return this;
    }

    Zip gauss(String folder) throws IOException {
      add(folder + "rdf.yaml", Files.readAllBytes(GAUSS.resolve("rdf.yaml")));
      return add(folder + "model.onnx", Files.readAllBytes(GAUSS.resolve("model.onnx")));
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  @Test
  void folderIsInstalledWithoutHiddenFiles() throws IOException {
    Path source = copyOfGauss("My model (2)");
    Files.createDirectories(source.resolve(".git/objects"));
    Files.writeString(source.resolve(".git/objects/1"), "x");
    Files.createDirectory(source.resolve("docs"));
    Files.writeString(source.resolve("docs/a.txt"), "text");
    Path installed = ModelInstaller.install(source, models);
    assertEquals(models.resolve("My-model-2"), installed);
    assertEquals(List.of("docs", "model.onnx", "rdf.yaml"), namesIn(installed));
    assertEquals("text", Files.readString(installed.resolve("docs/a.txt")));
    assertEquals(List.of("My-model-2"), namesIn(models));
    assertTrue(new ModelCatalogue(List.of(models)).names().contains("My-model-2"));
    assertTrue(ModelCardReader.read(installed).loadWeights().hasRemaining());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gauss-1.0/"})
  void zipIsInstalledFromItsTopOrItsOnlyFolder(String folder) throws IOException {
    Path zip = temp.resolve("gauss.v2.ZIP");
    try (Zip out = new Zip(zip)) {
      out.add("__MACOSX/._rdf.yaml", new byte[3])
          .gauss(folder)
          .add(folder + ".DS_Store", new byte[9]);
    }
    Path installed = ModelInstaller.install(zip, models);
    assertEquals(models.resolve("gauss.v2"), installed);
    assertEquals(List.of("model.onnx", "rdf.yaml"), namesIn(installed));
    assertArrayEquals(
        Files.readAllBytes(GAUSS.resolve("model.onnx")),
        Files.readAllBytes(installed.resolve("model.onnx")));
  }

  @Test
  void takenNamesAreRefusedUnlessReplaced() throws IOException {
    Path source = copyOfGauss("mine");
    Path installed = ModelInstaller.install(source, models);
    Files.writeString(installed.resolve("old.txt"), "old");
    assertEquals(
        "There is a model mine in "
            + models
            + " already; ask for it to be replaced, or rename the folder or file.",
        said(() -> ModelInstaller.install(source, models)));
    assertTrue(Files.exists(installed.resolve("old.txt")));
    // a broken replacement leaves the old model as it was
    Files.writeString(source.resolve("model.onnx"), "other bytes");
    String said = said(() -> ModelInstaller.install(source, models, true));
    assertTrue(said.contains("SHA-256 should be"), said);
    assertTrue(Files.exists(installed.resolve("old.txt")));
    assertEquals(List.of("mine"), namesIn(models));
    Files.copy(
        GAUSS.resolve("model.onnx"),
        source.resolve("model.onnx"),
        StandardCopyOption.REPLACE_EXISTING);
    assertEquals(installed, ModelInstaller.install(source, models, true));
    assertEquals(List.of("model.onnx", "rdf.yaml"), namesIn(installed));
    assertEquals(List.of("mine"), namesIn(models));
  }

  @Test
  void aNetworkWithItsCardBesideItIsInstalledAsAFolder() throws IOException {
    Path onnx = Files.copy(GAUSS.resolve("model.onnx"), temp.resolve("my net.onnx"));
    assertTrue(said(() -> ModelInstaller.install(onnx, models)).contains("with its card beside"));
    String card = CardFolder.text("gauss").replace("source: model.onnx", "source: my net.onnx");
    Files.writeString(temp.resolve("my net.rdf.yaml"), card);
    assertEquals(Optional.empty(), ModelInstaller.taken(onnx, models));
    Path installed = ModelInstaller.install(onnx, models);
    assertEquals(models.resolve("my-net"), installed);
    assertEquals(List.of("my net.onnx", "rdf.yaml"), namesIn(installed));
    assertTrue(ModelCardReader.read(installed).loadWeights().hasRemaining());
    assertEquals(Optional.of("my-net"), ModelInstaller.taken(onnx, models));
    Files.writeString(onnx, "other bytes");
    assertTrue(said(() -> ModelInstaller.install(onnx, models, true)).contains("SHA-256"));
    assertTrue(ModelCardReader.read(installed).loadWeights().hasRemaining());
  }

  @Test
  void aFolderOfDiffusersComesAndGoes() throws IOException {
    Path source = CardFolder.MODELS.resolve("gauss-diffusers");
    Path installed = ModelInstaller.install(source, models);
    assertEquals("gauss-diffusers", ModelCardReader.read(installed).name());
    ModelInstaller.remove(installed, models);
    assertEquals(List.of(), namesIn(models));
  }

  @Test
  void nameOfABundledModelIsRefused() throws IOException {
    String said = said(() -> ModelInstaller.install(copyOfGauss("Nuclei"), models, true));
    assertEquals(
        "Model name Nuclei belongs to a model that comes with the program; rename the folder or"
            + " file.",
        said);
  }

  @ParameterizedTest
  @CsvSource({"Zellkerne groß,Zellkerne-gro", "..hidden,hidden", "a/b\\c:d,a-b-c-d", "Ü,U"})
  void namesAreMadeLegal(String name, String legal) {
    assertEquals(legal, ModelInstaller.legal(name, Path.of("x")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"细胞", "...", "con", "LPT1.onnx", ""})
  void namesThatCannotBeMadeLegalAreRefused(String name) {
    assertEquals(
        "Model source x makes no name for a model; rename it to letters of English.",
        said(() -> ModelInstaller.legal(name, Path.of("x"))));
  }

  @ParameterizedTest
  @CsvSource({
    "../evil.txt,is not a path inside",
    "a/../../evil.txt,is not a path inside",
    "/etc/evil.txt,is not a path inside",
    "C:/evil.txt,is not a path inside",
    "..\\evil.txt,is not a path inside",
    "a//b.txt,is not a path inside",
    "nul.txt,is not a path inside",
    "ends.in.dot.,is not a path inside",
    "RDF.yaml,twice",
    "1/2/3/4/5/6/7/8/9,more than 8 folders deep"
  })
  void zipEntriesThatNoModelHas(String name, String message) throws IOException {
    Path zip = temp.resolve("evil.zip");
    try (Zip out = new Zip(zip)) {
      out.gauss("").add(name, new byte[] {1});
    }
    refuses(zip, "\"" + name + "\"", message);
    try (Stream<Path> outside = Files.walk(temp)) {
      assertEquals(List.of(), outside.filter(p -> p.endsWith("evil.txt")).toList());
    }
  }

  @Test
  void zipThatExplodes() throws IOException {
    Path zip = temp.resolve("bomb.zip");
    try (Zip out = new Zip(zip)) {
      out.gauss("").add("zeros.bin", new byte[40 << 20]);
    }
    refuses(zip, "it grows more than 100 times when it is unpacked");
  }

  @Test
  void zipOfTooManyEntries() throws IOException {
    Path zip = temp.resolve("many.zip");
    try (Zip out = new Zip(zip)) {
      out.gauss("");
      for (int i = 0; i < InstallLimits.MAX_ENTRIES; i++) {
        out.add("f" + i, new byte[0]);
      }
    }
    refuses(zip, "it has more than 1000 entries");
  }

  @Test
  void totalSizeIsLimited() {
    InstallLimits limits = InstallLimits.plain();
    limits.add(2L << 30);
    limits.add(6L << 30);
    assertEquals("it holds more than 8 GB", said(() -> limits.add(1)));
  }

  /** The directory's bytes are changed as a packer of links or of secrets would write them. */
  @Test
  void zipWithALinkOrAPassword() throws IOException {
    Path zip = temp.resolve("link.zip");
    try (Zip out = new Zip(zip)) {
      out.gauss("").add("link", "/etc/passwd".getBytes(StandardCharsets.UTF_8));
    }
    byte[] plain = Files.readAllBytes(zip);
    ByteBuffer link = ByteBuffer.wrap(plain.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int entry = lastEntry(link);
    link.put(entry + 5, (byte) 3).putInt(entry + 38, 0xA1FF << 16);
    Files.write(zip, link.array());
    refuses(zip, "its entry \"link\" is a link, which a model must not hold");
    ByteBuffer secret = ByteBuffer.wrap(plain.clone()).order(ByteOrder.LITTLE_ENDIAN);
    secret.putShort(entry + 8, (short) (secret.getShort(entry + 8) | 1));
    Files.write(zip, secret.array());
    refuses(zip, "its entry \"link\" is encrypted; make a zip file without a password");
  }

  private static int lastEntry(ByteBuffer zip) {
    for (int i = zip.capacity() - 4; ; i--) {
      if (zip.getInt(i) == 0x02014b50) {
        return i;
      }
    }
  }

  @Test
  void filesThatAreNoZip() throws IOException {
    Path zip = temp.resolve("broken.zip");
    Files.writeString(zip, "no zip at all, but long enough to hold the end of one");
    refuses(zip, "it is not a zip file or is damaged");
    Files.write(zip, new byte[0]);
    refuses(zip, "it is not a zip file or is damaged");
    try (Zip out = new Zip(zip)) {
      out.add("readme.txt", new byte[] {1});
    }
    refuses(zip, "holds no model card (rdf.yaml)");
    Path other = Files.writeString(temp.resolve("model.pth"), "weights");
    assertEquals(
        "Model source "
            + other
            + " is no model; it must be a model's folder, a .zip file of one, or an .onnx file with"
            + " its card beside it.",
        said(() -> ModelInstaller.install(other, models)));
    Path missing = temp.resolve("missing.zip");
    assertEquals(
        "Model source "
            + missing
            + " does not exist; it must be a model's folder, a .zip file of one, or an .onnx file with its card beside it.",
        said(() -> ModelInstaller.install(missing, models)));
  }

  @Test
  void filesThatAreNotTheCardsAreRefusedByTheNameOfTheSource() throws IOException {
    Path zip = temp.resolve("swapped.zip");
    try (Zip out = new Zip(zip)) {
      out.add("rdf.yaml", Files.readAllBytes(GAUSS.resolve("rdf.yaml")))
          .add("model.onnx", new byte[] {1, 2});
    }
    refuses(zip, "Model file " + zip + "/model.onnx is not the one its card describes");
  }

  @Test
  void folderWithALink() throws IOException {
    Path source = copyOfGauss("linked");
    Path secret = Files.writeString(temp.resolve("secret.txt"), "secret");
    Files.createSymbolicLink(source.resolve("notes.txt"), secret);
    refuses(source, "its entry \"notes.txt\" is a link, which a model must not hold");
    Files.delete(source.resolve("notes.txt"));
    Files.createSymbolicLink(source.resolve("folder"), temp);
    refuses(source, "its entry \"folder\" is a link");
  }

  @Test
  void folderOfModelsInsideTheModel() throws IOException {
    Path source = copyOfGauss("outer");
    Path inner = source.resolve("models");
    String said = said(() -> ModelInstaller.install(source, inner));
    assertTrue(said.contains("the folder of the models lies inside it"), said);
    assertEquals(List.of(), namesIn(inner));
  }

  @Test
  void onlyModelsInTheFolderOfModelsAreRemoved() throws IOException {
    Path installed = ModelInstaller.install(copyOfGauss("mine"), models);
    Path outside = copyOfGauss("outside");
    String elsewhere = said(() -> ModelInstaller.remove(outside, models));
    assertEquals(
        "Model "
            + outside
            + " cannot be removed, for it is no model in "
            + models
            + "; remove it by hand.",
        elsewhere);
    said(() -> ModelInstaller.remove(models.resolve("../outside"), models));
    said(() -> ModelInstaller.remove(models, models));
    said(() -> ModelInstaller.remove(installed.resolve(".."), models));
    said(() -> ModelInstaller.remove(models.resolve("missing"), models));
    Path link = Files.createSymbolicLink(models.resolve("link"), outside);
    said(() -> ModelInstaller.remove(link, models));
    Path other = Files.createDirectory(models.resolve("thesis"));
    Files.writeString(other.resolve("text.txt"), "years of work");
    String noModel = said(() -> ModelInstaller.remove(other, models));
    assertTrue(noModel.contains("holds no model card"), noModel);
    assertTrue(Files.exists(outside.resolve("rdf.yaml")));
    assertTrue(Files.exists(other.resolve("text.txt")));
    // a link inside a model goes, what it leads to stays
    Files.createSymbolicLink(installed.resolve("out"), outside);
    ModelInstaller.remove(installed, models);
    assertFalse(Files.exists(installed));
    assertTrue(Files.exists(outside.resolve("model.onnx")));
    assertEquals(List.of("link", "thesis"), namesIn(models));
  }

  @Test
  void linkOutOfTheModelsFolderIsRefusedWhenItIsLoaded() throws IOException {
    Path folder = copyOfGauss("linked");
    Path outside = Files.move(folder.resolve("model.onnx"), temp.resolve("outside.onnx"));
    Files.createSymbolicLink(folder.resolve("model.onnx"), outside);
    ModelCard card = ModelCardReader.read(folder);
    assertEquals(
        "Model file "
            + folder.resolve("model.onnx")
            + " is a link to "
            + outside.toRealPath()
            + ", outside the model's folder; put the file itself there.",
        said(card::loadWeights));
    // a link inside the folder, and one to the folder, are no way out
    Files.delete(folder.resolve("model.onnx"));
    Files.move(outside, folder.resolve("weights.bin"));
    Files.createSymbolicLink(folder.resolve("model.onnx"), Path.of("weights.bin"));
    assertTrue(card.loadWeights().hasRemaining());
    Path link = Files.createSymbolicLink(temp.resolve("link"), folder);
    assertTrue(ModelCardReader.read(link).loadWeights().hasRemaining());
  }

  private Path copyOfGauss(String name) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    for (String file : List.of("rdf.yaml", "model.onnx")) {
      try (OutputStream out = Files.newOutputStream(folder.resolve(file))) {
        Files.copy(GAUSS.resolve(file), out);
      }
    }
    return folder;
  }

  /** Nothing is left behind. */
  private void refuses(Path source, String... parts) throws IOException {
    String said = said(() -> ModelInstaller.install(source, models));
    for (String part : parts) {
      assertTrue(said.contains(part), said);
    }
    assertTrue(said.startsWith("Model " + source + " cannot be installed: "), said);
    assertTrue(said.endsWith("."), said);
    assertFalse(said.contains(".installing-"), said);
    assertEquals(List.of(), namesIn(models));
  }

  private static List<String> namesIn(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private static String said(Executable action) {
    return assertThrows(DiffusionException.class, action).getMessage();
  }
}
