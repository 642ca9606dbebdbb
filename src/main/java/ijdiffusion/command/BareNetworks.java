package ijdiffusion.command;

import ij.IJ;
import ij.macro.Interpreter;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardDraft;
import ijdiffusion.card.Sidecar;
import ijdiffusion.onnx.NetworkInspector;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** ONNX files without a card: what is said of them, and how they get one. */
public final class BareNetworks {
  private BareNetworks() {}

  /**
   * The card proposed for a network.
   *
   * @param onnx the file
   * @param options fields of the card that are known better, as in {@code schedule.kind=cosine
   *     output.meaning=v}, with [...] round values with blanks
   * @throws DiffusionException when the network is no noise predictor, or an option is no field
   */
  public static CardDraft propose(Path onnx, String options) {
    if (!Sidecar.isOnnx(onnx)) {
      throw new DiffusionException(
          "\"" + onnx + "\" is no ONNX file; give the path of a file that ends in .onnx.");
    }
    return NetworkInspector.propose(onnx, Parameters.split(options));
  }

  /**
   * Proposes a card and saves it beside its network, for macros: {@code
   * call("ijdiffusion.command.BareNetworks.save", "/path/x.onnx", "schedule.kind=cosine")}.
   *
   * @param onnx path of the file
   * @param options as in {@link #propose}
   * @return path of the card
   */
  public static String save(String onnx, String options) {
    try {
      return propose(path(onnx), options).save().toString();
    } catch (DiffusionException e) {
      Interpreter macro = Interpreter.getInstance();
      if (macro == null) {
        throw e;
      }
      // ImageJ would log the stack and go on with the macro
      IJ.log(e.getMessage());
      macro.abort((String) null);
      return "";
    }
  }

  private static Path path(String text) {
    try {
      return Path.of(text.strip());
    } catch (InvalidPathException e) {
      throw new DiffusionException(
          "\"" + text + "\" is no path of a file: " + e.getReason() + ".", e);
    }
  }

  /**
   * Says of a network without a card what it would be.
   *
   * @param model what a user gave for the model
   * @throws DiffusionException when that is an ONNX file without a card
   */
  static void refuse(String model) {
    Path onnx;
    try {
      onnx = Path.of(model.strip());
    } catch (InvalidPathException e) {
      return; // no file, so it is for others to say what it is
    }
    if (!Sidecar.isOnnx(onnx) || Sidecar.find(onnx).isPresent()) {
      return;
    }
    CardDraft draft = propose(onnx, "");
    throw new DiffusionException(
        "Network "
            + onnx
            + " has no model card "
            + Sidecar.of(onnx).getFileName()
            + " beside it; "
            + draft.explain()
            + "; save that with the command line's \"card "
            + onnx
            + " --save\", or in a macro by call(\"ijdiffusion.command.BareNetworks.save\", \""
            + onnx
            + "\", \"\"), with what you know better as options, like schedule.kind=cosine.");
  }
}
