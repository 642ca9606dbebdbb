package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A card proposed for a network that has none. Each field has a value and says where it is from;
 * what was assumed is for the user to check. Fields are named as in {@code config.diffusion} of a
 * card, with dots: {@code output.meaning}. Not changed by anything; {@link #with} makes another.
 */
public final class CardDraft {
  /** Where a value is from. */
  public enum Origin {
    /** The name of the file or of a tensor. */
    NAME,
    /** Shape or type of a tensor. */
    SHAPE,
    /** The metadata of the file. */
    METADATA,
    /** How the network answers. */
    PROBE,
    /** Nothing; it is what most networks have. */
    ASSUMED,
    /** The user. */
    GIVEN;

    @Override
    public String toString() {
      return Fields.spelling(this);
    }
  }

  /**
   * A field of the card.
   *
   * @param key its name
   * @param value as it is written in a card; lists in brackets
   * @param origin where it is from
   */
  public record Field(String key, String value, Origin origin) {}

  private static final String SCHEDULE = "schedule.";

  private final NetworkFacts facts;
  private final NetworkRoles roles;
  private final Map<String, Field> fields;

  private CardDraft(NetworkFacts facts, NetworkRoles roles, Map<String, Field> fields) {
    this.facts = facts;
    this.roles = roles;
    this.fields = fields;
  }

  /**
   * Proposes a card.
   *
   * @param facts about the network
   * @param options fields that are known better, as in {@link #with}
   * @throws DiffusionException when it is no noise predictor, or an option is no field; one whose
   *     answers to noise tell nothing is taken where the options say what time and output mean
   */
  public static CardDraft of(NetworkFacts facts, Map<String, String> options) {
    NetworkRoles roles = NetworkRoles.of(facts);
    boolean told = options.containsKey("time.meaning") && options.containsKey("output.meaning");
    Map<String, Field> fields = new CardProposal(facts, roles, told).fields();
    return new CardDraft(facts, roles, fields).with(options);
  }

  /** The ONNX file. */
  public Path file() {
    return facts.weights().file();
  }

  /** The ONNX file, and where its weights are. */
  Weights weights() {
    return facts.weights();
  }

  /** All fields, in the order of a card. */
  public List<Field> fields() {
    return List.copyOf(fields.values());
  }

  /**
   * A field's value.
   *
   * @param key its name; {@code null} is returned where the card does not have it
   */
  public String get(String key) {
    Field field = fields.get(key);
    return field == null ? null : field.value;
  }

  /**
   * The draft with fields changed or added.
   *
   * @param options values by the fields' names; an empty value removes a field. With {@code
   *     schedule.kind} the other fields of the old kind go
   * @throws DiffusionException on a name that no field has
   */
  public CardDraft with(Map<String, String> options) {
    Map<String, Field> changed = new LinkedHashMap<>(fields);
    for (String key : options.keySet()) {
      if (!CardProposal.KEYS.contains(key) && !key.startsWith(SCHEDULE)) {
        throw new DiffusionException(
            "A model card has no field \""
                + key
                + "\" that could be set here; those are "
                + String.join(", ", CardProposal.KEYS)
                + ".");
      }
    }
    String kind = options.get(SCHEDULE + "kind");
    if (kind != null && !kind.strip().equals(get(SCHEDULE + "kind"))) {
      changed.keySet().removeIf(key -> key.startsWith(SCHEDULE) && !keeps(kind.strip(), key));
    }
    boolean edm = "edm".equals(options.getOrDefault("output.meaning", get("output.meaning")));
    if (!edm) {
      changed.remove("output.sigma_data");
    } else if (!changed.containsKey("output.sigma_data")) {
      changed.put("output.sigma_data", new Field("output.sigma_data", "0.5", Origin.ASSUMED));
    }
    options.forEach(
        (key, value) -> {
          String text = value.strip();
          if (text.isEmpty()) {
            changed.remove(key);
          } else if (!text.equals(get(key))) {
            changed.put(key, new Field(key, text, Origin.GIVEN));
          }
        });
    return new CardDraft(facts, roles, changed);
  }

  /** Whether a field of the schedule stays when its kind becomes another. */
  private static boolean keeps(String kind, String key) {
    return switch (key) {
      case SCHEDULE + "steps" ->
          List.of("linear", "scaled_linear", "sigmoid", "constant", "cosine").contains(kind);
      case SCHEDULE + "beta_start", SCHEDULE + "beta_end" ->
          List.of("linear", "scaled_linear", "sigmoid").contains(kind);
      default -> false;
    };
  }

  /**
   * The card, as if it were written.
   *
   * @throws DiffusionException where a field is missing or has no legal value
   */
  public ModelCard card() {
    try {
      return new CardParser(Sidecar.of(file()), Fields.of(document(fileName()).content())).parse();
    } catch (DiffusionException e) {
      throw new DiffusionException(
          "The card proposed for " + file().getFileName() + " is not complete: " + e.getMessage(),
          e);
    }
  }

  /** The text of the card file. */
  public String text() {
    return text(fileName());
  }

  /** The text of the card file where the network's is called otherwise. */
  String text(String network) {
    return document(network).text();
  }

  private String fileName() {
    return file().getFileName().toString();
  }

  private DraftDocument document(String network) {
    Map<String, String> values = new LinkedHashMap<>();
    fields.values().forEach(field -> values.put(field.key, field.value));
    return new DraftDocument(network, facts.weights(), roles, values);
  }

  /**
   * Writes the card beside its network, where {@link ModelCardReader} finds it.
   *
   * @return the card file
   * @throws DiffusionException where the draft is not complete, there is such a file already or it
   *     cannot be written
   */
  public Path save() {
    card();
    Path card = Sidecar.of(file());
    try {
      return Files.writeString(card, text(), StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw new DiffusionException(
          "Model card " + card + " is there already; change it by hand, or delete it first.", e);
    } catch (IOException e) {
      throw new DiffusionException(
          "Model card "
              + card
              + " cannot be written ("
              + e.getMessage()
              + "); copy the network to a folder of your own first.",
          e);
    }
  }

  /** The proposal in a sentence: what was found, and what was assumed and has to be checked. */
  public String explain() {
    List<String> found = new ArrayList<>();
    List<String> assumed = new ArrayList<>();
    for (Field field : fields.values()) {
      if (CardProposal.KEYS.indexOf(field.key) >= CardProposal.FIRST_TECHNICAL) {
        (field.origin == Origin.ASSUMED ? assumed : found).add(field.key + "=" + show(field));
      }
    }
    return "proposed are "
        + String.join(", ", found)
        + "; assumed, so to be checked with the author, are "
        + String.join(", ", assumed);
  }

  private static String show(Field field) {
    return field.value + (field.origin == Origin.ASSUMED ? "" : " (" + field.origin + ")");
  }

  /** Names and values as options, {@code key=value} with blanks between; blanks in brackets. */
  @Override
  public String toString() {
    return fields.values().stream()
        .map(f -> f.key + "=" + (f.value.contains(" ") ? "[" + f.value + "]" : f.value))
        .collect(Collectors.joining(" "));
  }
}
