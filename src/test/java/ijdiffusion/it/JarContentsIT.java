package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is in the jars, and what is not. */
class JarContentsIT {

  @Test
  void theSelfContainedJarHoldsAllItNeedsAndNothingElse() {
    Path jar = Jars.selfContained();
    Jars.printSize(jar);
    assertTrue(jar.getFileName().toString().contains("_"), "ImageJ would not look into it");
    List<String> files = Jars.files(jar);
    List<String> natives =
        List.of(
            "linux-x64/libonnxruntime.so",
            "linux-aarch64/libonnxruntime.so",
            "osx-aarch64/libonnxruntime.dylib",
            "win-x64/onnxruntime.dll");
    for (String n : natives) {
      assertTrue(files.contains("ai/onnxruntime/native/" + n), n);
    }
    assertTrue(files.contains("org/scijava/Context.class"));
    assertTrue(files.contains("org/yaml/snakeyaml/Yaml.class"));
    assertTrue(files.contains("picocli/CommandLine.class"));
    assertTrue(files.contains("plugins.config"));
    assertTrue(files.contains("models/nuclei/model.onnx"));
    assertTrue(
        Jars.text(jar, "META-INF/json/org.scijava.plugin.Plugin")
            .contains("ijdiffusion.command.InpaintCommand"));
    assertEquals(
        List.of(),
        files.stream()
            .filter(f -> f.contains(".dSYM/") || f.startsWith("ij/") || f.startsWith("org/junit/"))
            .collect(Collectors.toList()));
    // 43 MB of code for four platforms, and five models of 5 to 11 MB
    assertTrue(jar.toFile().length() < 90_000_000, "it has become large");
  }

  @Test
  void licencesTravelWithTheCode() {
    Path jar = Jars.selfContained();
    List<String> files = Jars.files(jar);
    assertTrue(files.contains("META-INF/LICENSE"), "ours is missing");
    assertTrue(Jars.text(jar, "META-INF/LICENSE").contains("Diffusion for ImageJ"));
    // of ONNX Runtime
    assertTrue(files.contains("ThirdPartyNotices.txt"));
  }

  @Test
  void theThinJarHoldsOnlyOurs() {
    Path jar = Jars.thin();
    Jars.printSize(jar);
    List<String> files = Jars.files(jar);
    for (String file :
        List.of(
            "plugins.config",
            "META-INF/json/org.scijava.plugin.Plugin",
            "META-INF/LICENSE",
            "models/bundled.txt",
            "models/nuclei/rdf.yaml",
            "models/nuclei/model.onnx")) {
      assertTrue(files.contains(file), file);
    }
    assertEquals(
        List.of(),
        files.stream()
            .filter(f -> f.endsWith(".class") && !f.startsWith("ijdiffusion/"))
            .collect(Collectors.toList()));
  }
}
