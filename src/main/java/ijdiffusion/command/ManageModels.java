package ijdiffusion.command;

import ij.IJ;
import ij.Macro;
import ij.macro.Interpreter;
import ij.plugin.PlugIn;
import ijdiffusion.DiffusionException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code Diffusion Models...}: a window of all models, in which they are tested, installed and
 * removed. Macros and an ImageJ without a screen say by options what they want and find the answer
 * in the Log.
 */
public final class ManageModels implements PlugIn {
  static final String LABEL = "Diffusion Models...";

  private static final List<String> ACTIONS = List.of("show", "test", "install", "remove");
  private static final List<String> KEYS =
      List.of("show", "test", "install", "remove", "into", "from", "replace", "options");

  @Override
  public void run(String arg) {
    if (MenuPlugIn.isInteractive()) {
      ModelsWindow.open();
      return;
    }
    String options = Optional.ofNullable(Macro.getOptions()).orElse("");
    try {
      IJ.log(answer(options));
    } catch (DiffusionException e) {
      MenuPlugIn.stopMacro(LABEL + " " + e.getMessage());
    }
  }

  /**
   * For macros where ImageJ has no menu to call, that is, when it runs headless: {@code
   * call("ijdiffusion.command.ManageModels.call", "test=nuclei")}.
   *
   * @param options one of {@code show=NAME}, {@code test=NAME}, {@code install=[PATH]}, {@code
   *     remove=NAME} with their further options; empty for a list of all models
   * @return what the Log would have
   */
  public static String call(String options) {
    try {
      return answer(options);
    } catch (DiffusionException e) {
      Interpreter macro = Interpreter.getInstance();
      if (macro == null) {
        throw e;
      }
      // ImageJ would log the stack and go on with the macro
      IJ.log(LABEL + " " + e.getMessage());
      macro.abort((String) null);
      return "";
    }
  }

  /**
   * Does what options say.
   *
   * @throws DiffusionException also where a test fails, so that the macro stops
   */
  private static String answer(String options) {
    Map<String, String> given = new TreeMap<>(Parameters.split(options));
    for (String key : given.keySet()) {
      if (!KEYS.contains(key)) {
        throw new DiffusionException(
            "Unknown option \"" + key + "\"; the options are " + String.join(", ", KEYS) + ".");
      }
    }
    List<String> actions = ACTIONS.stream().filter(given::containsKey).toList();
    if (actions.size() > 1) {
      throw new DiffusionException(
          "Options " + String.join(" and ", actions) + " are both given; give one.");
    }
    ModelStore store = ModelStore.standard();
    if (actions.isEmpty()) {
      allow(given, "no action");
      return store.list().strip();
    }
    String action = actions.get(0);
    String model = given.get(action);
    switch (action) {
      case "show":
        allow(given, action);
        return store.sheet(model).text().strip();
      case "test":
        allow(given, action);
        ModelStore.Verdict verdict = store.test(model);
        if (!verdict.passed()) {
          throw new DiffusionException(verdict.words());
        }
        return verdict.words();
      case "install":
        allow(given, action, "into", "replace", "options");
        return "Installed as "
            + store
                .install(
                    model,
                    given.getOrDefault("into", ""),
                    Boolean.parseBoolean(given.getOrDefault("replace", "false")),
                    given.getOrDefault("options", ""),
                    Optional::of)
                .orElseThrow()
            + ".";
      default:
        allow(given, action, "from");
        return "Removed " + store.remove(model, given.getOrDefault("from", "")) + ".";
    }
  }

  /** Refuses options that would do nothing. */
  private static void allow(Map<String, String> given, String action, String... further) {
    for (String key : given.keySet()) {
      if (!key.equals(action) && !List.of(further).contains(key)) {
        throw new DiffusionException(
            "Option " + key + " has no meaning with " + action + "; leave it out.");
      }
    }
  }
}
