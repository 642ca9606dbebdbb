package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft;
import ijdiffusion.card.CardDraft.Origin;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.model.Prediction;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cards for exact networks that come without one: what is found out, and what is refused. */
class NetworkInspectorTest {
  private static final Path BARE = Path.of("src/test/resources/bare");

  @TempDir Path temp;

  private static CardDraft draft(String name) {
    return NetworkInspector.propose(BARE.resolve(name + ".onnx"), Map.of());
  }

  private static Origin origin(CardDraft draft, String key) {
    return draft.fields().stream().filter(f -> f.key().equals(key)).findFirst().get().origin();
  }

  @ParameterizedTest
  @CsvSource({
    "plain, index, epsilon, 1, float32, vector, 1000",
    "fixed28, index, epsilon, 4, float32, vector, 1000",
    "halves, index, epsilon, 1, float32, vector, 1000",
    "described, index, v, 1, int64, vector, 100",
    "x0, index, x0, 1, float32, vector, 1000",
    "score, index, score, 1, float32, vector, 1000",
    "reversed, reversed_index, epsilon, 1, int64, vector, 1000",
    "alpha, sqrt_alpha_bar, epsilon, 1, float32, column, 1000",
    "edm, log_sigma_quarter, edm, 1, float32, vector, 1000",
    "multiple8, index, epsilon, 8, float32, vector, 1000",
    "learned, index, epsilon, 1, float32, vector, 1000"
  })
  void whatTheNetworkShows(
      String name,
      String time,
      String output,
      String multiple,
      String type,
      String layout,
      String steps) {
    CardDraft draft = draft(name);
    assertEquals(time, draft.get("time.meaning"));
    assertEquals(output, draft.get("output.meaning"));
    assertEquals(Origin.PROBE, origin(draft, "time.meaning"));
    assertEquals(multiple, draft.get("image.size_multiple"));
    assertEquals(type, draft.get("time.type"));
    assertEquals(layout, draft.get("time.layout"));
    assertEquals(steps, draft.get("schedule.steps"));
    assertEquals("unknown, ask the author", draft.get("domain"));
    assertEquals(draft.get("output.tensor"), draft.card().output().name());
  }

  /** The network that was trained, not made, and with a card to compare with. */
  @Test
  void aRealNetwork() {
    Path file = Path.of("models/nuclei/model.onnx");
    ModelCard proposed = NetworkInspector.propose(file, Map.of()).card();
    ModelCard card = ModelCardReader.read(file);
    assertEquals(card.time(), proposed.time());
    assertEquals(card.output(), proposed.output());
    assertEquals(card.sizeMultiple(), proposed.sizeMultiple());
  }

  @Test
  void whoKnowsBetterIsBelieved() {
    CardDraft draft =
        NetworkInspector.propose(
            BARE.resolve("brighter.onnx"), Map.of("time.meaning", "sigma", "output.meaning", "x0"));
    assertEquals("x0", draft.get("output.meaning"));
    assertEquals(Origin.GIVEN, origin(draft, "time.meaning"));
  }

  @Test
  void whereThingsAreFrom() {
    CardDraft plain = draft("plain");
    assertEquals("linear", plain.get("schedule.kind"));
    assertEquals(Origin.ASSUMED, origin(plain, "schedule.kind"));
    assertEquals(Origin.PROBE, origin(plain, "schedule.steps"));
    assertEquals(Origin.SHAPE, origin(plain, "image.tensor"));
    assertEquals(Origin.ASSUMED, origin(plain, "image.value_range"));
    CardDraft described = draft("described");
    assertEquals("cosine", described.get("schedule.kind"));
    assertEquals(Origin.METADATA, origin(described, "schedule.kind"));
    assertEquals(Origin.METADATA, origin(described, "output.meaning"));
    assertEquals("CC0-1.0", described.get("license"));
    CardDraft fixed = draft("fixed28");
    assertEquals("28", fixed.get("image.width"));
    assertEquals(Origin.SHAPE, origin(fixed, "image.height"));
    assertEquals("learned", draft("learned").get("output.variance"));
    assertEquals("2", draft("learned").get("output.channels"));
    String said = plain.explain();
    assertTrue(said.contains("output.meaning=epsilon (probe)"), said);
    assertTrue(said.contains("assumed") && said.contains("schedule.kind=linear"), said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "classifier|\"y\" of type float32 and shape [-1, 1], no image of float numbers",
        "bytes|takes images of uint8, not of float numbers",
        "upsampler|returns no image of the same size for images of 33",
        "timeless|does not look at its input \"t\"",
        "brighter|does not take noise away, whatever its time and its output are taken for",
        "classes|more than an image and a time",
        "shared|takes images of 2 channels and returns 1, so it seems to see a second image",
      })
  void whatIsNoNoisePredictor(String name, String reason) {
    String said =
        assertThrows(
                DiffusionException.class,
                () -> {
                  CardDraft draft = draft(name);
                  throw new AssertionError(draft.explain());
                })
            .getMessage();
    assertTrue(said.contains(reason), said);
    assertTrue(said.startsWith("Network " + name + ".onnx ") && said.endsWith("."), said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "image-to-image.onnx|has the only input \"x\" of type float32",
        "wrong-rank.onnx|none of them an image (N, C, H, W)",
        "wrong-output.onnx|returns 5 channels for images of 1",
        "not-onnx.onnx|is not an ONNX model or is damaged",
        "empty.onnx|is empty"
      })
  void brokenFiles(String name, String reason) {
    Path file = CardFolder.BROKEN.resolve(name);
    String said =
        assertThrows(DiffusionException.class, () -> NetworkInspector.propose(file, Map.of()))
            .getMessage();
    assertTrue(said.contains(reason), said);
  }

  @Test
  void savedBesideItsNetworkTheCardIsFound() throws IOException {
    Path file = Files.copy(BARE.resolve("plain.onnx"), temp.resolve("my net.onnx"));
    String none =
        assertThrows(DiffusionException.class, () -> ModelCardReader.read(file)).getMessage();
    assertTrue(none.contains("has no model card my net.rdf.yaml beside it"), none);
    assertTrue(!new ModelCatalogue(List.of(temp)).names().contains("my net"));
    CardDraft draft =
        NetworkInspector.propose(
            file, Map.of("domain", "grey pixels: 100", "image.value_range", "[0, 1]"));
    Path card = draft.save();
    assertEquals(temp.resolve("my net.rdf.yaml"), card.toAbsolutePath());
    ModelCard read = ModelCardReader.read(file);
    assertEquals("grey pixels: 100", read.about().domain());
    assertEquals(0, read.valueRange().min());
    assertEquals(draft.card().output(), read.output());
    assertEquals(1 - 1e-4, read.schedule().alphaBar(0), 1e-12);
    assertEquals(read.about(), new ModelCatalogue(List.of(temp)).find("my net").about());
    String twice = assertThrows(DiffusionException.class, draft::save).getMessage();
    assertTrue(twice.contains("is there already"), twice);
  }

  @Test
  void aFolderCardOfTheFileIsFoundToo() {
    Path folder = CardFolder.MODELS.resolve("gauss");
    assertEquals(
        "Test model gauss", ModelCardReader.read(folder.resolve("model.onnx")).about().name());
  }

  @Test
  void options() {
    CardDraft draft = draft("plain");
    CardDraft cosine = draft.with(Map.of("schedule.kind", "cosine", "output.meaning", "v"));
    assertEquals(Origin.GIVEN, origin(cosine, "output.meaning"));
    assertEquals(null, cosine.get("schedule.beta_start"));
    assertEquals(1000, cosine.card().schedule().size());
    assertEquals("0.5", draft.with(Map.of("output.meaning", "edm")).get("output.sigma_data"));
    assertTrue(
        assertThrows(DiffusionException.class, () -> draft.with(Map.of("output.mening", "v")))
            .getMessage()
            .startsWith("A model card has no field \"output.mening\""));
    String said =
        assertThrows(
                DiffusionException.class, () -> draft.with(Map.of("output.clip", "maybe")).card())
            .getMessage();
    assertTrue(said.contains("config.diffusion.output.clip is \"maybe\""), said);
    assertTrue(
        assertThrows(DiffusionException.class, () -> draft.with(Map.of("domain", "")).card())
            .getMessage()
            .contains("domain is missing"));
  }

  /** Halves round to 11 bits: eps is off by as much as x is, times what eps grows with x. */
  @Test
  void sixteenBitFloatsAreTheSameNetworkToTheirPrecision() throws IOException {
    for (String name : List.of("plain", "halves")) {
      Path file = Files.copy(BARE.resolve(name + ".onnx"), temp.resolve(name + ".onnx"));
      NetworkInspector.propose(file, Map.of()).save();
    }
    Shape shape = new Shape(3, 1, 9, 7);
    Tensor x = new Tensor(shape);
    KeyedNoise.of(3).next(x);
    float[] plain = eps("plain", x);
    float[] halves = eps("halves", x);
    float[] error = new float[plain.length];
    for (int i = 0; i < plain.length; i++) {
      error[i] = plain[i] - halves[i];
    }
    assertArrayEquals(new float[plain.length], error, 0.004F);
    assertTrue(!java.util.Arrays.equals(plain, halves));
  }

  private float[] eps(String name, Tensor x) {
    ModelCard card = ModelCardReader.read(temp.resolve(name + ".onnx"));
    try (OnnxPredictor network = OnnxPredictor.open(card, Device.CPU, 1)) {
      Prediction out = new Prediction(x.shape(), false);
      network.predict(x, card.schedule().level(600), out);
      return out.eps().data();
    }
  }

  @Test
  void anIntegerOf32BitsAndOneImageAtATime() throws IOException {
    Path file = Files.copy(BARE.resolve("described.onnx"), temp.resolve("described.onnx"));
    NetworkInspector.propose(file, Map.of()).save();
    ModelCard card = ModelCardReader.read(file);
    try (OnnxPredictor network = OnnxPredictor.open(card, Device.CPU, 1)) {
      Tensor x = new Tensor(new Shape(3, 1, 5, 6));
      KeyedNoise.of(4).next(x);
      var level = card.schedule().level(40);
      Prediction out = new Prediction(x.shape(), false);
      network.predict(x, level, out);
      for (int i = 0; i < x.data().length; i++) {
        double variance = level.alphaBar() * 0.04 + level.sigma() * level.sigma();
        double eps = level.sigma() * (x.data()[i] - level.alpha() * 0.3) / variance;
        assertEquals(eps, out.eps().data()[i], 1e-5);
      }
    }
  }
}
