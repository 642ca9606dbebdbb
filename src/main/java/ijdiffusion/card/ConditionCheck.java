package ijdiffusion.card;

import ijdiffusion.DiffusionException;

/** Holds the condition of a card against its image and time. */
final class ConditionCheck {
  private final Condition condition;
  private final ImageTensor image;

  private ConditionCheck(Condition condition, ImageTensor image) {
    this.condition = condition;
    this.image = image;
  }

  static void check(Condition condition, ImageTensor image, TimeTensor time) {
    if (condition.name().equals(time.name())) {
      throw new DiffusionException(
          Condition.FIELD
              + "tensor is \""
              + condition.name()
              + "\", but that is time.tensor already; they must be two inputs.");
    }
    if (condition.isConcatenated() != condition.name().equals(image.name())) {
      throw new DiffusionException(
          Condition.FIELD
              + "order contradicts condition.tensor: there is an order of channels in the input of"
              + " the image and in no other.");
    }
    ConditionCheck check = new ConditionCheck(condition, image);
    if (condition.task().hasHole()) {
      check.sameChannels("condition.task " + Fields.spelling(condition.task()));
    }
    if (condition.residual().isPresent()) {
      check.sameChannels("condition.residual");
      check.symmetricRange();
    }
    check.sizes();
  }

  private void sameChannels(String because) {
    if (condition.channels() != image.channels()) {
      throw new DiffusionException(
          Condition.FIELD
              + "channels is "
              + condition.channels()
              + ", which contradicts "
              + because
              + ": it must be "
              + image.channels()
              + ", as image.channels is.");
    }
  }

  /** Differences are limited to the same range as images. */
  private void symmetricRange() {
    if (image.valueRange().min() != -1 || image.valueRange().max() != 1) {
      throw new DiffusionException(
          "config.diffusion.image.value_range is ["
              + image.valueRange().min()
              + ", "
              + image.valueRange().max()
              + "], which contradicts condition.residual: it must be [-1, 1].");
    }
  }

  private void sizes() {
    if (image.sizeMultiple() % condition.reduction() != 0) {
      throw new DiffusionException(
          "config.diffusion.image.size_multiple is "
              + image.sizeMultiple()
              + ", which contradicts condition.enlargement inside: it must be a multiple of"
              + " condition.factor, which is "
              + condition.reduction()
              + ".");
    }
  }
}
