package ijdiffusion.command;

import ijdiffusion.image.Provenance;
import java.util.List;

/** A paragraph for the methods section of a paper, made from a record. */
final class MethodsText {
  private MethodsText() {}

  /** Paragraph and list of references, lines not broken. */
  static String of(Provenance run) {
    StringBuilder out = new StringBuilder();
    out.append(what(run));
    run.find(EarlyEnd.KEY)
        .ifPresent(
            step ->
                out.append(" The run was stopped by hand at step ")
                    .append(step)
                    .append(
                        ": the pixels are the network's estimate at that step, not a sample of the"
                            + " model."));
    out.append(" Method: ").append(run.find("method").orElse("not recorded"));
    run.find("sampler").ifPresent(s -> out.append(", sampler ").append(s));
    run.find("steps").ifPresent(n -> out.append(", ").append(n).append(" steps"));
    out.append(". Software: ").append(software(run));
    out.append(" Model: ").append(model(run));
    out.append(" Settings: ").append(run.get("options")).append('.');
    out.append(samples(run));
    run.find("source_sha256")
        .ifPresent(
            hash ->
                out.append(" SHA-256 of the input pixels (")
                    .append(run.find("source_size").orElse("size not recorded"))
                    .append("; planes used: ")
                    .append(run.find("source_planes").orElse("not recorded"))
                    .append("): ")
                    .append(hash)
                    .append('.'));
    out.append(
        " Pixels made by the model are invented, not measured. [Say here what the result was used"
            + " for; invented pixels must not be counted, segmented or measured.]\n");
    List<String> citations = Citations.of(run);
    if (!citations.isEmpty()) {
      out.append("\nReferences\n");
      citations.forEach(c -> out.append("- ").append(c).append('\n'));
    }
    return out.toString();
  }

  private static String what(Provenance run) {
    String source = "\"" + run.find("source").orElse("the image") + "\"";
    return switch (run.get("command")) {
      case InpaintCommand.LABEL ->
          selected(run)
              + " of "
              + source
              + " were replaced by pixels that a diffusion model drew, given their surroundings.";
      case EditCommand.LABEL ->
          (run.find("selection").isPresent() ? selected(run) + " of " + source : source)
              + (run.find("selection").isPresent() ? " were" : " was")
              + " partly replaced by noise and redrawn by a diffusion model.";
      case GuideCommand.LABEL ->
          "An image was drawn by a diffusion model whose coarse structure is that of "
              + run.find("reference").map(r -> "\"" + r + "\"").orElse(source)
              + "; all finer structure is the model's.";
      case UpscaleCommand.LABEL ->
          source
              + " was enlarged "
              + run.find("factor").orElse("several")
              + "-fold by a diffusion model; all structure finer than its pixels is the model's.";
      case DenoiseCommand.LABEL -> "Noise was removed from " + source + " by a diffusion model.";
      case RestoreCommand.LABEL ->
          source
              + " was redrawn by a diffusion model trained for this task ("
              + run.find("task").orElse("not recorded")
              + ").";
      case GenerateCommand.LABEL ->
          "Images of no specimen were drawn from noise alone by a diffusion model.";
      default ->
          "An image was made from "
              + source
              + " by a diffusion model ("
              + MenuPlugIn.title(run.get("command"))
              + ").";
    };
  }

  private static String selected(Provenance run) {
    return "The pixels in a selection ("
        + run.find("pixels_invented").orElse("number not recorded")
        + " pixels in each plane)";
  }

  private static String software(Provenance run) {
    return "Diffusion for ImageJ "
        + run.find("version").orElse("of unknown version")
        + run.find("build").filter(b -> !b.equals("unknown")).map(b -> " (" + b + ")").orElse("")
        + ", ImageJ "
        + run.find("imagej").orElse("of unknown version")
        + ", "
        + run.find("runtime").orElse("ONNX Runtime of unknown version")
        + " on "
        + run.find("provider").orElse("an unknown device")
        + ".";
  }

  private static String model(Provenance run) {
    return run.find("model").map(t -> "\"" + t + "\"").orElse("not recorded")
        + run.find("model_version").map(v -> ", version " + v).orElse("")
        + ", SHA-256 of the weights "
        + run.find("model_sha256").orElse("not recorded")
        + run.find("model_licence").map(l -> ", licence " + l).orElse("")
        + ".";
  }

  private static String samples(Provenance run) {
    StringBuilder out = new StringBuilder();
    run.find("seed").ifPresent(seed -> out.append(" Seed: ").append(seed).append('.'));
    run.find("sd_mean")
        .ifPresent(
            sd ->
                out.append(" Standard deviation of ")
                    .append(run.find("samples").orElse("several"))
                    .append(" samples in the pixels the model made: mean ")
                    .append(sd)
                    .append(", largest ")
                    .append(run.find("sd_largest").orElse("not recorded"))
                    .append(" grey values."));
    run.find("residual_rms")
        .ifPresent(
            rms ->
                out.append(" Residual against the data, root mean square in grey values: ")
                    .append(rms)
                    .append('.'));
    return out.toString();
  }
}
