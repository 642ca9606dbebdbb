package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.Weights;
import ijdiffusion.image.Latent;
import ijdiffusion.image.PixelHash;
import ijdiffusion.image.Provenance;
import ijdiffusion.image.ResultImage;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Makes the image of a latent again; model, steps and variant are those it was encoded with. */
@Plugin(
    type = Command.class,
    name = DecodeCommand.LABEL,
    label = "Diffusion Decode",
    headless = true,
    description = "Makes the image of a latent that Diffusion Encode... made.")
public final class DecodeCommand extends NetworkCommand {
  static final String LABEL = "Diffusion Decode...";

  @Parameter(description = "A latent.")
  private ImagePlus image;

  @Parameter(
      label = "Device",
      choices = {"auto", "cpu", "cuda"},
      description = "auto tries CUDA and falls back to the CPU.")
  private String device = "auto";

  @Parameter(
      label = "Threads",
      min = "0",
      max = "1024",
      description = "Threads on the CPU; 0 = physical cores.")
  private int threads = 0;

  @Parameter(type = ItemIO.OUTPUT, description = "The image.")
  private ImagePlus result;

  @Override
  public void run() {
    Provenance made = made();
    Inversion inversion = inversion(made);
    ModelCard card = inversion.card();
    Latent latent = Latent.from(image, made, card.channels());
    progress().begin(MenuPlugIn.title(LABEL));
    try (OnnxPredictor network = Models.open(card, Device.parse(device), threads, progress())) {
      long start = System.nanoTime();
      Tensor decoded = inversion.decode(network, latent.noise(), progress(), progress()::onTile);
      double seconds = (System.nanoTime() - start) * 1e-9;
      result =
          ResultImage.derived(
              image,
              Titles.withSuffix(image, "-decoded"),
              List.of(latent.plane(decoded)),
              Collections.singletonList("decoded"));
      Map<String, String> f = ProvenanceFields.common(LABEL, Parameters.toOptions(this), card);
      List<Integer> all = IntStream.rangeClosed(1, image.getStackSize()).boxed().toList();
      ProvenanceFields.addSource(f, image, all, PixelHash.of(image));
      f.put("method", "DDIM (Song et al. 2021, arXiv:2010.02502)");
      f.put("steps", made.get("steps"));
      ProvenanceFields.addRun(
          f, network, (long) inversion.steps() * inversion.callsPerLook(latent.noise()), seconds);
      ProvenanceFields.addResult(f, result);
      new Provenance(f).addTo(result);
    } finally {
      progress().end();
    }
  }

  private Provenance made() {
    return Provenance.of(image)
        .filter(p -> p.fields().containsKey("latent_of"))
        .orElseThrow(
            () ->
                new DiffusionException(
                    "\""
                        + image.getTitle()
                        + "\" is not a latent: its Info does not say what it was made from; make"
                        + " one with Diffusion Encode..."));
  }

  private static Inversion inversion(Provenance made) {
    ModelCard card = Models.unconditional(made.get("model_name"));
    Weights weights = card.weights();
    boolean same =
        weights.sha256().equals(made.get("model_sha256"))
            && weights.externalDataSha256().equals(made.find("model_data_sha256"));
    if (!same) {
      throw new DiffusionException(
          "The latent was made with another version of model "
              + made.get("model_name")
              + " (SHA-256 "
              + made.get("model_sha256")
              + "); install that version, or encode the image anew.");
    }
    try {
      return new Inversion(
          card, Integer.parseInt(made.get("steps")), Inversion.variant(made.get("variant")));
    } catch (IllegalArgumentException e) {
      throw new DiffusionException(
          "The latent's Info is damaged: steps \""
              + made.get("steps")
              + "\", variant \""
              + made.get("variant")
              + "\"; encode the image anew.",
          e);
    }
  }

  @Override
  public String estimate() {
    Provenance made = made();
    return made.get("steps") + " network calls for an image of " + made.get("latent_of");
  }

  @Override
  public List<ImagePlus> results() {
    return List.of(result);
  }

  @Override
  public void setImage(ImagePlus image) {
    this.image = image;
  }
}
