package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.List;

/**
 * What a user has to know before trusting a model.
 *
 * @param name title of the model
 * @param version of the model, free text
 * @param description one or two sentences
 * @param domain the images it was trained on; it draws nothing else well
 * @param outOfScope what it must not be used for
 * @param license SPDX identifier of the weights' licence
 * @param attribution lines to be shown with the model, at least one
 * @param citations what to cite, each with its address where it has one, at least one
 */
public record About(
    String name,
    String version,
    String description,
    String domain,
    String outOfScope,
    String license,
    List<String> attribution,
    List<String> citations) {
  public About {
    attribution = List.copyOf(attribution);
    citations = List.copyOf(citations);
    if (attribution.isEmpty()) {
      throw new DiffusionException(
          "config.diffusion.attribution is empty, but must have at least one line.");
    }
    if (citations.isEmpty()) {
      throw new DiffusionException("cite is empty, but must have at least one entry.");
    }
  }
}
