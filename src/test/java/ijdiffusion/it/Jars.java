package ijdiffusion.it;

import ij.IJ;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Collectors;

/** The jars the build made, and those it used. */
final class Jars {
  private Jars() {}

  /** The plugin without its dependencies, as for Fiji. */
  static Path thin() {
    return built("diffusion.jar.thin");
  }

  /** The plugin with everything it needs, as for plain ImageJ. */
  static Path selfContained() {
    return built("diffusion.jar.all");
  }

  private static Path built(String property) {
    String path = System.getProperty(property);
    if (path == null || !Files.isRegularFile(Path.of(path))) {
      throw new IllegalStateException(
          "No packaged jar (" + property + " is " + path + "); run the test by mvn verify.");
    }
    return Path.of(path);
  }

  /** ImageJ. */
  static Path imageJ() {
    try {
      return Path.of(IJ.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the thin jar says it needs beside it, from the class path of the tests. */
  static List<Path> dependencies() {
    List<Path> found = new ArrayList<>();
    for (String name : classPath(thin())) {
      found.add(
          Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
              .map(Path::of)
              .filter(p -> p.getFileName().toString().equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException(name + " is not on the class path")));
    }
    return found;
  }

  private static String[] classPath(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getManifest().getMainAttributes().getValue("Class-Path").split(" ");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of the files in a jar. */
  static List<String> files(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream()
          .filter(e -> !e.isDirectory())
          .map(e -> e.getName())
          .collect(Collectors.toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Text of a file in a jar. */
  static String text(Path jar, String name) {
    try (JarFile file = new JarFile(jar.toFile())) {
      return new String(
          file.getInputStream(file.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prints name and size. */
  static void printSize(Path jar) {
    System.out.printf("%s: %.1f MB%n", jar.getFileName(), jar.toFile().length() / 1e6);
  }
}
