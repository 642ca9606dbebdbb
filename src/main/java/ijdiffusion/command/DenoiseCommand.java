package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.PlaneScope;
import ijdiffusion.onnx.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Takes noise out of an image by starting the reverse process at the image's own noise. */
@Plugin(
    type = Command.class,
    name = DenoiseCommand.LABEL,
    label = "Diffusion Denoise",
    headless = true,
    description =
        "Takes noise out of the image, or of the selection. Where the noise hid detail, what is"
            + " shown is what the model finds likely, not what was measured.")
public final class DenoiseCommand extends ImageCommand {
  static final String LABEL = "Diffusion Denoise...";

  @Parameter(
      label = "Noise (grey values)",
      min = "0",
      max = "1e30",
      description = "Standard deviation of the image's noise; 0 = estimated from each plane.")
  private double noise = 0;

  @Parameter(
      label = "Output",
      choices = {"mean", "average", "samples"},
      description =
          "mean = what is most likely on average, in one network call; average = the mean of so"
              + " many samples; samples = clean images that could be behind this one.")
  private String output = "mean";

  @Parameter(
      label = "Steps",
      min = "1",
      max = "1000",
      description = "Noise levels on the way, for average and samples.")
  private int steps = 20;

  @Parameter(label = "Sampler", description = "How to step; see docs/samplers.md.")
  private String sampler = "ddpm";

  @Override
  String label() {
    return LABEL;
  }

  @Override
  int resultsPerPlane() {
    boolean single = samples == 1;
    if (output.equals("mean") && !single) {
      throw new DiffusionException(
          "output=mean gives one result, but samples is "
              + samples
              + "; use output=average or output=samples.");
    }
    if (output.equals("average") && single) {
      throw new DiffusionException(
          "output=average takes the mean of several samples, but samples is 1; use 8, or"
              + " output=mean.");
    }
    return output.equals("samples") ? samples : 1;
  }

  @Override
  PlaneMethod method(ModelCard card) {
    card.requireUnconditional();
    SamplerChoice choice = SamplerChoice.parse(sampler);
    Grids.check(card, steps);
    boolean mean = output.equals("mean");
    return new DenoiseMethod(
        card,
        choice,
        mean ? 0 : steps,
        output.equals("average") ? samples : 1,
        noise,
        Device.parse(device),
        threads);
  }

  @Override
  public String estimate() {
    String cost = super.estimate();
    if (noise > 0) {
      return cost;
    }
    boolean byNetwork = Models.find(model).noiseLevel().isPresent();
    return (byNetwork ? "Noise estimated by the model's network" : estimatedNoise()) + "; " + cost;
  }

  /** The estimate for the plane that is shown. */
  private String estimatedNoise() {
    List<String> parts = new ArrayList<>();
    for (double sigma : DenoiseMethod.estimates(PlaneScope.shown(image))) {
      parts.add(String.format(Locale.ROOT, "%.3g", sigma));
    }
    return "Estimated noise: " + String.join(", ", parts) + " grey values";
  }
}
