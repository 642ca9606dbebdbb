package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.card.ModelCard;
import ijdiffusion.image.Latent;
import ijdiffusion.image.PixelHash;
import ijdiffusion.image.Plane;
import ijdiffusion.image.Provenance;
import ijdiffusion.image.ResultImage;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import java.util.List;
import java.util.Map;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Finds the noise from which a model makes the open image (DDIM inversion). */
@Plugin(
    type = Command.class,
    name = EncodeCommand.LABEL,
    label = "Diffusion Encode",
    headless = true,
    description =
        "Finds the noise from which a model makes the current plane of the image (DDIM inversion);"
            + " Diffusion Decode... makes the plane of it again.")
public final class EncodeCommand extends NetworkCommand {
  static final String LABEL = "Diffusion Encode...";

  @Parameter(description = "Image; the current plane is used.")
  private ImagePlus image;

  @Parameter(label = "Model", description = "Name of a model, or path to a model's folder.")
  private String model = "nuclei";

  @Parameter(
      label = "Steps",
      min = "2",
      max = "1000",
      description = "Noise levels on the way; more bring the image back better.")
  private int steps = 100;

  @Parameter(
      label = "Variant",
      choices = {"paper", "guided", "diffusers"},
      description = "At which level the network looks at the image, see docs/samplers.md.")
  private String variant = "paper";

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

  @Parameter(type = ItemIO.OUTPUT, description = "The latent, 32-bit.")
  private ImagePlus result;

  @Override
  public void run() {
    ModelCard card = Models.unconditional(model);
    Inversion inversion = new Inversion(card, steps, Inversion.variant(variant));
    int slice = image.getCurrentSlice();
    ImagePlus still = ResultImage.still(image);
    Warnings warnings = Warnings.of(image, card);
    progress().begin(MenuPlugIn.title(LABEL));
    warnings.tell(progress());
    try (OnnxPredictor network = Models.open(card, Device.parse(device), threads, progress())) {
      long start = System.nanoTime();
      Latent latent =
          inversion.encode(
              network, new Plane(still), still.getBitDepth(), progress(), progress()::onTile);
      double seconds = (System.nanoTime() - start) * 1e-9;
      result = latent.toImage(still, Titles.withSuffix(still, "-latent"));
      Map<String, String> f = ProvenanceFields.common(LABEL, Parameters.toOptions(this), card);
      ProvenanceFields.addSource(f, image, List.of(slice), PixelHash.of(still));
      f.put("method", "DDIM inversion (Song et al. 2021, arXiv:2010.02502)");
      f.put("model_name", model);
      f.put("steps", Integer.toString(steps));
      f.put("variant", variant);
      latent.describe(f);
      warnings.addTo(f);
      ProvenanceFields.addRun(
          f, network, (long) inversion.callsUp() * inversion.callsPerLook(latent.noise()), seconds);
      ProvenanceFields.addResult(f, result);
      new Provenance(f).addTo(result);
    } finally {
      progress().end();
    }
  }

  @Override
  public String estimate() {
    ModelCard card = Models.unconditional(model);
    Inversion inversion = new Inversion(card, steps, Inversion.variant(variant));
    return inversion.estimate(new Plane(image), inversion.callsUp())
        + Warnings.of(image, card).note();
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
