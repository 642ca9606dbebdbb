package ijdiffusion.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.card.ModelCardReader;
import ijdiffusion.card.ModelCatalogue;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.ProviderTrial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetupReportTest {
  private final String before = System.getProperty(ModelCatalogue.FOLDERS_PROPERTY);

  @TempDir Path models;

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(ModelCatalogue.FOLDERS_PROPERTY);
    } else {
      System.setProperty(ModelCatalogue.FOLDERS_PROPERTY, before);
    }
  }

  @Test
  void saysWhatIsThereAndThatTheProcessorWorks() {
    System.clearProperty(ModelCatalogue.FOLDERS_PROPERTY);
    SetupReport report = SetupReport.make();
    String text = report.text();
    assertTrue(report.works(), text);
    for (String line :
        new String[] {
          "Diffusion for ImageJ " + Version.current() + ", from file:.*",
          "ImageJ 1\\.54.*, from file:.*ij-.*\\.jar",
          "Java " + System.getProperty("java.version") + " .*",
          "ONNX Runtime 1\\.\\d+\\.\\d+, from file:.*onnxruntime.*\\.jar",
          "Device cpu works: .*64 x 64 pixels, [0-9.]+ ms a network call, \\d+ threads; .*",
          "Device cuda .*",
          "CUDA settings: device 0, TF32 off",
          "NVIDIA driver: .+",
          "Model nuclei: 10\\.\\d MB, SHA-256 as its card says, from .*rdf.yaml"
        }) {
      assertTrue(text.lines().anyMatch(l -> l.matches(line)), line + " is not in\n" + text);
    }
    assertEquals(0, Main.execute("check"));
  }

  @Test
  void aDamagedModelIsNamedAndTheCommandLineFails() throws IOException {
    copy(Path.of("src/test/resources/models/gauss"), models.resolve("damaged"));
    Path network = models.resolve("damaged").resolve("model.onnx");
    byte[] bytes = Files.readAllBytes(network);
    bytes[bytes.length / 2] ^= 1;
    Files.write(network, bytes);
    System.setProperty(ModelCatalogue.FOLDERS_PROPERTY, models.toString());
    SetupReport report = SetupReport.make();
    assertFalse(report.works());
    assertTrue(
        report
            .text()
            .lines()
            .anyMatch(l -> l.matches("Model damaged: cannot be used: .*SHA-256 should be .*")),
        report.text());
    assertEquals(1, Main.execute("check"));
  }

  @Test
  void aModelThatNeedsAnotherImageCannotBeTriedAndSaysSo() {
    ProviderTrial trial =
        ProviderTrial.run(
            ModelCardReader.read(Path.of("src/test/resources/models/cond-first")), Device.CPU);
    assertFalse(trial.works());
    assertTrue(trial.words().startsWith("does not work: "), trial.words());
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
