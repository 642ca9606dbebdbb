package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.ConditionalGeneration;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.FillMask;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** What conditional models that keep the pixel size do (Palette): the card says what that is. */
@Plugin(
    type = Command.class,
    name = RestoreCommand.LABEL,
    label = "Diffusion Restore",
    headless = true,
    description =
        "Runs a model that was trained for one repair: colour, take out noise or artefacts, fill"
            + " the selection, or extend the image beyond its edges. What was not in the image is"
            + " invented.")
public final class RestoreCommand extends ImageCommand {
  static final String LABEL = "Diffusion Restore...";

  @Parameter(
      label = "Border (pixels)",
      min = "0",
      max = "10000",
      description = "By how much the image is extended on each side, for models that do that.")
  private int border = 0;

  @Parameter(label = "Steps", min = "1", max = "2000", description = "Noise levels on the way.")
  private int steps = 50;

  @Parameter(label = "Sampler", description = "How to step; see docs/samplers.md.")
  private String sampler = "ddpm";

  /** The one model for it that is bundled fills holes. */
  public RestoreCommand() {
    model = "photos-inpaint";
  }

  @Override
  String label() {
    return LABEL;
  }

  @Override
  PlaneMethod method(ModelCard card) {
    Condition condition =
        card.condition()
            .filter(c -> fits(card))
            .orElseThrow(
                () ->
                    new DiffusionException(
                        "Model "
                            + card.name()
                            + " is not made to restore images; choose one whose card has"
                            + " condition.task restore, colorize, inpaint or uncrop."));
    boolean colours =
        condition.task() == Condition.Task.COLORIZE
            && condition.channels() == 1
            && card.channels() == 3;
    if (!colours) {
      Models.requireSameChannels(card, condition);
    }
    boolean uncrop = condition.task() == Condition.Task.UNCROP;
    if (uncrop != border > 0) {
      throw new DiffusionException(
          "border is "
              + border
              + ", but must be "
              + (uncrop ? "above 0 for model " : "0 for model ")
              + card.name()
              + ", which "
              + (uncrop ? "extends images." : "does not extend images."));
    }
    SamplerChoice choice = SamplerChoice.parse(sampler);
    Grids.checkSampling(card, steps);
    return new RestoreMethod(
        card,
        condition,
        choice,
        ConditionalGeneration.of(card, choice, 0, steps),
        border,
        selection -> FillMask.ofSelection(selection, 0, 0));
  }

  @Override
  boolean fits(ModelCard card) {
    return card.condition().filter(c -> c.task() != Condition.Task.UPSCALE).isPresent();
  }

  @Override
  public boolean canBePutRight() {
    return true; // by another model, or a border
  }
}
