package ijdiffusion.command;

import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.command.SamplingPresets.Sampling;
import ijdiffusion.edit.ConditionalGeneration;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.onnx.Device;
import org.scijava.command.Command;
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
public final class UpscaleCommand extends SampledCommand {
  static final String LABEL = "Diffusion Upscale...";

  /** The bundled model for it. */
  public UpscaleCommand() {
    super(
        new SamplingPresets(
            new Sampling(SamplerChoice.DPMPP_2M, 5),
            new Sampling(SamplerChoice.DPMPP_2M, 10),
            new Sampling(SamplerChoice.DPMPP_2M, 20)));
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
    Sampling sampling = sampling(card.samplingSchedule());
    Grids.checkSampling(card, sampling.steps());
    return new UpscaleMethod(
        card,
        condition,
        sampling,
        ConditionalGeneration.of(card, sampling.choice(), 0, sampling.steps()),
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
