package ijdiffusion.command;

import ij.ImageJ;
import ijdiffusion.card.ModelCard;
import ijdiffusion.onnx.OnnxPredictor;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What every command writes down about a run. */
final class ProvenanceFields {
  private ProvenanceFields() {}

  /**
   * Command, settings, versions, date, source and model.
   *
   * @param source title of the image worked on
   * @return a map that can be added to, in order
   */
  static Map<String, String> common(String command, String options, String source, ModelCard card) {
    Map<String, String> f = new LinkedHashMap<>();
    f.put("command", command);
    f.put("options", options);
    f.put("version", Version.current());
    f.put("imagej", ImageJ.VERSION);
    f.put(
        "date",
        OffsetDateTime.now(ZoneId.systemDefault())
            .truncatedTo(ChronoUnit.SECONDS)
            .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
    f.put("source", source.replaceAll("\\R", " "));
    f.put("model", card.name());
    f.put("model_sha256", card.weights().sha256());
    f.put("model_licence", card.about().license());
    return f;
  }

  /** Adds where the network ran, and what that cost. */
  static void addRun(
      Map<String, String> fields, OnnxPredictor network, long networkCalls, double seconds) {
    fields.put("provider", network.provider());
    fields.put("runtime", network.runtime());
    fields.put("threads", Integer.toString(network.threads()));
    if (!network.note().isEmpty()) {
      fields.put("provider_note", network.note().replaceAll("\\s+", " "));
    }
    fields.put("network_calls", Long.toString(networkCalls));
    fields.put("seconds", String.format(Locale.ROOT, "%.2f", seconds));
  }
}
