package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft;
import ijdiffusion.card.Leaflet;
import ijdiffusion.card.ModelCatalogue.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/**
 * What happens in the window of models when a button is pressed or a file dropped; {@link
 * ModelsWindow} draws it. Work is done by an executor, one task after the other.
 */
final class ModelsDesk {
  static final URI HELP =
      URI.create("https://github.com/ij-diffusion/ij-diffusion/blob/main/docs/models.md");

  /** Hashes and paths are broken after so many characters, for the window does not. */
  private static final int LONGEST_WORD = 48;

  /** What is seen, and who is asked. Methods may be called from any thread. */
  interface View {
    /** Shows all names, one of them chosen. */
    void names(List<String> names, String chosen);

    /**
     * Shows a model.
     *
     * @param html what is to be said of it
     * @param picture bytes of a PNG or JPEG file
     * @param removable whether it can be removed
     * @param readme what its button opens: README or Folder; empty for nothing
     */
    void model(String html, Optional<byte[]> picture, boolean removable, String readme);

    /** Says what goes on, or went wrong. */
    void say(String line);

    /** Whether work is under way, so that buttons must wait. */
    void busy(boolean busy);

    /** Asks yes or no. */
    boolean confirm(String question);

    /** Lets the user complete a card. */
    Optional<CardDraft> complete(CardDraft draft);

    /** Shows a text to read. */
    void read(String title, String text);

    /** Opens a folder in the system's file browser. */
    void browse(Path folder);
  }

  private final ModelStore store;
  private final View view;
  private final Executor worker;
  private volatile String chosen = "";

  ModelsDesk(ModelStore store, View view, Executor worker) {
    this.store = store;
    this.view = view;
    this.worker = worker;
  }

  /** Shows all models, the first one chosen. */
  void open() {
    work("Reading the models", () -> show(""));
  }

  /** A name was chosen in the list. */
  void choose(String name) {
    if (!name.equals(chosen)) {
      chosen = name;
      work("Reading " + name, () -> showModel(name));
    }
  }

  /** The button Test. */
  void test() {
    String name = chosen;
    if (!name.isEmpty()) {
      work("Testing " + name, () -> view.say(store.test(name).words()));
    }
  }

  /**
   * What a chosen file stands for: the folder of a model's card, as dialogs choose files only.
   *
   * @param file a .zip or .onnx file, or another one, which then is one of a model's folder
   */
  static Path chosen(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean card = name.endsWith(".yaml") || name.endsWith(".json");
    return card ? file.toAbsolutePath().getParent() : file;
  }

  /** The button Install, or things dropped on the window. */
  void install(List<Path> sources) {
    for (Path source : sources) {
      work("Installing " + source.getFileName(), () -> install(source));
    }
  }

  private void install(Path source) {
    Optional<String> taken = store.taken(source);
    boolean replace = taken.isPresent();
    Optional<String> name = Optional.empty();
    if (!replace || view.confirm("There is a model " + taken.get() + " already. Replace it?")) {
      name = store.install(source.toString(), "", replace, "", view::complete);
    }
    if (name.isEmpty()) {
      view.say("Nothing was installed.");
      return;
    }
    show(name.get());
    view.say("Installed as " + name.get() + "; the commands offer it now.");
  }

  /** The button Remove. */
  void remove() {
    String name = chosen;
    if (name.isEmpty()) {
      return;
    }
    work(
        "Removing " + name,
        () -> {
          Entry entry = store.sheet(name).entry();
          if (view.confirm("Remove the model " + name + " for good?\n" + entry.path())) {
            Path gone = store.remove(name, "");
            show("");
            view.say("Removed " + gone + ".");
          } else {
            view.say("Nothing was removed.");
          }
        });
  }

  /** The button README or Folder. */
  void read() {
    String name = chosen;
    if (!name.isEmpty()) {
      work("Opening " + name, () -> read(store.sheet(name)));
    }
  }

  private void read(ModelSheet sheet) {
    Optional<Path> readme = sheet.card().flatMap(card -> Leaflet.of(card).readme());
    if (readme.isEmpty()) {
      folder(sheet.entry()).ifPresent(view::browse);
      view.say("");
      return;
    }
    try (InputStream in = Files.newInputStream(readme.get())) {
      byte[] bytes = in.readNBytes(1_000_000); // more is not for reading
      view.read(sheet.entry().name(), new String(bytes, StandardCharsets.UTF_8));
      view.say("");
    } catch (IOException e) {
      view.say("File " + readme.get() + " cannot be read: " + e.getMessage() + ".");
    }
  }

  private static Optional<Path> folder(Entry entry) {
    Path path = entry.path().toAbsolutePath();
    boolean inJar = !path.getFileSystem().equals(FileSystems.getDefault());
    if (inJar) {
      return Optional.empty();
    }
    return Optional.of(Files.isDirectory(path) ? path : path.getParent());
  }

  /** Reads the list again and chooses a name; the first one where it is empty. */
  private void show(String name) {
    List<String> names = store.names();
    chosen = names.contains(name) || names.isEmpty() ? name : names.get(0);
    view.names(names, chosen);
    if (!chosen.isEmpty()) {
      showModel(chosen);
    }
  }

  private void showModel(String name) {
    ModelSheet sheet = store.sheet(name);
    Optional<Leaflet> leaflet = sheet.card().map(Leaflet::of);
    boolean readable = leaflet.flatMap(Leaflet::readme).isPresent();
    String opens = readable ? "README" : folder(sheet.entry()).isPresent() ? "Folder" : "";
    if (name.equals(chosen)) {
      view.model(
          html(sheet), leaflet.flatMap(Leaflet::picture), store.isRemovable(sheet.entry()), opens);
      view.say("");
    }
  }

  /** A table of what there is to say; what the model must not be used for stands out. */
  static String html(ModelSheet sheet) {
    Map<String, String> rows = sheet.rows();
    String table =
        rows.entrySet().stream()
            .map(row -> row(row.getKey(), row.getValue()))
            .collect(Collectors.joining());
    return "<html><body><table cellspacing='0' cellpadding='2'>" + table + "</table></body></html>";
  }

  private static String row(String label, String text) {
    boolean strong = label.equals("Not for") || label.equals("State") && !text.startsWith("ready");
    String broken = text.replaceAll("(\\S{" + LONGEST_WORD + "})(?=\\S)", "$1\n");
    String words = escaped(broken).replace("\n", "<br>");
    return "<tr><td valign='top'>"
        + escaped(label)
        + "</td><td>"
        + (strong ? "<b>" + words + "</b>" : words)
        + "</td></tr>";
  }

  /** Text as HTML. */
  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** Does something that takes a while; what goes wrong is said, and nothing else happens. */
  private void work(String what, Runnable task) {
    view.busy(true);
    view.say(what + "...");
    worker.execute(
        () -> {
          try {
            task.run();
          } catch (DiffusionException e) {
            view.say(e.getMessage());
          } finally {
            view.busy(false);
          }
        });
  }
}
