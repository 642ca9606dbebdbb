package ijdiffusion.command;

import ij.IJ;
import ij.ImagePlus;
import ij.macro.Interpreter;
import ij.text.TextWindow;
import ijdiffusion.DiffusionException;
import java.awt.GraphicsEnvironment;
import java.awt.Toolkit;
import java.awt.datatransfer.StringSelection;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Shows, copies or saves how a result was made. */
@Plugin(
    type = Command.class,
    name = ProvenanceCommand.LABEL,
    label = "Diffusion Provenance",
    headless = true,
    description =
        "Tells how a result was made: as a paragraph for a paper's methods section with what to"
            + " cite, and as JSON with all parameters, versions and hashes.")
public final class ProvenanceCommand implements DiffusionCommand {
  static final String LABEL = "Diffusion Provenance...";
  private static final int COLUMNS = 100;

  @Parameter(required = false, description = "The current image.")
  private ImagePlus front;

  @Parameter(
      label = "Result",
      description = "current, or title of an open image, or path of an image or JSON file.")
  private String result = Records.CURRENT;

  @Parameter(
      label = "Show",
      choices = {"methods", "json", "nothing"},
      description = "What to open in a window: text for a paper, or all there is.")
  private String show = "methods";

  @Parameter(label = "Copy", description = "Put the methods text on the clipboard.")
  private boolean copy = false;

  @Parameter(label = "Json", description = "File to save the record in as JSON; none = not saved.")
  private String json = "";

  @Parameter(type = ItemIO.OUTPUT, description = "The methods text.")
  private String methods;

  @Override
  public void run() {
    Records records = Records.find(result, front);
    methods = MethodsText.of(records.latest());
    if (!json.isBlank()) {
      ProvenanceJson.save(records.title(), records.runs(), jsonFile());
    }
    if (copy) {
      if (GraphicsEnvironment.isHeadless()) {
        throw new DiffusionException("copy needs a display; leave it out and use show=methods.");
      }
      StringSelection text = new StringSelection(methods);
      Toolkit.getDefaultToolkit().getSystemClipboard().setContents(text, text);
    }
    if (!show.equals("nothing")) {
      boolean asJson = show.equals("json");
      show(
          (asJson ? "Record of " : "Methods text of ") + records.title(),
          asJson ? ProvenanceJson.write(records.title(), records.runs()) : broken(methods));
    }
  }

  private Path jsonFile() {
    try {
      return Path.of(json.trim());
    } catch (InvalidPathException e) {
      throw new DiffusionException(
          "json is \"" + json + "\", which is not a path; write one like /data/result.json.", e);
    }
  }

  private static void show(String title, String text) {
    if (GraphicsEnvironment.isHeadless() || Interpreter.isBatchMode() || IJ.getInstance() == null) {
      IJ.log(text);
    } else {
      new TextWindow(title, text, 800, 500);
    }
  }

  /** The window does not break lines. */
  private static String broken(String text) {
    List<String> out = new ArrayList<>();
    text.lines().forEach(line -> out.add(MenuPlugIn.wrap(line, COLUMNS)));
    return String.join("\n", out);
  }

  @Override
  public boolean needsImage() {
    return false; // a file will do
  }

  @Override
  public void setImage(ImagePlus image) {
    this.front = image;
  }

  @Override
  public void setProgress(Progress progress) {
    // nothing takes time
  }

  @Override
  public List<String> choices(String key) {
    return key.equals("result") ? RepeatCommand.results(front) : List.of();
  }

  @Override
  public List<ImagePlus> results() {
    return List.of();
  }

  @Override
  public String estimate() {
    Records records = Records.find(result, front);
    return "\""
        + records.title()
        + "\": "
        + MenuPlugIn.title(records.latest().get("command"))
        + records.latest().find("date").map(date -> ", " + date).orElse("")
        + (records.runs().size() == 1 ? "" : ", after " + (records.runs().size() - 1) + " other");
  }

  @Override
  public boolean canBePutRight() {
    return true; // by another image
  }
}
