package ijdiffusion.command;

import ij.IJ;
import ij.ImagePlus;
import ij.process.ImageProcessor;
import ijdiffusion.gpu.Rows;
import ijdiffusion.image.Provenance;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Every command once on the CPU and once on another device, step by step. */
public final class DeviceEdits {
  private final String fixtures;
  private final int steps;
  private final Rows rows;
  private final ImagePlus image;
  private final Path other;

  /** The estimates on the way and the result. */
  private record Run(List<float[]> estimates, ImagePlus result) {}

  /**
   * @param fixtures folder of the test models
   * @param side of the image worked on, in pixels
   * @param steps of each command
   */
  public DeviceEdits(Path fixtures, int side, int steps, Rows rows) throws IOException {
    this.fixtures = fixtures.toAbsolutePath().toString();
    this.steps = steps;
    this.rows = rows;
    ImagePlus field = SampleImage.create();
    field.setRoi(78 + 30 - side / 2, 107 + 25 - side / 2, side, side);
    this.image = field.crop();
    ImagePlus flipped = image.duplicate();
    flipped.getProcessor().flipHorizontal();
    this.other = Files.createTempFile("other", ".tif");
    IJ.saveAsTiff(flipped, other.toString());
  }

  /**
   * Compares.
   *
   * @param device auto, cpu or cuda
   * @param setting name of the settings, for the table
   */
  public void compare(String device, String setting) {
    String n = " steps=" + steps;
    String s = n + " seed=5";
    both(device, setting, "Generate 2M", GenerateCommand.LABEL, size() + s);
    both(device, setting, "Generate DDIM, 4 samples", GenerateCommand.LABEL, size() + s + MANY);
    both(device, setting, "Inpaint", InpaintCommand.LABEL, "jump=2 resamplings=2" + s);
    both(device, setting, "Inpaint, 3 samples", InpaintCommand.LABEL, "samples=3 jump=1" + s);
    both(device, setting, "Edit", EditCommand.LABEL, "strength=0.5 sampler=ddim" + s);
    both(device, setting, "Edit, consistency", EditCommand.LABEL, "consistency=4" + s);
    both(device, setting, "Edit, tiles", EditCommand.LABEL, "tile=48" + s);
    both(device, setting, "Guide", GuideCommand.LABEL, "factor=4" + s);
    both(device, setting, "Upscale", UpscaleCommand.LABEL, "model=nuclei-sr4" + s);
    both(device, setting, "Denoise, mean", DenoiseCommand.LABEL, "noise=20");
    both(
        device,
        setting,
        "Denoise, average",
        DenoiseCommand.LABEL,
        "output=average samples=3 noise=20" + s);
    both(
        device, setting, "Restore", RestoreCommand.LABEL, "model=[" + fixtures + "/cond-last]" + s);
    both(device, setting, "Encode", EncodeCommand.LABEL, n);
    both(device, setting, "Decode", DecodeCommand.LABEL, "");
    both(
        device,
        setting,
        "Interpolate",
        InterpolateCommand.LABEL,
        "frames=3 other=[" + other + "]" + n);
  }

  private static final String MANY = " samples=4 sampler=ddim";

  private String size() {
    return "width=" + image.getWidth() + " height=" + image.getHeight();
  }

  /** Compares one command. */
  void both(String device, String setting, String name, String label, String options) {
    Run cpu = run(label, options + " device=cpu");
    Run there = run(label, options + " device=" + device);
    String provider = Provenance.of(there.result()).orElseThrow().get("provider");
    if (!provider.equalsIgnoreCase(device)) {
      throw new IllegalStateException(name + " ran on " + provider + ", not on " + device);
    }
    int n = cpu.estimates().size();
    if (there.estimates().size() != n) {
      throw new IllegalStateException(name + " made another number of steps");
    }
    double worst = 0;
    double last = 0;
    for (int k = 0; k < n; k++) {
      last = difference(cpu.estimates().get(k), there.estimates().get(k));
      worst = Math.max(worst, last);
      rows.add("step", name, setting, "step " + (k + 1) + ": max difference of x0", last);
    }
    rows.add("edit", name, setting, "max difference of x0 at any step", worst);
    rows.add("edit", name, setting, "max difference of x0 at the last step", last);
    rows.add(
        "edit", name, setting, "max difference of a pixel", pixels(cpu.result(), there.result()));
  }

  private Run run(String label, String options) {
    List<float[]> estimates = new ArrayList<>();
    DiffusionCommand command = Commands.create(label);
    Parameters.apply(command, options);
    command.setImage(image(label));
    command.setProgress((Progress) (done, total, x0) -> keep(estimates, x0));
    command.run();
    List<ImagePlus> results = command.results();
    return new Run(estimates, results.get(results.size() - 1));
  }

  /** What a command works on: with a selection where something is to be filled in. */
  private ImagePlus image(String label) {
    if (label.equals(DecodeCommand.LABEL)) {
      return run(EncodeCommand.LABEL, "device=cpu steps=" + steps).result();
    }
    ImagePlus copy = image.duplicate();
    if (label.equals(InpaintCommand.LABEL) || label.equals(RestoreCommand.LABEL)) {
      int side = copy.getWidth();
      copy.setRoi(side * 3 / 8, side * 3 / 8, side / 4, side / 4);
    }
    return copy;
  }

  private static void keep(List<float[]> estimates, Tensor x0) {
    estimates.add(x0.data().clone());
  }

  private static double difference(float[] a, float[] b) {
    double worst = 0;
    for (int i = 0; i < a.length; i++) {
      worst = Math.max(worst, Math.abs((double) a[i] - b[i]));
    }
    return worst;
  }

  private static double pixels(ImagePlus a, ImagePlus b) {
    double worst = 0;
    for (int k = 1; k <= a.getStackSize(); k++) {
      ImageProcessor p = a.getStack().getProcessor(k);
      ImageProcessor q = b.getStack().getProcessor(k);
      for (int i = 0; i < p.getPixelCount(); i++) {
        worst = Math.max(worst, Math.abs((double) p.getf(i) - q.getf(i)));
      }
    }
    return worst;
  }
}
