package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.card.ModelInstaller;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights in a file beside the ONNX file: only the one that the card lists, only as it was. */
class ExternalDataTest {
  private static final Path MODEL = Path.of("src/test/resources/external");
  private static final String DATA = "weights.onnx.data";

  @TempDir Path temp;

  private String card;
  private byte[] network;
  private byte[] data;

  @BeforeEach
  void files() throws IOException {
    card = Files.readString(MODEL.resolve("rdf.yaml"));
    network = Files.readAllBytes(MODEL.resolve("model.onnx"));
    data = Files.readAllBytes(MODEL.resolve(DATA));
  }

  @Test
  void predictsAsWithTheWeightsInside() {
    assertArrayEquals(
        predict(CardFolder.MODELS.resolve("mixture")), predict(MODEL), "not the same weights");
  }

  /** A bare file gets a card that lists them; installed, both are there under legal names. */
  @Test
  void networkWithoutACard() throws IOException {
    Path bare = Files.write(temp.resolve("a net.onnx"), network);
    String missing = proposal(bare);
    assertTrue(
        missing.endsWith(
            "a net.onnx keeps its weights in the file weights.onnx.data, which is not beside it;"
                + " put that file there too."),
        missing);
    Files.write(temp.resolve(DATA), data);
    // a mixture of two Gaussians, whose noise the probe does not know for what it is
    CardDraft draft =
        NetworkInspector.propose(
            bare, Map.of("time.meaning", "index", "output.meaning", "epsilon"));
    Path installed = ModelInstaller.install(draft, temp.resolve("models"), false);
    float[] expected = predict(MODEL);
    assertArrayEquals(expected, predict(installed));
    draft.save();
    assertArrayEquals(expected, predict(bare));
    assertEquals(
        ModelCardReader.read(MODEL).weights().externalDataSha256(),
        ModelCardReader.read(bare).weights().externalDataSha256());
    Path again = ModelInstaller.install(bare, temp.resolve("more"));
    assertArrayEquals(expected, predict(again));
    data[17] ^= 1;
    Files.write(temp.resolve(DATA), data);
    assertTrue(said(bare).contains("weights.onnx.data is not the one its card describes"));
  }

  private static String proposal(Path onnx) {
    return assertThrows(DiffusionException.class, () -> NetworkInspector.propose(onnx, Map.of()))
        .getMessage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../weights.onnx.d", "/tmp/weights.data", "C:\\weights.onnx.d", "."})
  void networkWithoutACardThatNamesOtherFiles(String location) throws IOException {
    String padded = location + "/".repeat(DATA.length() - location.length());
    Path bare = Files.write(temp.resolve("net.onnx"), replaced(network, DATA, padded));
    String said = proposal(bare);
    assertTrue(
        said.endsWith(
            "net.onnx keeps its weights in \""
                + padded
                + "\", which is not the name of a file beside it; export it anew."),
        said);
  }

  @Test
  void networkWithoutACardOfThreeFiles() throws IOException {
    byte[] three = network.clone();
    int last = new String(three, StandardCharsets.ISO_8859_1).lastIndexOf(DATA);
    three[last] = 'W';
    String said = proposal(Files.write(temp.resolve("net.onnx"), three));
    assertTrue(
        said.contains("in 2 further files (weights.onnx.data, Weights.onnx.data), of which"), said);
  }

  /** Files are read in pieces of 65536 bytes; here a tensor lies in two of them. */
  @Test
  void tensorOverTheEndOfAPiece() throws Exception {
    byte[] longer = Arrays.copyOf(data, 70_000);
    System.arraycopy(data, 12_000, longer, 65_000, 4000);
    Arrays.fill(longer, 12_000, 16_000, (byte) 0);
    data = longer;
    network = replaced(network, "12000", "65000");
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(data);
    card =
        card.replaceFirst(
            "data, sha256: [0-9a-f]{64}", "data, sha256: " + HexFormat.of().formatHex(hash));
    assertArrayEquals(predict(MODEL), predict(write()));
  }

  private static float[] predict(Path folder) {
    Shape shape = new Shape(1, 1, 4, 6);
    Tensor x = new Tensor(shape);
    for (int i = 0; i < x.data().length; i++) {
      x.data()[i] = (i - 10) / 9f;
    }
    try (OnnxPredictor predictor =
        OnnxPredictor.open(ModelCardReader.read(folder), Device.CPU, 1)) {
      NoiseLevel level = predictor.card().schedule().level(321);
      Prediction out = new Prediction(shape, false);
      predictor.predict(x, level, out);
      return out.eps().data();
    }
  }

  @Test
  void fileThatTheCardDoesNotList() throws IOException {
    card = card.replaceFirst(" *external_data:.*\\n", "");
    refused(
        "model.onnx names the further file \"weights.onnx.data\" for its weights, which its card"
            + " does not list; a card lists it in weights.onnx.external_data, or put the weights"
            + " inside the ONNX file.");
  }

  /** Ways out of the folder, as long as the name that is there. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "../weights.onnx.d",
        "/tmp/weights.data",
        "a/../../weights.d",
        "C:\\weights.onnx.d",
        "other.onnx.weight",
        "subs\\weights.data",
        "weights.onnx.dat\0"
      })
  void otherFiles(String location) throws IOException {
    network = replaced(network, DATA, location);
    refused("names the further file \"" + location + "\"", "but its card lists weights.onnx.data");
  }

  @Test
  void weightsThatChanged() throws IOException {
    data[17] ^= 1;
    refused("weights.onnx.data is not the one its card describes: SHA-256 should be");
  }

  @Test
  void weightsThatAreMissingOrLinked() throws IOException {
    Path folder = write();
    Files.move(folder.resolve(DATA), temp.resolve("outside"));
    assertTrue(said(folder).contains(DATA + " does not exist"), said(folder));
    Files.createSymbolicLink(folder.resolve(DATA), temp.resolve("outside"));
    assertTrue(said(folder).contains("outside the model's folder"), said(folder));
  }

  @Test
  void tensorBeyondTheEnd() throws IOException {
    network = replaced(network, "16038", "16039");
    refused(
        "says that tensor \"rest\" [1, 1, 1, 1] has \"4\" bytes at \"16039\" of the 16042 bytes of"
            + " weights.onnx.data, which cannot be");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-6038", "1e999", "     "})
  void offsetThatIsNone(String offset) throws IOException {
    network = replaced(network, "16038", offset);
    refused("tensor \"rest\" [1, 1, 1, 1] has \"4\" bytes at \"" + offset + "\"");
  }

  @Test
  void weightsThatOnlyAFileCouldGive() throws IOException {
    network = Files.readAllBytes(CardFolder.BROKEN.resolve("inner-external.onnx"));
    refused("those of a node or of an inner graph among them (\"value\"), which is not supported");
  }

  @Test
  void cardThatListsWhatTheNetworkDoesNotNeed() throws IOException {
    network = Files.readAllBytes(CardFolder.MODELS.resolve("mixture/model.onnx"));
    refused("has all its weights inside, which contradicts weights.onnx.external_data");
  }

  @Test
  void anotherFormatOfTheRuntime() throws IOException {
    network = "\u0018\0\0\0ORTM and so on".getBytes(StandardCharsets.ISO_8859_1);
    refused("is in ONNX Runtime's own format, not ONNX");
  }

  /** Written in two pieces, which a parser would put together to one external tensor. */
  @Test
  void tensorInPieces() throws OnnxFile.Malformed {
    byte[] location =
        field(
            13,
            field(1, "location".getBytes(StandardCharsets.UTF_8)),
            field(2, "../x".getBytes(StandardCharsets.UTF_8)));
    byte[] attribute = field(5, field(5, new byte[] {14 << 3, 1}), field(5, location));
    byte[] model = field(7, field(1, attribute));
    List<OnnxFile.External> found = OnnxFile.externals(ByteBuffer.wrap(model));
    assertEquals(2, found.size());
    assertEquals("../x", found.get(1).location());
  }

  private static byte[] field(int number, byte[]... contents) {
    int length = 0;
    for (byte[] content : contents) {
      length += content.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length + 2);
    out.put((byte) (number << 3 | 2)).put((byte) length);
    for (byte[] content : contents) {
      out.put(content);
    }
    return out.array();
  }

  @Test
  void graphsNestedTooDeep() {
    ByteBuffer deep = ByteBuffer.wrap(deep(60));
    String said =
        assertThrows(OnnxFile.Malformed.class, () -> OnnxFile.externals(deep)).getMessage();
    assertEquals("Error: it is nested more than 100 deep", said);
  }

  /** Graphs in attributes of nodes of graphs; lengths of three bytes hold all sizes needed. */
  private static byte[] deep(int graphs) {
    byte[] inner = new byte[0];
    for (int i = 0; i < graphs; i++) {
      for (int number : new int[] {6, 5, 1}) {
        inner = longField(number, inner);
      }
    }
    return longField(7, inner);
  }

  private static byte[] longField(int number, byte[] content) {
    int n = content.length;
    ByteBuffer out = ByteBuffer.allocate(n + 4);
    out.put((byte) (number << 3 | 2));
    out.put((byte) (n & 0x7F | 0x80)).put((byte) (n >> 7 & 0x7F | 0x80)).put((byte) (n >> 14));
    return out.put(content).array();
  }

  /** Whatever the bytes are, the walk ends, with a list or with what is wrong. */
  @Test
  void spoiltFilesEndTheWalkInOrder() {
    Random random = new Random(5);
    int malformed = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] spoilt = network.clone();
      for (int k = random.nextInt(4); k >= 0; k--) {
        spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt();
      }
      try {
        OnnxFile.externals(ByteBuffer.wrap(spoilt, 0, spoilt.length - random.nextInt(2)));
      } catch (OnnxFile.Malformed e) {
        malformed++;
      }
    }
    assertTrue(malformed > 500 && malformed < 3000, "malformed: " + malformed);
  }

  private static byte[] replaced(byte[] bytes, String from, String to) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertEquals(from.length(), to.length());
    assertTrue(text.contains(from), from);
    return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Hashes: that of the network is right for it, that of the data as it was. */
  private Path write() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("model"));
    Files.write(temp.resolve("network"), network);
    CardFolder.modelWith(folder, card, temp.resolve("network"));
    Files.write(folder.resolve(DATA), data);
    return folder;
  }

  private void refused(String... parts) throws IOException {
    String said = said(write());
    for (String part : parts) {
      assertTrue(said.contains(part), said);
    }
  }

  private static String said(Path folder) {
    return assertThrows(
            DiffusionException.class,
            () -> OnnxPredictor.open(ModelCardReader.read(folder), Device.CPU, 1))
        .getMessage();
  }
}
