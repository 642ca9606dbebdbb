package ijdiffusion.command;

import ij.ImageJ;
import ij.ImagePlus;
import ij.gui.Roi;
import ij.process.ByteProcessor;
import ijdiffusion.image.Provenance;
import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/**
 * What the command line does without arguments: inpaints the selection of the bundled sample image
 * with the bundled model. With a display ImageJ opens with the commands in its menu and before,
 * selection and result side by side; without one there are files.
 */
final class Demo {
  private Demo() {}

  /** Runs, and returns the exit code. */
  static int run() {
    Path folder = Path.of("target", "demo");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boolean windows = !GraphicsEnvironment.isHeadless();
    if (windows) {
      openImageJ(folder);
    }
    ImagePlus before = SampleImage.create();
    ImagePlus mask = selection(before);
    if (windows) {
      before.show();
      mask.show();
      sideBySide(before, mask);
    }
    InpaintCommand command = new InpaintCommand();
    command.setImage(before);
    command.setProgress(windows ? Progress.statusBar() : Progress.silent());
    command.run();
    ImagePlus after = command.results().get(0);
    if (windows) {
      after.show();
      sideBySide(before, mask, after);
    }
    FileRun.save(before, folder.resolve("before.png"));
    FileRun.save(mask, folder.resolve("mask.png"));
    FileRun.save(after, folder.resolve("after.png"));
    Provenance made = Provenance.of(after).orElseThrow();
    System.out.printf(
        "Inpainted %s pixels of a %d x %d image: %s network calls, %s s, provider %s, seed %s.%n",
        made.get("pixels_invented"),
        after.getWidth(),
        after.getHeight(),
        made.get("network_calls"),
        made.get("seconds"),
        made.get("provider"),
        made.get("seed"));
    System.out.println("See before.png, mask.png and after.png in " + folder + ".");
    return 0;
  }

  private static ImagePlus selection(ImagePlus image) {
    ByteProcessor mask = new ByteProcessor(image.getWidth(), image.getHeight());
    Roi roi = image.getRoi();
    mask.setValue(255);
    mask.fill(roi);
    return new ImagePlus("selection", mask);
  }

  /** Our classes are on the class path, so a jar with nothing but the menu makes them commands. */
  private static void openImageJ(Path folder) {
    Path plugins = folder.resolve("ImageJ").resolve("plugins");
    try (InputStream config = Demo.class.getResourceAsStream("/plugins.config")) {
      Files.createDirectories(plugins);
      try (JarOutputStream jar =
          new JarOutputStream(Files.newOutputStream(plugins.resolve("Diffusion_Menu.jar")))) {
        jar.putNextEntry(new ZipEntry("plugins.config"));
        config.transferTo(jar);
        jar.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    System.setProperty("plugins.dir", plugins.getParent().toAbsolutePath().toString());
    new ImageJ(ImageJ.STANDALONE);
  }

  private static void sideBySide(ImagePlus... images) {
    int x = 60;
    for (ImagePlus image : images) {
      image.getWindow().setLocation(x, 200);
      x += image.getWindow().getWidth() + 10;
    }
  }
}
