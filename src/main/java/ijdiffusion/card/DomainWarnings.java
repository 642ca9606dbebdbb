package ijdiffusion.card;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Says where an image is unlike those that a model was trained on, as far as its card has {@link
 * TrainedOn}. A model draws what it knows into any image, so such results look right and are wrong.
 * Silence proves nothing: kind, mean and contrast of an image say little of what is on it.
 */
public final class DomainWarnings {
  private DomainWarnings() {}

  /**
   * Compares.
   *
   * @param card the model
   * @param image facts about the image, measured with this card
   * @return sentences; none where nothing is amiss or the card does not say what to compare with
   */
  public static List<String> of(ModelCard card, ImageFacts image) {
    List<String> warnings = new ArrayList<>();
    card.trainedOn()
        .ifPresent(
            trained -> {
              if (!fits(trained, image)) {
                warnings.add(
                    "Model "
                        + card.name()
                        + " was trained on "
                        + kind(trained)
                        + " images; this image is "
                        + image.kind()
                        + ".");
              }
              compare(warnings, card, "mean", trained.mean(), image.mean());
              compare(warnings, card, "standard deviation", trained.deviation(), image.deviation());
            });
    return warnings;
  }

  private static boolean fits(TrainedOn trained, ImageFacts image) {
    boolean depth = trained.bits().isEmpty() || trained.bits().contains(image.bits());
    boolean colour =
        trained.colour().map(c -> image.rgb() == (c == TrainedOn.Colour.RGB)).orElse(true);
    return depth && colour;
  }

  private static String kind(TrainedOn trained) {
    List<String> words = new ArrayList<>();
    if (!trained.bits().isEmpty()) {
      words.add(trained.bits().stream().map(b -> b + "-bit").collect(Collectors.joining(" and ")));
    }
    trained.colour().ifPresent(c -> words.add(c == TrainedOn.Colour.RGB ? "RGB" : "grey"));
    return String.join(" ", words);
  }

  private static void compare(
      List<String> warnings,
      ModelCard card,
      String what,
      Optional<TrainedOn.Span> span,
      double found) {
    // NaN, an image without values, is for others to complain about
    if (span.isEmpty() || Double.isNaN(found) || span.get().holds(found)) {
      return;
    }
    warnings.add(
        String.format(
            Locale.ROOT,
            "Model %s was trained on images whose %s is %s to %s in its range of %s to %s; this"
                + " image's is %.2f, so it may be of another kind.",
            card.name(),
            what,
            number(span.get().low()),
            number(span.get().high()),
            number(card.valueRange().min()),
            number(card.valueRange().max()),
            found));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString(Math.round(value)) : Double.toString(value);
  }
}
