package ijdiffusion.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCardReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxPlatformTest {
  @TempDir Path temp;

  /** Opens a model in a JVM of its own, which believes to be elsewhere. */
  public static final class Elsewhere {
    private Elsewhere() {}

    public static void main(String[] args) {
      try {
        OnnxPredictor.open(ModelCardReader.read(Path.of("models/nuclei")), Device.AUTO, 1).close();
        System.out.println("opened");
      } catch (DiffusionException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void platformWithoutNativeCodeSaysSo() throws Exception {
    String mac = elsewhere("Mac OS X", "x86_64");
    assertTrue(mac.startsWith("ONNX Runtime has no native code for Mac OS X on x86_64"), mac);
    assertTrue(mac.contains("Intel Mac"), mac);
    String windows = elsewhere("Windows 11", "aarch64");
    assertTrue(windows.contains("Windows on ARM"), windows);
    assertTrue(windows.contains("use the x64 version"), windows);
    String sun = elsewhere("SunOS", "sparcv9");
    assertTrue(sun.startsWith("ONNX Runtime's native code cannot be loaded for SunOS"), sun);
  }

  private static String elsewhere(String os, String arch) throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "-Dos.name=" + os,
                "-Dos.arch=" + arch,
                Elsewhere.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(java.waitFor(60, TimeUnit.SECONDS));
    return said.strip();
  }

  @Test
  void coresAreCountedNotThreads() throws IOException {
    Path none = temp.resolve("none");
    assertEquals(4, PhysicalCores.count(none, 8, "amd64"));
    assertEquals(8, PhysicalCores.count(none, 8, "aarch64"));
    assertEquals(1, PhysicalCores.count(none, 1, "amd64"));
    for (int cpu = 0; cpu < 8; cpu++) {
      Path topology = Files.createDirectories(temp.resolve("cpu" + cpu + "/topology"));
      Files.writeString(
          topology.resolve("thread_siblings_list"), cpu % 4 + "," + (cpu % 4 + 4) + "\n");
    }
    Files.createDirectories(temp.resolve("cpufreq"));
    assertEquals(4, PhysicalCores.count(temp, 8, "amd64"));
    assertEquals(3, PhysicalCores.count(temp, 3, "amd64"));
    int here = PhysicalCores.count();
    assertTrue(here >= 1 && here <= Runtime.getRuntime().availableProcessors());
  }
}
