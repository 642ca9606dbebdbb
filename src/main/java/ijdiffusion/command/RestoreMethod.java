package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.ConditionalGeneration;
import ijdiffusion.edit.RePaint;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.Context;
import ijdiffusion.image.EnlargedPlane;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.FilledPlane;
import ijdiffusion.image.MadePlane;
import ijdiffusion.image.Plane;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.PastedRegion;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * A plane redrawn by a network that sees it, of the same size.
 *
 * @param card the model
 * @param condition its card's condition
 * @param choice the sampler
 * @param generation the run
 * @param border pixels at each side of the image that are to be drawn
 * @param selected what a selection means to a network that fills holes
 */
record RestoreMethod(
    ModelCard card,
    Condition condition,
    SamplerChoice choice,
    ConditionalGeneration generation,
    int border,
    Function<ImagePlus, FillMask> selected)
    implements PlaneMethod {

  @Override
  public String suffix() {
    return switch (condition.task()) {
      case COLORIZE -> "-coloured";
      case UNCROP -> "-extended";
      case INPAINT -> "-inpainted";
      default -> "-restored";
    };
  }

  @Override
  public String describe() {
    return "Palette (Saharia et al. 2022, arXiv:2111.05826)";
  }

  @Override
  public FillMask fill(ImagePlus image) {
    return switch (condition.task()) {
      case INPAINT -> selected.apply(image);
      case UNCROP ->
          FillMask.ofBorder(image.getWidth() + 2 * border, image.getHeight() + 2 * border, border);
      case RESTORE -> FillMask.ofLimitingSelection(image);
      default -> null;
    };
  }

  @Override
  public int border() {
    return border;
  }

  @Override
  public boolean colours() {
    return condition.channels() == 1 && card.channels() == 3;
  }

  @Override
  public int margin() {
    return RePaint.MARGIN;
  }

  @Override
  public Context.View view(ModelCard model) {
    return new Context.View(
        card,
        condition.channels(),
        card.sizeMultiple(),
        1,
        !card.clip(),
        condition.task().hasHole());
  }

  @Override
  public int networkCalls() {
    return choice.networkCalls(generation.path());
  }

  @Override
  public Tensor run(Job job) {
    Tensor image = job.image();
    Tensor mask = job.context().mask();
    boolean hole = condition.task().hasHole();
    Tensor shown =
        hole
            ? ConditionalGeneration.withHole(
                image, mask, condition.fill().orElseThrow(), job.noise())
            : image;
    Shape shape = image.shape().withChannels(card.channels());
    Tensor x = generation.start(condition.start(), shown, shape, job.noise());
    Constraint constraint = hole ? new PastedRegion(image, mask) : Constraint.NONE;
    generation.run(Models.predictor(job, shown), x, constraint, job.noise(), job.monitor());
    return x;
  }

  @Override
  public MadePlane made(Plane plane, FillMask fill, Context context, Tensor made) {
    return condition.task() == Condition.Task.COLORIZE
        ? new EnlargedPlane(plane, context, made, 1)
        : new FilledPlane(plane, fill, context, made);
  }

  @Override
  public void record(Map<String, String> fields) {
    fields.put("task", condition.task().name().toLowerCase(Locale.ROOT));
    fields.put("sampler", choice.key());
    fields.put("steps", Integer.toString(generation.path().stepsDown()));
  }
}
