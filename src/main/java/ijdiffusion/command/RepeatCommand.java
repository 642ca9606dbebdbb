package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.Provenance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Runs again what made a result: the same command with the same settings and selection. */
@Plugin(
    type = Command.class,
    name = RepeatCommand.LABEL,
    label = "Diffusion Repeat",
    headless = true,
    description =
        "Runs again what made a result, with the same settings: on the original image, which gives"
            + " the same pixels, or on another one.")
public final class RepeatCommand implements DiffusionCommand {
  static final String LABEL = "Diffusion Repeat...";

  /** The word for the image that the result was made of. */
  private static final String ORIGINAL = "original";

  @Parameter(required = false, description = "The current image.")
  private ImagePlus front;

  @Parameter(
      label = "Result",
      description =
          "What to repeat: current, or title of an open image, or path of an image or JSON file.")
  private String result = Records.CURRENT;

  @Parameter(
      label = "Image",
      description =
          "What to run on: original = the open image whose pixels are those recorded; or current,"
              + " title of an open image, or path of a file.")
  private String image = ORIGINAL;

  @Parameter(
      label = "Folder",
      description =
          "Empty or new folder for the planes, for commands that take one; none = in memory.")
  private String folder = "";

  @Parameter(type = ItemIO.OUTPUT, description = "The result of the repetition.")
  private ImagePlus repeated;

  private final Map<List<Object>, Boolean> known = new HashMap<>();
  private Progress progress = Progress.statusBar();
  private List<ImagePlus> results = List.of();

  @Override
  public void run() {
    try {
      results = repetition().run(progress);
    } finally {
      known.clear();
    }
    repeated = results.get(results.size() - 1);
  }

  private Repetition repetition() {
    Provenance made = Records.find(result, front).latest();
    boolean needsImage = !made.find("source").orElse("").equals("none");
    ImagePlus target = needsImage ? target(made) : null;
    boolean same = !needsImage || fits(target, made);
    return Repetition.of(made, target, same, folder);
  }

  private ImagePlus target(Provenance made) {
    if (!image.isBlank() && !image.trim().equalsIgnoreCase(ORIGINAL)) {
      if (!Records.isCurrent(image)) {
        return Records.image("image", image);
      }
      if (front == null) {
        throw new DiffusionException("image is current, but no image is open; open one.");
      }
      return front;
    }
    String source = made.find("source").orElse("unknown");
    List<ImagePlus> fitting = Records.open().stream().filter(open -> fits(open, made)).toList();
    // of several with the same pixels, that of the same name
    return fitting.stream()
        .filter(open -> open.getTitle().equals(source))
        .findFirst()
        .or(() -> fitting.stream().findFirst())
        .orElseThrow(
            () ->
                new DiffusionException(
                    "The image it was made of, \""
                        + source
                        + "\" ("
                        + made.find("source_size").orElse("size not recorded")
                        + "), is not open, or its pixels have changed; open it, or name the image"
                        + " to run on as image."));
  }

  /** Hashing a large stack takes a while, and the dialog asks at each change. */
  private boolean fits(ImagePlus open, Provenance made) {
    return known.computeIfAbsent(List.of(open, made), key -> Repetition.isSource(open, made));
  }

  @Override
  public String estimate() {
    return repetition().describe();
  }

  @Override
  public List<String> choices(String key) {
    return switch (key) {
      case "result" -> results(front);
      case "image" -> {
        List<String> names = new ArrayList<>(List.of(ORIGINAL, Records.CURRENT));
        Records.open().forEach(open -> names.add(open.getTitle()));
        yield names;
      }
      default -> List.of();
    };
  }

  /** What a dialog offers as results: the current image and others that have a record. */
  static List<String> results(ImagePlus front) {
    List<String> names = new ArrayList<>(List.of(Records.CURRENT));
    for (ImagePlus open : Records.open()) {
      if (open != front && Provenance.of(open).isPresent()) {
        names.add(open.getTitle());
      }
    }
    return names;
  }

  @Override
  public boolean canBePutRight() {
    return true; // by another image
  }

  @Override
  public boolean needsImage() {
    return false; // a record in a file, of an image made from nothing, needs none
  }

  @Override
  public List<ImagePlus> results() {
    return results;
  }

  @Override
  public void setImage(ImagePlus current) {
    this.front = current;
  }

  @Override
  public void setProgress(Progress progress) {
    this.progress = progress;
  }
}
