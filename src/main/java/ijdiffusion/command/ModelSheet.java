package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.About;
import ijdiffusion.card.CardFile;
import ijdiffusion.card.Condition;
import ijdiffusion.card.Leaflet;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCatalogue.Entry;
import ijdiffusion.card.TrainedOn;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a user is told of a model, in words.
 *
 * @param entry where it is
 * @param card its card, empty where that is broken
 * @param state whether it can be used: its files against the hashes of its card
 * @param ready whether it can
 */
record ModelSheet(Entry entry, Optional<ModelCard> card, String state, boolean ready) {

  /** Reads a model's card and all its files. */
  static ModelSheet of(Entry entry) {
    ModelCard card = null;
    try {
      card = entry.card();
      card.files().forEach(CardFile::verify);
    } catch (DiffusionException e) {
      return new ModelSheet(
          entry, Optional.ofNullable(card), "cannot be used: " + e.getMessage(), false);
    }
    boolean stated = card.weights().network().sha256().isPresent();
    String hash = stated ? "SHA-256 as its card says" : "no SHA-256 stated to check by";
    return new ModelSheet(entry, Optional.of(card), "ready, " + hash, true);
  }

  /** Task in a few words. */
  String task() {
    return card.map(c -> c.condition().map(ModelSheet::task).orElse("prior")).orElse("unknown");
  }

  private static String task(Condition condition) {
    String word = condition.task().name().toLowerCase(Locale.ROOT);
    return word + condition.upscaling().map(u -> " x" + u.factor()).orElse("");
  }

  private String commands() {
    if (card.flatMap(ModelCard::condition).isEmpty()) {
      return "Inpaint, Edit, Guide, Denoise, Generate, Encode, Decode, Interpolate";
    }
    return switch (card.get().condition().get().task()) {
      case UPSCALE -> "Upscale";
      case INPAINT -> "Inpaint, Restore";
      default -> "Restore";
    };
  }

  /** Size of all files that its card names, like {@code 10.4 MB}; each file counts once. */
  String size() {
    if (card.isEmpty()) {
      return "";
    }
    Map<Path, Long> sizes = new TreeMap<>();
    try {
      card.get().files().forEach(file -> sizes.put(file.file(), file.size()));
    } catch (DiffusionException e) {
      return ""; // the state says what is amiss
    }
    long bytes = sizes.values().stream().mapToLong(Long::longValue).sum();
    return String.format(Locale.ROOT, "%.1f MB", bytes * 1e-6);
  }

  /** A line for a list: name, task, domain, licence, size and whether it can be used. */
  String line() {
    return entry.name()
        + "\n    "
        + card.map(
                c ->
                    String.join(
                        "; ",
                        task(),
                        line(c.about().domain()),
                        line(c.about().license()),
                        size(),
                        state))
            .orElse(state);
  }

  /** Label and text of all there is to say, in order. */
  Map<String, String> rows() {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("Name", entry.name());
    card.ifPresent(c -> describe(c, rows));
    rows.put("State", state);
    rows.put("Found", entry.origin().toString());
    rows.put("Place", show(entry.path()));
    card.flatMap(c -> Leaflet.of(c).readme()).ifPresent(path -> rows.put("README", show(path)));
    return rows;
  }

  private void describe(ModelCard c, Map<String, String> rows) {
    About about = c.about();
    rows.put("Title", line(about.name()));
    rows.put("Version", line(about.version()));
    rows.put("Description", line(about.description()));
    rows.put("Task", task() + ", for " + commands());
    rows.put("Domain", line(about.domain()));
    c.trainedOn().map(ModelSheet::trainedOn).ifPresent(text -> rows.put("Trained on", text));
    rows.put("Not for", line(about.outOfScope()));
    rows.put("Licence", line(about.license()));
    rows.put("Data", lines(about.attribution()));
    rows.put("Cite", lines(about.citations()));
    rows.put("Channels", Integer.toString(c.channels()));
    rows.put("Size", size());
    rows.put("SHA-256", c.weights().network().sha256().orElse("not stated"));
  }

  private static String trainedOn(TrainedOn trained) {
    String bits = trained.bits().stream().map(b -> b + "-bit ").collect(Collectors.joining("and "));
    String colour =
        trained.colour().map(c -> c == TrainedOn.Colour.RGB ? "RGB " : "grey ").orElse("");
    String mean = trained.mean().map(m -> ", mean " + m.low() + " to " + m.high()).orElse("");
    String deviation =
        trained
            .deviation()
            .map(d -> ", standard deviation " + d.low() + " to " + d.high())
            .orElse("");
    return bits + colour + "images" + mean + deviation;
  }

  /** All there is to say, a line each. */
  String text() {
    return rows().entrySet().stream()
        .map(row -> String.format("%-13s %s%n", row.getKey() + ":", row.getValue()))
        .collect(Collectors.joining());
  }

  private static String lines(List<String> texts) {
    return texts.stream().map(ModelSheet::line).collect(Collectors.joining("; "));
  }

  private static String line(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  private static String show(Path path) {
    boolean plain = path.getFileSystem().equals(FileSystems.getDefault());
    return plain ? path.toAbsolutePath().normalize().toString() : path.toUri().toString();
  }
}
