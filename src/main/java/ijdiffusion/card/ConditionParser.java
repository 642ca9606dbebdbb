package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition.Enlargement;
import ijdiffusion.card.Condition.Fill;
import ijdiffusion.card.Condition.Order;
import ijdiffusion.card.Condition.Start;
import ijdiffusion.card.Condition.Task;
import java.util.Optional;

/** From the mapping {@code condition} of a card to a {@link Condition}. */
final class ConditionParser {
  private static final int MAX_FEATURES = 4096;

  private final Fields condition;
  private final WeightsParser weights;

  ConditionParser(Fields condition, WeightsParser weights) {
    this.condition =
        condition.only(
            "tensor",
            "order",
            "channels",
            "task",
            "factor",
            "enlargement",
            "fill",
            "start",
            "residual",
            "encoder");
    this.weights = weights;
  }

  /**
   * @param image name of the input for the state
   */
  Condition parse(String image) {
    String name = condition.text("tensor");
    Task task = condition.choice("task", Task.class);
    return new Condition(
        name,
        order(name.equals(image)),
        condition.integer("channels", 1, 1024),
        task,
        upscaling(task),
        fill(task),
        condition.has("start") ? condition.choice("start", Start.class) : Start.NOISE,
        condition.has("residual")
            ? Optional.of(residual(condition.child("residual")))
            : Optional.empty(),
        condition.has("encoder")
            ? Optional.of(encoder(condition.child("encoder")))
            : Optional.empty());
  }

  private Optional<Order> order(boolean shared) {
    if (shared) {
      return Optional.of(condition.choice("order", Order.class));
    }
    if (condition.has("order")) {
      throw new DiffusionException(
          Condition.FIELD
              + "order contradicts condition.tensor: only in the input of the image is there an"
              + " order of channels, so leave it out.");
    }
    return Optional.empty();
  }

  private Optional<Condition.Upscaling> upscaling(Task task) {
    if (task == Task.UPSCALE) {
      return Optional.of(
          new Condition.Upscaling(
              condition.integer("factor", 2, 16),
              condition.choice("enlargement", Enlargement.class)));
    }
    refuse("factor", task);
    refuse("enlargement", task);
    return Optional.empty();
  }

  private Optional<Fill> fill(Task task) {
    if (task.hasHole()) {
      return Optional.of(condition.choice("fill", Fill.class));
    }
    refuse("fill", task);
    return Optional.empty();
  }

  private void refuse(String key, Task task) {
    if (condition.has(key)) {
      throw new DiffusionException(
          Condition.FIELD
              + key
              + " contradicts condition.task "
              + Fields.spelling(task)
              + ": it belongs to other tasks, so leave it out.");
    }
  }

  private static Condition.Residual residual(Fields residual) {
    residual.only("scale", "clamp");
    double scale = residual.number("scale");
    if (!(scale > 0)) {
      throw residual.refused("scale", "above 0");
    }
    return new Condition.Residual(scale, residual.bool("clamp"));
  }

  private Condition.Encoder encoder(Fields encoder) {
    encoder.only("source", "sha256", "input", "output", "channels");
    return new Condition.Encoder(
        weights.parse(encoder),
        encoder.text("input"),
        encoder.text("output"),
        encoder.integer("channels", 1, MAX_FEATURES));
  }
}
