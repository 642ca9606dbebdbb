package ijdiffusion.card;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are an ONNX file with its card go with what is theirs, and nothing else. */
class SidecarRemovalTest {
  private static final Path EXTERNAL = Path.of("src/test/resources/external");
  private static final String DATA = "weights.onnx.data";

  @TempDir Path models;

  /** A network with its weights in a file of a name as long as {@link #DATA}. */
  private Path model(String name, String data) throws IOException {
    String bytes = Files.readString(EXTERNAL.resolve("model.onnx"), StandardCharsets.ISO_8859_1);
    Path onnx = models.resolve(name + ".onnx");
    Files.writeString(onnx, bytes.replace(DATA, data), StandardCharsets.ISO_8859_1);
    Files.createDirectories(models.resolve(data).getParent());
    Files.copy(EXTERNAL.resolve(DATA), models.resolve(data));
    Files.writeString(models.resolve(name + ".rdf.yaml"), "");
    return onnx;
  }

  private String[] left() {
    String[] names = models.toFile().list();
    Arrays.sort(names);
    return names;
  }

  @Test
  void weightsThatAreCalledAfterItGoToo() throws IOException {
    ModelInstaller.remove(model("network", "network.onnx.data"), models);
    assertArrayEquals(new String[0], left());
  }

  /** An ONNX file from a stranger may name the files of another model, or a thesis. */
  @Test
  void filesOfOthersStay() throws IOException {
    ModelInstaller.remove(model("net", "thesis.docx......"), models);
    ModelInstaller.remove(model("net", "net/net.onnx.data"), models);
    assertArrayEquals(new String[] {"net", "thesis.docx......"}, left());
    assertTrue(Files.exists(models.resolve("net/net.onnx.data")));
  }

  @Test
  void withoutACardItMayBeSomethingElse() throws IOException {
    Path bare = model("network", "network.onnx.data");
    Files.delete(models.resolve("network.rdf.yaml"));
    String said =
        assertThrows(DiffusionException.class, () -> ModelInstaller.remove(bare, models))
            .getMessage();
    assertTrue(said.contains("has no model card beside it (network.rdf.yaml)"), said);
    assertTrue(Files.exists(bare));
  }
}
