package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.card.DomainWarnings;
import ijdiffusion.card.ModelCard;
import ijdiffusion.image.ImageMeasure;
import ijdiffusion.image.PlaneScope;
import java.util.List;
import java.util.Map;

/**
 * What a user should know before a run and find in its record: that the image is unlike those the
 * model was trained on. It stops nothing.
 *
 * @param sentences one a warning
 */
record Warnings(List<String> sentences) {

  /**
   * About planes of an image.
   *
   * @param image the image
   * @param scope the planes; looked at is the current one if it is among them, else the middle one,
   *     for the ends of a stack are often empty
   * @param card the model
   */
  static Warnings of(ImagePlus image, PlaneScope scope, ModelCard card) {
    int current = image.getCurrentSlice();
    List<List<Integer>> units = scope.units();
    List<Integer> unit =
        units.stream()
            .filter(u -> u.contains(current))
            .findFirst()
            .orElse(units.get(units.size() / 2));
    return of(image, unit, card);
  }

  /** About the current plane of an image. */
  static Warnings of(ImagePlus image, ModelCard card) {
    return of(image, List.of(image.getCurrentSlice()), card);
  }

  private static Warnings of(ImagePlus image, List<Integer> slices, ModelCard card) {
    return new Warnings(
        card.trainedOn().isEmpty()
            ? List.of()
            : DomainWarnings.of(card, ImageMeasure.of(image, slices, card)));
  }

  /** To follow what a run costs, in the dialog; empty where there is nothing to say. */
  String note() {
    return sentences.isEmpty() ? "" : ". Note: " + String.join(" ", sentences);
  }

  /** Says it, once a run. */
  void tell(Progress progress) {
    sentences.forEach(progress::warn);
  }

  /** Adds it to a run's record. */
  void addTo(Map<String, String> fields) {
    for (int i = 0; i < sentences.size(); i++) {
      fields.put("warning_" + (i + 1), sentences.get(i).replaceAll("\\s+", " "));
    }
  }
}
