package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.io.FileSaver;
import ij.process.ByteProcessor;
import ij.process.ImageStatistics;
import java.io.File;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From a folder of images to a result of the model trained on them: models/training/train.py for a
 * few steps, then the command line. Says nothing of the quality of what is drawn.
 */
class TrainingIT {
  private static final int SIDE = 80; // a patch of 32 pixels, 16 round it, and some to choose from
  private static final String STEPS = "20";

  @TempDir static Path temp;

  @BeforeAll
  static void drawImages() throws Exception {
    assumePython();
    Random random = new Random(7);
    Path images = Files.createDirectory(temp.resolve("images"));
    for (int i = 0; i < 16; i++) {
      save(discs(random, SIDE), images.resolve("discs" + i + ".png"));
    }
    save(discs(random, 16), temp.resolve("small.png"));
    save(discs(random, 64), temp.resolve("large.png"));
  }

  private static void assumePython() {
    String modules = "import torch, onnx, onnxruntime, numpy, yaml, PIL, tifffile";
    Child.Outcome o;
    try (Child python = Child.start(temp, Map.of(), List.of("python3", "-c", modules))) {
      o = python.await(120);
    } catch (UncheckedIOException e) {
      o = new Child.Outcome(-1, "", e.getMessage());
    }
    assumeTrue(
        o.code() == 0, "Training is not tested: models/training/requirements.txt. " + o.err());
  }

  private static ByteProcessor discs(Random random, int side) {
    ByteProcessor ip = new ByteProcessor(side, side);
    for (int k = 0; k < side / 8; k++) {
      ip.setColor(80 + random.nextInt(176));
      ip.fillOval(random.nextInt(side), random.nextInt(side), 12, 10);
    }
    ip.blurGaussian(1.5);
    return ip;
  }

  private static void save(ByteProcessor ip, Path file) {
    assertTrue(new FileSaver(new ImagePlus("", ip)).saveAsPng(file.toString()));
  }

  @Test
  @DisplayName("a prior draws an image")
  void priorGenerates() {
    train("prior");
    ImagePlus result = run("prior", "Diffusion Generate...", null, "width=64 height=32 steps=4");
    assertSize(64, 32, result);
  }

  @Test
  @DisplayName("sr4 makes an image four times as wide and high")
  void sr4Upscales() {
    train("sr4");
    ImagePlus result = run("sr4", "Diffusion Upscale...", "small.png", "steps=4");
    assertSize(64, 64, result);
  }

  @Test
  @DisplayName("restore gives an image of the same size")
  void restoreRestores() {
    train("restore");
    ImagePlus result = run("restore", "Diffusion Restore...", "large.png", "steps=4");
    assertSize(64, 64, result);
  }

  @Test
  @DisplayName("inpaint fills a hole and leaves the rest as it is")
  void inpaintFills() {
    train("inpaint");
    ByteProcessor mask = new ByteProcessor(64, 64);
    mask.setColor(255);
    mask.fillOval(20, 24, 20, 16);
    save(mask, temp.resolve("mask.png"));
    ImagePlus result = run("inpaint", "Diffusion Inpaint...", "large.png", "steps=4", "mask.png");
    assertSize(64, 64, result);
    ImagePlus before = IJ.openImage(temp.resolve("large.png").toString());
    int changed = 0;
    for (int i = 0; i < 64 * 64; i++) {
      boolean same = before.getProcessor().get(i) == result.getProcessor().get(i);
      assertTrue(same || mask.get(i) > 0, "pixel " + i + " outside the hole changed");
      changed += same ? 0 : 1;
    }
    assertTrue(changed > 100, changed + " pixels changed");
  }

  private static void train(String task) {
    List<String> command =
        List.of(
            "python3",
            Path.of("models", "training", "train.py").toAbsolutePath().toString(),
            "--images",
            temp.resolve("images").toString(),
            "--out",
            temp.resolve("models").resolve(task).toString(),
            "--task",
            task,
            "--steps",
            STEPS,
            "--widths",
            "8,16",
            "--batch",
            "4",
            "--size",
            "32",
            "--threads",
            "1");
    try (Child python = Child.start(temp, Map.of(), command)) {
      Child.Outcome o = python.await(300);
      assertEquals(0, o.code(), o.toString());
      assertTrue(o.out().contains(STEPS + " steps"), o.toString());
    }
  }

  private static ImagePlus run(
      String model, String label, String in, String options, String... mask) {
    Path out = temp.resolve(model + ".tif");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                "-Ddiffusion.models=" + temp.resolve("models"),
                "-cp",
                // not this JVM's class path: ONNX Runtime 1.29 crashes where the command line is
                // long
                Jars.selfContained() + File.pathSeparator + Jars.imageJ(),
                "ijdiffusion.command.Main",
                "run",
                label,
                "--out",
                out.toString(),
                "--options",
                "model=" + model + " " + options));
    if (in != null) {
      command.addAll(List.of("--in", temp.resolve(in).toString()));
    }
    if (mask.length > 0) {
      command.addAll(List.of("--mask", temp.resolve(mask[0]).toString()));
    }
    try (Child java = Child.start(temp, Map.of(), command)) {
      Child.Outcome o = java.await(120);
      assertEquals(0, o.code(), o.toString());
    }
    return IJ.openImage(out.toString());
  }

  private static void assertSize(int width, int height, ImagePlus result) {
    assertEquals(width, result.getWidth());
    assertEquals(height, result.getHeight());
    ImageStatistics s = result.getStatistics();
    assertTrue(s.max > s.min, "every pixel is " + s.min);
  }
}
