package ijdiffusion.command;

import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.ConditionalGeneration;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.onnx.Device;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Makes images several times as wide and high (SR3 and its kin, as the model's card says). */
@Plugin(
    type = Command.class,
    name = UpscaleCommand.LABEL,
    label = "Diffusion Upscale",
    headless = true,
    description =
        "Makes the image several times as wide and high. Detail finer than the image's pixels is"
            + " invented, not measured.")
public final class UpscaleCommand extends ImageCommand {
  static final String LABEL = "Diffusion Upscale...";

  @Parameter(label = "Steps", min = "1", max = "2000", description = "Noise levels on the way.")
  private int steps = 20;

  @Parameter(label = "Sampler", description = "How to step; see docs/samplers.md.")
  private String sampler = "ddpm";

  /** The bundled model for it. */
  public UpscaleCommand() {
    model = "nuclei-sr4";
  }

  @Override
  String label() {
    return LABEL;
  }

  @Override
  PlaneMethod method(ModelCard card) {
    Condition condition = card.requireTask(Condition.Task.UPSCALE);
    Models.requireSameChannels(card, condition);
    SamplerChoice choice = SamplerChoice.parse(sampler);
    Grids.checkSampling(card, steps);
    return new UpscaleMethod(
        card,
        condition,
        choice,
        ConditionalGeneration.of(card, choice, 0, steps),
        Device.parse(device),
        threads);
  }

  @Override
  boolean fits(ModelCard card) {
    return card.condition().filter(c -> c.task() == Condition.Task.UPSCALE).isPresent();
  }

  @Override
  public boolean canBePutRight() {
    return true; // by another model
  }
}
