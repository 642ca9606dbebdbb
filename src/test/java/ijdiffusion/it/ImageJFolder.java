package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An ImageJ folder as a user has it, and processes that know nothing of the build but ImageJ itself
 * and what is in the folder. Settings and temporary files stay in the folder, too.
 *
 * @param root the folder
 */
record ImageJFolder(Path root) {
  ImageJFolder {
    try {
      Files.createDirectories(root.resolve("plugins"));
      Files.createDirectories(root.resolve("home"));
      Files.createDirectories(root.resolve("tmp"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder with the self-contained jar. */
  static ImageJFolder selfContained(Path root) {
    ImageJFolder folder = new ImageJFolder(root);
    folder.install(Jars.selfContained(), "plugins");
    return folder;
  }

  /** Copies a jar into a folder below. */
  void install(Path jar, String under) {
    try {
      Files.createDirectories(root.resolve(under));
      Files.copy(jar, root.resolve(under).resolve(jar.getFileName()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file in the folder, as macros write its path. */
  String path(String file) {
    return root.resolve(file).toString().replace('\\', '/');
  }

  /** ImageJ that runs a macro through its menu and ends. */
  Child batch(Display display, String macro) {
    return java(
        display,
        List.of(Jars.imageJ()),
        "ij.ImageJ",
        "-ijpath",
        root.toString(),
        "-batch",
        write("macro.ijm", macro).toString());
  }

  /** ImageJ without a screen that runs a macro and ends. */
  Child headless(String macro) {
    return java(
        null, List.of(Jars.imageJ()), "ij.ImageJ", "-batch", write("macro.ijm", macro).toString());
  }

  /** Java on a screen, or headless where display is null. */
  Child java(Display display, List<Path> classPath, String main, String... arguments) {
    return java(display, List.of(), classPath, main, arguments);
  }

  /** The same with further options of Java. */
  Child java(
      Display display,
      List<String> options,
      List<Path> classPath,
      String main,
      String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-Xmx512m");
    command.add("-XX:ErrorFile=" + root.resolve("hs_err_%p.log"));
    command.add("-Duser.home=" + root.resolve("home"));
    command.add("-Djava.io.tmpdir=" + root.resolve("tmp"));
    command.add("-Dplugins.dir=" + root);
    command.add("-Djava.awt.headless=" + (display == null));
    command.add("-cp");
    command.add(
        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.add(main);
    Collections.addAll(command, arguments);
    return Child.start(root, Map.of("DISPLAY", display == null ? "" : display.name()), command);
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(root.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails where the native code took the JVM down. */
  void assertNoCrash() {
    try (Stream<Path> files = Files.list(root)) {
      assertEquals(
          List.of(),
          files
              .map(f -> f.getFileName().toString())
              .filter(f -> f.startsWith("hs_err") || f.startsWith("core"))
              .collect(Collectors.toList()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
