package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft.Field;
import ijdiffusion.card.CardDraft.Origin;
import ijdiffusion.card.NetworkFacts.Probe;
import ijdiffusion.card.NetworkFacts.Reading;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values for the fields of a card, from what is known about a network. */
final class CardProposal {
  /** The fields that a draft has or may be given; those of a schedule depend on its kind. */
  static final List<String> KEYS =
      List.of(
          "name",
          "version",
          "description",
          "license",
          "cite",
          "out_of_scope_use",
          "domain",
          "attribution",
          "image.tensor",
          "image.channels",
          "image.size_multiple",
          "image.width",
          "image.height",
          "image.value_range",
          "image.normalization.low_percentile",
          "image.normalization.high_percentile",
          "image.normalization.minimum_span",
          "time.tensor",
          "time.meaning",
          "time.type",
          "time.layout",
          "output.tensor",
          "output.meaning",
          "output.sigma_data",
          "output.channels",
          "output.variance",
          "output.clip",
          "schedule.kind",
          "schedule.steps",
          "schedule.beta_start",
          "schedule.beta_end",
          "schedule.zero_terminal_snr",
          "defaults.steps",
          "defaults.jump",
          "defaults.resamplings",
          "defaults.eta");

  /** Place of the first field in {@link #KEYS} that is not for people. */
  static final int FIRST_TECHNICAL = KEYS.indexOf("image.tensor");

  private static final String UNKNOWN = "unknown, ask the author";
  private static final int MOST_STEP = 32;

  private final NetworkFacts facts;
  private final NetworkRoles roles;
  private final Map<String, Field> fields = new LinkedHashMap<>();

  /** Whether the user says what time and output mean, so that no probe has to. */
  private final boolean told;

  CardProposal(NetworkFacts facts, NetworkRoles roles, boolean told) {
    this.told = told;
    this.facts = facts;
    this.roles = roles;
  }

  Map<String, Field> fields() {
    about();
    image();
    Reading reading = reading();
    time(reading);
    output(reading);
    schedule();
    return fields;
  }

  private void about() {
    put("name", Sidecar.name(facts.weights().file()), Origin.NAME);
    put("version", "unknown", Origin.ASSUMED);
    put("description", "A network without a card; ask the author what it draws", Origin.ASSUMED);
    for (String key : List.of("license", "cite", "out_of_scope_use", "domain", "attribution")) {
      put(key, UNKNOWN, Origin.ASSUMED);
    }
  }

  private void image() {
    put("image.tensor", roles.image().name(), Origin.SHAPE);
    put("image.channels", "" + roles.channels(), Origin.SHAPE);
    int width = roles.width();
    int height = roles.height();
    if (width > 0 || height > 0) {
      // one side alone cannot be fixed on a card
      int w = width > 0 ? width : height;
      int h = height > 0 ? height : width;
      put("image.size_multiple", "" + step(w, h), Origin.SHAPE);
      put("image.width", "" + w, Origin.SHAPE);
      put("image.height", "" + h, Origin.SHAPE);
    } else {
      int multiple = facts.probe().map(Probe::sizeMultiple).orElse(1);
      put(
          "image.size_multiple",
          "" + multiple,
          facts.probe().isPresent() ? Origin.PROBE : Origin.ASSUMED);
    }
    put("image.value_range", "[-1, 1]", Origin.ASSUMED);
    put("image.normalization.low_percentile", "1", Origin.ASSUMED);
    put("image.normalization.high_percentile", "99.8", Origin.ASSUMED);
  }

  /** How tiles of a fixed size may be placed: by as much as most networks reduce an image. */
  private static int step(int width, int height) {
    return Math.min(MOST_STEP, Math.min(Integer.lowestOneBit(width), Integer.lowestOneBit(height)));
  }

  private Reading reading() {
    if (facts.probe().isEmpty()) {
      return null;
    }
    List<Reading> readings = facts.probe().get().readings();
    boolean denoises = !readings.isEmpty() && readings.get(0).denoises();
    if (!denoises && !told) {
      throw new DiffusionException(
          "Network "
              + facts.weights().file().getFileName()
              + " does not take noise away, whatever its time and its output are taken for"
              + (readings.isEmpty() ? "" : readings.get(0).describe())
              + ", so it"
              + " seems to be no noise predictor of a diffusion model; choose another file, or say"
              + " what they are by time.meaning and output.meaning.");
    }
    return denoises ? readings.get(0) : null;
  }

  private void time(Reading reading) {
    put("time.tensor", roles.time().name(), Origin.SHAPE);
    put("time.meaning", reading == null ? "index" : reading.time(), from(reading));
    put("time.type", roles.time().isInteger() ? "int64" : "float32", Origin.SHAPE);
    put("time.layout", Fields.spelling(roles.layout()), Origin.SHAPE);
  }

  private static Origin from(Reading reading) {
    return reading == null ? Origin.ASSUMED : Origin.PROBE;
  }

  private void output(Reading reading) {
    put("output.tensor", roles.output().name(), Origin.SHAPE);
    put("output.meaning", reading == null ? "epsilon" : reading.output(), from(reading));
    if (get("output.meaning").equals("edm")) {
      put("output.sigma_data", "0.5", Origin.ASSUMED);
    }
    int channels = facts.probe().map(Probe::outputChannels).orElse(roles.output().length(1));
    if (channels <= roles.channels()) {
      put("output.channels", "" + roles.channels(), Origin.SHAPE);
      put("output.variance", "fixed_small", Origin.ASSUMED);
    } else {
      put("output.channels", "" + channels, Origin.SHAPE);
      List<Double> range = facts.probe().map(Probe::variance).orElse(List.of());
      boolean fraction = range.isEmpty() || range.get(0) >= -1.5 && range.get(1) <= 1.5;
      put(
          "output.variance",
          fraction ? "learned_range" : "learned",
          range.isEmpty() ? Origin.ASSUMED : Origin.PROBE);
    }
    put("output.clip", "true", Origin.ASSUMED);
    alias("output.meaning", "prediction_type", Map.of("v_prediction", "v", "sample", "x0"));
    alias("output.clip", "clip_sample", Map.of("True", "true", "False", "false"));
  }

  private void schedule() {
    int table = facts.probe().map(p -> p.steps().orElse(0)).orElse(0);
    ScheduleProposal proposal = ScheduleProposal.of(facts.metadata(), table);
    proposal
        .fields()
        .forEach(
            (key, value) ->
                put(
                    "schedule." + key,
                    value,
                    proposal.known().containsKey(key)
                        ? Origin.METADATA
                        : key.equals("steps") && table > 0 ? Origin.PROBE : Origin.ASSUMED));
    put("defaults.steps", "" + Math.min(50, proposal.schedule().size()), Origin.ASSUMED);
    put("defaults.jump", "5", Origin.ASSUMED);
    put("defaults.resamplings", "4", Origin.ASSUMED);
    put("defaults.eta", "1", Origin.ASSUMED);
    // what the file states under the card's own names counts most
    for (String key : KEYS) {
      alias(key, key, Map.of());
    }
    alias("attribution", "author", Map.of());
  }

  private void alias(String key, String name, Map<String, String> words) {
    String value = facts.metadata().get(name);
    if (value != null && !value.isBlank() && !key.startsWith("schedule.")) {
      put(key, words.getOrDefault(value.strip(), value.strip()), Origin.METADATA);
    }
  }

  private String get(String key) {
    return fields.get(key).value();
  }

  private void put(String key, String value, Origin origin) {
    fields.put(key, new Field(key, value, origin));
  }
}
