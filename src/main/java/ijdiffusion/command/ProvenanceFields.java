package ijdiffusion.command;

import ij.ImageJ;
import ij.ImagePlus;
import ijdiffusion.card.ModelCard;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** What every command writes down about a run. */
final class ProvenanceFields {
  private ProvenanceFields() {}

  /**
   * Command, settings, versions, date, source and model.
   *
   * @return a map that can be added to, in order
   */
  static Map<String, String> common(
      String command, String options, ImagePlus source, ModelCard card) {
    Map<String, String> f = new LinkedHashMap<>();
    f.put("command", command);
    f.put("options", options);
    f.put("version", Version.current());
    f.put("imagej", ImageJ.VERSION);
    f.put(
        "date",
        OffsetDateTime.now()
            .truncatedTo(ChronoUnit.SECONDS)
            .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
    f.put("source", source.getTitle().replaceAll("\\R", " "));
    f.put("model", card.name());
    f.put("model_sha256", card.weights().sha256());
    f.put("model_licence", card.about().license());
    return f;
  }
}
