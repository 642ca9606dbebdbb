package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.edit.RePaint;
import ijdiffusion.onnx.Device;
import java.util.List;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Fills the selection with what a diffusion model finds likely there (RePaint). */
@Plugin(
    type = Command.class,
    name = InpaintCommand.LABEL,
    label = "Diffusion Inpaint",
    headless = true,
    description =
        "Fills the selection with what a diffusion model finds likely there. The pixels are"
            + " invented, not measured.")
public final class InpaintCommand extends NetworkCommand {
  static final String LABEL = "Diffusion Inpaint...";

  @Parameter(description = "Image with a selection; the current plane is used.")
  private ImagePlus image;

  @Parameter(label = "Model", description = "Name of a model, or path to a model's folder.")
  private String model = "nuclei";

  @Parameter(
      label = "Steps",
      min = "2",
      max = "1000",
      description = "Noise levels on the way from noise to image.")
  private int steps = 50;

  @Parameter(
      label = "Jump",
      min = "1",
      max = "1000",
      description = "Levels the state is thrown back by at each resampling.")
  private int jump = 5;

  @Parameter(
      label = "Resamplings",
      min = "1",
      max = "100",
      description = "How often each stretch is gone through; more fits the surroundings better.")
  private int resamplings = 4;

  @Parameter(
      label = "Eta",
      min = "0",
      max = "1",
      description = "Noise of the steps: 1 DDPM, less DDIM with that share of noise.")
  private double eta = 1;

  @Parameter(label = "Seed", description = "Same seed, same pixels.")
  private long seed = 1;

  @Parameter(
      label = "Samples",
      min = "1",
      max = "1000",
      description = "Number of different fills; several come with mean and standard deviation.")
  private int samples = 1;

  @Parameter(
      label = "Grow (pixels)",
      min = "0",
      max = "1000",
      description = "Pixels by which the selection is enlarged.")
  private int grow = 0;

  @Parameter(
      label = "Feather (pixels)",
      min = "0",
      max = "1000",
      description = "Zone outside the selection in which the fill fades into the image.")
  private int feather = 0;

  @Parameter(
      label = "Device",
      choices = {"auto", "cpu", "cuda"},
      description = "auto tries CUDA and falls back to the CPU.")
  private String device = "auto";

  @Parameter(
      label = "Threads",
      min = "0",
      max = "1024",
      description = "Threads on the CPU; 0 = physical cores.")
  private int threads = 0;

  @Parameter(
      label = "In_place",
      description = "Write into the image itself (Edit > Undo brings it back).")
  private boolean in_place = false;

  @Parameter(type = ItemIO.OUTPUT, description = "Mean and standard deviation of the samples.")
  private ImagePlus statistics;

  @Parameter(type = ItemIO.OUTPUT, description = "The image with the selection filled.")
  private ImagePlus result;

  @Override
  public void run() {
    List<ImagePlus> images = inpainting().run(progress(), in_place, Parameters.toOptions(this));
    result = images.get(images.size() - 1);
    statistics = images.size() > 1 ? images.get(0) : null;
  }

  @Override
  public String estimate() {
    return inpainting().estimate();
  }

  private Inpainting inpainting() {
    return new Inpainting(
        image,
        Models.catalogue().find(model),
        new RePaint(steps, jump, resamplings, eta),
        seed,
        samples,
        grow,
        feather,
        Device.parse(device),
        threads);
  }

  @Override
  public List<ImagePlus> results() {
    return statistics == null ? List.of(result) : List.of(statistics, result);
  }

  @Override
  public void setImage(ImagePlus image) {
    this.image = image;
  }
}
