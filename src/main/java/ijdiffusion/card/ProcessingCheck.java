package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.List;
import java.util.Set;

/**
 * Holds the processing that the BioImage.IO part of a card describes against ours, which is: two
 * percentiles of each channel, or the two {@code fixed_values}, go to the two ends of {@code
 * image.value_range}, and with {@code output.clip} grey values beyond them are limited. Steps that
 * say the same are honoured, others are refused by name; nothing is done to a prediction.
 */
final class ProcessingCheck {
  /**
   * Largest eps of scale_range that is nothing: out = (x - low) / (high - low + eps), grey values.
   */
  private static final double MAX_EPS = 1e-5;

  /** How far the ends of the range may be off by the rounding of decimals, in shares of it. */
  private static final double ROUNDING = 1e-6;

  private static final String OURS =
      "this program maps two percentiles of each channel to image.value_range";

  private final ModelCard card;

  /**
   * Where the steps so far bring the two percentiles, meaningless before scale_range, or the fixed
   * values.
   */
  private double low;

  private double high;
  private boolean scaled;

  private ProcessingCheck(ModelCard card) {
    this.card = card;
    card.normalization()
        .fixed()
        .ifPresent(
            values -> {
              low = values.low();
              high = values.high();
            });
  }

  /** Whether the two ends are known at this point. */
  private boolean known() {
    return scaled || card.normalization().fixed().isPresent();
  }

  /**
   * Of an image input, which holds grey values before its steps.
   *
   * @param id the tensor's
   * @param channels of the tensor
   */
  static void image(List<TensorLayout.Step> steps, String id, int channels, ModelCard card) {
    ProcessingCheck check = new ProcessingCheck(card);
    for (TensorLayout.Step step : steps) {
      check.step(step, id, channels);
    }
    if (steps.stream().allMatch(step -> step.id().equals("ensure_dtype"))) {
      return;
    }
    ValueRange range = card.valueRange();
    double most = ROUNDING * (range.max() - range.min());
    boolean agree =
        Math.abs(check.low - range.min()) <= most && Math.abs(check.high - range.max()) <= most;
    if (!agree) { // nor does what is no number
      throw new DiffusionException(
          steps.get(0).field()
              + " and what follows bring the "
              + (check.scaled ? "percentiles" : "fixed_values")
              + " to ["
              + check.low
              + ", "
              + check.high
              + "], but config.diffusion.image.value_range is ["
              + range.min()
              + ", "
              + range.max()
              + "]; they must agree.");
    }
  }

  /** Of an input that holds no grey values, or of an output: nothing may be done. */
  static void nothing(List<TensorLayout.Step> steps, String type, String what) {
    for (TensorLayout.Step step : steps) {
      if (!step.id().equals("ensure_dtype")) {
        throw new DiffusionException(
            step.field() + " is " + step.id() + ", but " + what + " must be left as it is.");
      }
      dtype(step, type);
    }
  }

  private void step(TensorLayout.Step step, String id, int channels) {
    switch (step.id()) {
      case "ensure_dtype" -> dtype(step, "float32");
      case "scale_range" -> scaleRange(step, id, channels);
      case "scale_linear" -> scaleLinear(step);
      case "clip" -> clip(step);
      case "fixed_zero_mean_unit_variance" -> fixedMoments(step);
      case "zero_mean_unit_variance", "scale_mean_variance" ->
          throw refused(step, OURS + "; state that as scale_range");
      default -> throw refused(step, "a noisy image must not go through it");
    }
  }

  private static DiffusionException refused(TensorLayout.Step step, String why) {
    return new DiffusionException(
        step.field() + " is " + step.id() + ", which is not supported: " + why + ".");
  }

  private static void dtype(TensorLayout.Step step, String type) {
    String found = step.kwargs().text("dtype");
    if (!found.equals(type)) {
      throw step.kwargs().refused("dtype", type);
    }
  }

  private void scaleRange(TensorLayout.Step step, String id, int channels) {
    Fields kwargs = step.kwargs();
    if (scaled) {
      throw refused(step, "the image has been scaled by an earlier step");
    }
    if (known()) {
      throw refused(step, "the card has fixed_values");
    }
    if (kwargs.has("mode") && !kwargs.text("mode").equals("per_sample")) {
      throw kwargs.refused("mode", "per_sample");
    }
    if (kwargs.has("reference_tensor") && !kwargs.text("reference_tensor").equals(id)) {
      throw kwargs.refused("reference_tensor", "left out: percentiles are the image's own");
    }
    if (!(kwargs.number("eps", 1e-6) <= MAX_EPS)) {
      throw kwargs.refused("eps", "at most " + MAX_EPS);
    }
    // a sample is one image: batch is no matter, and one channel alone is all channels
    Set<String> axes = step.axes().orElse(Set.of("b", "c", "y", "x"));
    boolean joint = axes.contains("c") && channels > 1;
    if (!axes.containsAll(Set.of("y", "x")) || joint) {
      throw refused(step, "percentiles must be over y and x, of each channel by itself");
    }
    percentile(kwargs, "min_percentile", 0, "low", card.normalization().lowPercentile());
    percentile(kwargs, "max_percentile", 100, "high", card.normalization().highPercentile());
    scaled = true;
    low = 0;
    high = 1;
  }

  private static void percentile(
      Fields kwargs, String key, double otherwise, String which, double expected) {
    double found = kwargs.number(key, otherwise);
    if (found != expected) {
      throw new DiffusionException(
          kwargs.path()
              + "."
              + key
              + " is "
              + found
              + ", but config.diffusion.image.normalization."
              + which
              + "_percentile is "
              + expected
              + "; they must agree.");
    }
  }

  private void scaleLinear(TensorLayout.Step step) {
    Fields kwargs = step.kwargs();
    requireScalars(step);
    scale(kwargs.number("gain", 1), kwargs.number("offset", 0));
  }

  private void requireScalars(TensorLayout.Step step) {
    if (!known()) {
      throw refused(
          step,
          OURS
              + ", so that scale_range must come first, or"
              + " config.diffusion.image.normalization.fixed_values says which grey values go"
              + " there");
    }
    if (step.kwargs().has("axis")) {
      throw step.kwargs().refused("axis", "left out: all channels are scaled alike");
    }
  }

  private void scale(double gain, double offset) {
    low = gain * low + offset;
    high = gain * high + offset;
  }

  /** out = (x - mean) / (std + eps). */
  private void fixedMoments(TensorLayout.Step step) {
    requireScalars(step);
    Fields kwargs = step.kwargs();
    double deviation = kwargs.number("std") + kwargs.number("eps", 0);
    scale(1 / deviation, -kwargs.number("mean") / deviation);
  }

  private void clip(TensorLayout.Step step) {
    Fields kwargs = step.kwargs();
    boolean ends =
        known()
            && kwargs.has("min")
            && kwargs.has("max")
            && kwargs.number("min") == low
            && kwargs.number("max") == high;
    if (!ends) {
      throw refused(
          step,
          "only the ends of the range after scale_range, or of the fixed_values, may be limits");
    }
    if (!card.clip()) {
      throw refused(step, "config.diffusion.output.clip is false, so that nothing is limited");
    }
  }
}
