package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.gpu.Rows;
import ijdiffusion.onnx.FakeCuda;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison that scripts/gpu-check.sh makes finds a difference where there is one. */
class DeviceEditsTest {
  private static final String DDIM = "model=gauss width=16 height=16 sampler=ddim steps=4 seed=1";

  @TempDir Path temp;

  private Rows compared(String device) throws IOException {
    Rows rows = new Rows(temp.resolve("rows.csv"));
    Path fixtures = Path.of("src/test/resources/models");
    new DeviceEdits(fixtures, 64, 4, rows)
        .both(device, "fake", "Generate", GenerateCommand.LABEL, DDIM);
    return rows;
  }

  private static List<Double> values(Rows rows, String part) {
    return rows.of(part).stream().map(Rows.Row::value).toList();
  }

  @Test
  void differencesAreFoundAtEveryStep() throws IOException {
    try (FakeCuda cuda = new FakeCuda().offBy(1e-3)) {
      Rows rows = compared("cuda");
      assertTrue(cuda.calls().size() > 4);
      assertEquals(4, rows.of("step").size());
      // x_0 = (x - sigma eps) / alpha is clipped at first, where sigma / alpha is 157
      values(rows, "step").forEach(v -> assertTrue(v > 1e-5 && v <= 2, "" + v));
      values(rows, "edit").forEach(v -> assertTrue(v > 1e-5, "" + v));
      List<String> lines = Files.readAllLines(temp.resolve("rows.csv"));
      assertEquals(1 + 4 + 3, lines.size());
      assertTrue(lines.get(1).startsWith("step,\"Generate\",fake,step 1: max difference of x0,"));
    }
  }

  @Test
  void thereIsNoneBetweenTheCpuAndItself() throws IOException {
    Rows rows = compared("cpu");
    assertEquals(4, rows.of("step").size());
    values(rows, "step").forEach(v -> assertEquals(0.0, v));
    values(rows, "edit").forEach(v -> assertEquals(0.0, v));
  }

  @Test
  void aDeviceThatWasNotUsedIsNotCompared() {
    try (FakeCuda cuda = new FakeCuda().failingAt(call -> true)) {
      assertThrows(RuntimeException.class, () -> compared("cuda"));
      assertEquals(1, cuda.calls().size());
    }
  }
}
