package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFolder;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.card.TestTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples on a model's card, run and compared. */
class ModelTestTest {
  @TempDir Path temp;

  /** Tensors that numpy wrote from the runs of the training framework. */
  @ParameterizedTest
  @CsvSource({
    "nuclei,1024",
    "nuclei-sr4,1024",
    "photos-inpaint,3072",
    "photos,3072",
    "photos-sr4,3072"
  })
  void bundledModelsPass(String name, long values) {
    ModelTest.Result result = ModelTest.run(ModelCardReader.read(Path.of("models", name)));
    assertTrue(result.passed(), result.describe());
    assertEquals(0, result.mismatched());
    assertEquals(values, result.values());
    assertTrue(result.largestDifference() < 1e-4, result.describe());
    assertEquals("CPU", result.provider());
    assertTrue(result.describe().startsWith("passed on CPU: largest difference "));
  }

  /**
   * The exact predictor against its formula: eps = sigma (x - alpha m) / (alpha^2 s^2 + sigma^2).
   */
  @Test
  void exactModelPassesAndAWrongExpectationFails() throws IOException {
    float[] x = new float[64];
    float[] eps = new float[64];
    double abar = ModelCardReader.read(CardFolder.MODELS.resolve("gauss")).schedule().alphaBar(500);
    for (int i = 0; i < x.length; i++) {
      x[i] = (i - 32) / 16f;
      eps[i] =
          (float) (Math.sqrt(1 - abar) * (x[i] - Math.sqrt(abar) * 0.3) / (abar * 0.04 + 1 - abar));
    }
    Path folder = folder(npy("<f4", "1, 1, 8, 8", floats(x)), npy("<f4", "1,", floats(500)), eps);
    ModelTest.Result good = ModelTest.run(ModelCardReader.read(folder));
    assertTrue(good.passed(), good.describe());
    assertTrue(good.largestDifference() < 1e-5, good.describe());
    eps[7] += 0.25f;
    Files.write(folder.resolve("test_eps.npy"), npy("<f4", "1, 1, 8, 8", floats(eps)));
    ModelTest.Result bad = ModelTest.run(ModelCardReader.read(folder));
    assertFalse(bad.passed());
    assertEquals(1, bad.mismatched());
    assertEquals(0.25, bad.largestDifference(), 1e-5);
    assertTrue(bad.describe().startsWith("FAILED on CPU: largest difference 0.250 over 64"));
    eps[7] = Float.NaN;
    Files.write(folder.resolve("test_eps.npy"), npy("<f4", "1, 1, 8, 8", floats(eps)));
    ModelTest.Result nan = ModelTest.run(ModelCardReader.read(folder));
    assertEquals(Double.POSITIVE_INFINITY, nan.largestDifference());
    assertEquals(1, nan.mismatched());
  }

  @Test
  void soManyValuesOfAMillionMayMismatch() {
    TestTensors.Tolerance tolerance = new TestTensors.Tolerance(0, 1e-4, 100);
    assertTrue(new ModelTest.Result(10_000, 1, 1, tolerance, "CPU").passed());
    assertFalse(new ModelTest.Result(9_999, 1, 1, tolerance, "CPU").passed());
  }

  @Test
  void tensorsOfOtherShapesAreRefused() throws IOException {
    byte[] time = npy("<f4", "1,", floats(500));
    Path rank = folder(npy("<f4", "8, 8", floats(new float[64])), time, new float[64]);
    assertEquals(
        "Test tensor of input \"x\" of model Test model gauss in format 0.4 has the shape [8, 8],"
            + " but the network takes [-1, 1, -1, -1]; correct the test tensor.",
        said(rank));
    Path size = folder(npy("<f4", "1, 1, 4, 8", floats(new float[32])), time, new float[64]);
    assertTrue(
        said(size).contains("has the shape [1, 1, 8, 8], but the network gives [1, 1, 4, 8]"),
        said(size));
  }

  @Test
  void modelsWithoutTestTensorsAreRefused() {
    String said =
        assertThrows(
                DiffusionException.class,
                () -> ModelTest.run(ModelCardReader.read(CardFolder.MODELS.resolve("gauss"))))
            .getMessage();
    assertEquals(
        "Model Test model gauss cannot be tested, for its card has no test tensors in its folder;"
            + " add a test_tensor to each of inputs and outputs.",
        said);
  }

  @Test
  void tensorsBeforePreprocessingAreRefused() throws IOException {
    Path folder = folder(new byte[1], new byte[1], new float[1]);
    Path card = folder.resolve("rdf.yaml");
    Files.writeString(
        card,
        Files.readString(card)
            .replace(
                "  - name: x\n",
                "  - name: x\n    preprocessing:\n      - {name: scale_range, kwargs: {mode:"
                    + " per_sample, axes: yx, min_percentile: 1, max_percentile: 99}}\n      -"
                    + " {name: scale_linear, kwargs: {gain: 2, offset: -1}}\n"));
    assertTrue(said(folder).contains("are images before the preprocessing"), said(folder));
  }

  /** Files that numpy would not have written so, or of types that no network takes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "is too short|x",
        "does not begin as such a file does|no numpy file",
        "does not begin as such a file does|\u0093NUMPY\u0009\u0000\u0002\u0000{}  ",
        "ends within its header|\u0093NUMPY\u0001\u0000\u00ff\u0000{'descr'",
        "is not in C order|'descr': '<f4', 'fortran_order': True, 'shape': (1,)",
        "is not in C order|'descr': '<f4', 'shape': (1,)",
        "has no shape|'descr': '<f4', 'fortran_order': False, 'shape': 1",
        "has the shape (99999999999)|'descr': '<f4', 'fortran_order': False, 'shape':"
            + " (99999999999)",
        "has more than 67108864 values|'descr': '<f4', 'fortran_order': False, 'shape':"
            + " (2147483647, 2147483647, 2147483647, 4)",
        "has more than 8 axes|'descr': '<f4', 'fortran_order': False, 'shape':"
            + " (1, 1, 1, 1, 1, 1, 1, 1, 1)",
        "holds \">f4\", not one of|'descr': '>f4', 'fortran_order': False, 'shape': (1,)",
        "holds \"|O\", not one of|'descr': '|O', 'fortran_order': False, 'shape': (1,)",
        "has 4 bytes of values, not 8|'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
      })
  void filesThatAreNoTestTensors(String test) throws IOException {
    int at = test.indexOf('|', test.startsWith("holds \"|") ? 12 : 0);
    String content = test.substring(at + 1);
    byte[] bytes =
        content.startsWith("'")
            ? numpy("{" + content + "}", new byte[4])
            : content.getBytes(StandardCharsets.ISO_8859_1);
    Path folder = folder(bytes, npy("<f4", "1,", floats(500)), new float[1]);
    String said = said(folder);
    assertTrue(said.startsWith("Test tensor test_x.npy " + test.substring(0, at)), said);
    assertTrue(said.endsWith("little-endian, C order."), said);
  }

  @Test
  void otherTypesAreReadAsNumbers() throws IOException {
    ByteBuffer doubles = ByteBuffer.allocate(64 * 8).order(ByteOrder.LITTLE_ENDIAN);
    byte[] time = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(500).array();
    Path folder =
        folder(npy("<f8", "1, 1, 8, 8", doubles.array()), npy("<i8", "1,", time), new float[64]);
    double abar = ModelCardReader.read(CardFolder.MODELS.resolve("gauss")).schedule().alphaBar(500);
    double eps = Math.sqrt(1 - abar) * Math.sqrt(abar) * 0.3 / (abar * 0.04 + 1 - abar);
    assertEquals(eps, ModelTest.run(ModelCardReader.read(folder)).largestDifference(), 1e-6);
  }

  private static String said(Path folder) {
    return assertThrows(DiffusionException.class, () -> ModelTest.run(ModelCardReader.read(folder)))
        .getMessage();
  }

  /** Model gauss with the card of format 0.4, whose test tensors have no hashes. */
  private Path folder(byte[] x, byte[] t, float[] eps) throws IOException {
    Files.copy(
        CardFolder.MODELS.resolve("gauss/model.onnx"),
        temp.resolve("model.onnx"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(
        temp.resolve("rdf.yaml"), Files.readString(CardFolder.CARDS.resolve("gauss-0.4.yaml")));
    Files.write(temp.resolve("test_x.npy"), x);
    Files.write(temp.resolve("test_t.npy"), t);
    String shape = eps.length == 64 ? "1, 1, 8, 8" : eps.length + ",";
    Files.write(temp.resolve("test_eps.npy"), npy("<f4", shape, floats(eps)));
    return temp;
  }

  private static byte[] floats(float... values) {
    ByteBuffer out = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      out.putFloat(value);
    }
    return out.array();
  }

  private static byte[] npy(String type, String shape, byte[] values) {
    return numpy(
        "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }\n", values);
  }

  private static byte[] numpy(String header, byte[] values) {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(10 + text.length + values.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) text.length)
        .put(text)
        .put(values)
        .array();
  }
}
