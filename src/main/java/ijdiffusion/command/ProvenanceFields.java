package ijdiffusion.command;

import ij.ImageJ;
import ij.ImagePlus;
import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.image.PixelHash;
import ijdiffusion.onnx.OnnxPredictor;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What every command writes down about a run; docs/scientific-use.md lists it. */
final class ProvenanceFields {
  private ProvenanceFields() {}

  /**
   * Command, settings, versions, date and model.
   *
   * @param options the command's settings as macro options
   * @return a map that can be added to, in order
   */
  static Map<String, String> common(String command, String options, ModelCard card) {
    Map<String, String> f = new LinkedHashMap<>();
    f.put("command", command);
    f.put("options", line(options));
    f.put("version", Version.current());
    f.put("build", Version.build());
    f.put("imagej", ImageJ.VERSION);
    f.put("java", line(System.getProperty("java.vm.name") + " " + Runtime.version()));
    f.put("system", line(System.getProperty("os.name") + " " + System.getProperty("os.arch")));
    f.put(
        "date",
        OffsetDateTime.now(ZoneId.systemDefault())
            .truncatedTo(ChronoUnit.SECONDS)
            .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
    f.put("model", line(card.name()));
    f.put("model_version", line(card.about().version()));
    f.put("model_sha256", card.weights().sha256());
    card.weights().externalDataSha256().ifPresent(hash -> f.put("model_data_sha256", hash));
    card.condition()
        .flatMap(Condition::encoder)
        .ifPresent(encoder -> f.put("model_encoder_sha256", encoder.weights().sha256()));
    card.noiseLevel()
        .ifPresent(network -> f.put("model_noise_level_sha256", network.weights().sha256()));
    f.put("model_licence", line(card.about().license()));
    List<String> citations = card.about().citations();
    for (int i = 0; i < citations.size(); i++) {
      f.put("model_citation_" + (i + 1), line(citations.get(i)));
    }
    return f;
  }

  private static String line(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  /**
   * Adds the image worked on.
   *
   * @param slices stack indices of the planes used, without gaps
   * @param hash their {@link PixelHash}
   */
  static void addSource(
      Map<String, String> fields, ImagePlus source, List<Integer> slices, String hash) {
    fields.put("source", line(source.getTitle()));
    fields.put("source_size", size(source));
    int first = slices.get(0);
    int last = slices.get(slices.size() - 1);
    fields.put("source_planes", first == last ? "" + first : first + "-" + last);
    fields.put("source_sha256", hash);
  }

  /** Size and type of an image, as records have it. */
  static String size(ImagePlus image) {
    return String.format(
        Locale.ROOT,
        "%d x %d pixels, %d bits, %d plane%s",
        image.getWidth(),
        image.getHeight(),
        image.getBitDepth(),
        image.getStackSize(),
        image.getStackSize() == 1 ? "" : "s");
  }

  /** Adds seeds: a sample's noise is keyed by the run's seed and the sample's number. */
  static void addSamples(Map<String, String> fields, long seed, int samples) {
    fields.put("seed", Long.toString(seed));
    fields.put("samples", Integer.toString(samples));
    if (samples > 1) {
      fields.put("sample_seeds", "sample k: seed " + seed + ", stream k - 1, k = 1 to " + samples);
    }
  }

  /** Adds the hash of all planes of a result. */
  static void addResult(Map<String, String> fields, ImagePlus result) {
    fields.put("result_sha256", PixelHash.of(result));
  }

  /** Adds the hash of one plane that was made. */
  static void addResult(Map<String, String> fields, ImagePlus result, int slice) {
    fields.put("result_sha256", PixelHash.of(result, List.of(slice)));
  }

  /** Adds where the network ran, and what that cost. */
  static void addRun(
      Map<String, String> fields, OnnxPredictor network, long networkCalls, double seconds) {
    fields.put("provider", network.provider());
    fields.put("runtime", network.runtime());
    fields.put("threads", Integer.toString(network.threads()));
    if (!network.deviceSettings().isEmpty()) {
      fields.put("provider_settings", network.deviceSettings());
    }
    if (!network.note().isEmpty()) {
      fields.put("provider_note", line(network.note()));
    }
    fields.put("network_calls", Long.toString(networkCalls));
    fields.put("seconds", String.format(Locale.ROOT, "%.2f", seconds));
  }

  /**
   * Adds why a further network of a run was not, or not to its end, where it should have been.
   *
   * @param what it is
   */
  static void addNote(Map<String, String> fields, String what, String note) {
    if (!note.isEmpty()) {
      fields.put("provider_note_" + what, line(note));
    }
  }
}
