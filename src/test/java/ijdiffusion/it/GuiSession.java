package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * ImageJ with the self-contained jar and somebody at the mouse.
 *
 * @param folder its folder
 * @param display its screen
 */
record GuiSession(ImageJFolder folder, Display display) {

  /** Sets up ImageJ, the image and {@link GuiDriver}, without any of our other classes. */
  static GuiSession in(Path temp, Display display) {
    ImageJFolder folder = ImageJFolder.selfContained(temp);
    Nuclei.saveInto(folder);
    try {
      Path here = Path.of(GuiDriver.class.getResource("GuiDriver.class").toURI()).getParent();
      Path there = Files.createDirectories(temp.resolve("driver").resolve("ijdiffusion/it"));
      try (Stream<Path> classes = Files.list(here)) {
        for (Path c : classes.collect(Collectors.toList())) {
          String name = c.getFileName().toString();
          if (name.startsWith("GuiDriver")
              || name.startsWith("GuiFeel")
              || name.startsWith("GuiHands")
              || name.startsWith("GuiMatrix")
              || name.startsWith("GuiRecorder")) {
            Files.copy(c, there.resolve(c.getFileName()));
          }
        }
      }
    } catch (IOException | java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    return new GuiSession(folder, display);
  }

  /** Starts a scene. */
  Child start(String scene) {
    return start(
        GuiDriver.class,
        scene,
        folder.root().toString(),
        Path.of("target", "gui").toAbsolutePath().toString(),
        Nuclei.SELECT,
        Nuclei.options(5));
  }

  private Child start(Class<?> driver, String... arguments) {
    return folder.java(
        display,
        List.of(Jars.imageJ(), folder.root().resolve("driver")),
        driver.getName(),
        arguments);
  }

  /** Plays a scene to its end. */
  Properties play(String scene) {
    return end(start(scene), 170);
  }

  /** Plays a scene of {@link GuiFeel} to its end. */
  Properties playFeel(String scene) {
    return end(
        start(
            GuiFeel.class,
            scene,
            folder.root().toString(),
            Path.of("target", "gui").toAbsolutePath().toString(),
            Nuclei.SELECT),
        330);
  }

  /** Plays {@link GuiMatrix}, whose cells are in the folder, to its end. */
  Properties playMatrix() {
    return end(
        start(
            GuiMatrix.class,
            folder.root().toString(),
            Path.of("target", "gallery").toAbsolutePath().toString()),
        620);
  }

  /** Plays {@link GuiRecorder}, whose scenes are in the folder, to its end. */
  Properties playRecorder() {
    return end(
        start(
            GuiRecorder.class,
            folder.root().toString(),
            Path.of("target", "gui").toAbsolutePath().toString()),
        620);
  }

  private Properties end(Child child, int seconds) {
    try (Child driver = child) {
      Child.Outcome o = driver.await(seconds);
      assertEquals(0, o.code(), o.toString());
    }
    folder.assertNoCrash();
    Properties report = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.root().resolve("report.properties"))) {
      report.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return report;
  }
}
