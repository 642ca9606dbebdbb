package ijdiffusion.command;

import ij.ImagePlus;
import ij.WindowManager;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.DdimInversion;
import ijdiffusion.edit.Interpolation;
import ijdiffusion.image.Latent;
import ijdiffusion.image.PixelHash;
import ijdiffusion.image.Plane;
import ijdiffusion.image.Provenance;
import ijdiffusion.image.ResultImage;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.Tensor;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Images between two images: a walk along the great circle between their latents. */
@Plugin(
    type = Command.class,
    name = InterpolateCommand.LABEL,
    label = "Diffusion Interpolate",
    headless = true,
    description =
        "Makes a stack of images between the current image and another one, by way of their"
            + " latents. All of its planes are invented, the first and the last too.")
public final class InterpolateCommand extends NetworkCommand {
  static final String LABEL = "Diffusion Interpolate...";

  @Parameter(description = "The first image; the current plane is used.")
  private ImagePlus image;

  @Parameter(label = "Other", description = "Title of the other open image, or path to a file.")
  private String other = "";

  @Parameter(label = "Model", description = "Name of a model, or path to a model's folder.")
  private String model = "nuclei";

  @Parameter(
      label = "Frames",
      min = "2",
      max = "1000",
      description = "Planes of the stack, both ends included.")
  private int frames = 11;

  @Parameter(
      label = "Steps",
      min = "2",
      max = "1000",
      description = "Noise levels on the way; more bring the ends back better.")
  private int steps = 50;

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

  @Parameter(type = ItemIO.OUTPUT, description = "The stack.")
  private ImagePlus result;

  @Override
  public void run() {
    ModelCard card = Models.unconditional(model);
    int slice = image.getCurrentSlice();
    ImagePlus first = ResultImage.still(image);
    ImagePlus second = ResultImage.still(otherImage());
    Inversion inversion = new Inversion(card, steps, Inversion.variant(variant));
    Interpolation interpolation = new Interpolation(frames, new DdimInversion(inversion.variant()));
    progress().begin(MenuPlugIn.title(LABEL));
    Warnings.of(image, card).tell(progress());
    try (OnnxPredictor network = Models.open(card, Device.parse(device), threads, progress())) {
      long start = System.nanoTime();
      int runs = frames + 2;
      Latent a = encode(inversion, network, first, part(0, runs));
      Latent b = encode(inversion, network, second, part(1, runs));
      if (!a.isLike(b)) {
        throw new DiffusionException(
            "The two images differ in size or type: "
                + describe(first)
                + " and "
                + describe(second)
                + "; make them alike first.");
      }
      List<ImageProcessor> planes = new ArrayList<>();
      List<String> labels = new ArrayList<>();
      for (int k = 0; k < frames; k++) {
        double fraction = k / (frames - 1.0);
        Tensor noise = interpolation.latent(a.noise(), b.noise(), k);
        Tensor decoded = inversion.decode(network, noise, part(k + 2, runs), progress()::onTile);
        planes.add(a.towards(b, fraction).plane(decoded));
        labels.add(String.format(Locale.ROOT, "fraction %.3f", fraction));
      }
      double seconds = (System.nanoTime() - start) * 1e-9;
      result =
          ResultImage.derived(first, Titles.withSuffix(first, "-interpolated"), planes, labels);
      long calls = (long) calls(inversion) * inversion.callsPerLook(a.noise());
      record(network, card, slice, List.of(first, second), calls, seconds);
    } finally {
      progress().end();
    }
  }

  private Latent encode(
      Inversion inversion, OnnxPredictor network, ImagePlus image, Monitor monitor) {
    return inversion.encode(
        network, new Plane(image), image.getBitDepth(), monitor, progress()::onTile);
  }

  private Monitor part(int k, int runs) {
    return (done, total, x0) -> progress().onStep(k * total + done, runs * total, x0);
  }

  private void record(
      OnnxPredictor network,
      ModelCard card,
      int slice,
      List<ImagePlus> ends,
      long calls,
      double seconds) {
    ImagePlus first = ends.get(0);
    ImagePlus second = ends.get(1);
    Map<String, String> f = ProvenanceFields.common(LABEL, Parameters.toOptions(this), card);
    ProvenanceFields.addSource(f, image, List.of(slice), PixelHash.of(first));
    f.put("other", second.getTitle().replaceAll("\\R", " "));
    f.put("other_sha256", PixelHash.of(second));
    f.put("method", "DDIM inversion and slerp (Song et al. 2021, arXiv:2010.02502)");
    Warnings.of(image, card).addTo(f);
    ProvenanceFields.addRun(f, network, calls, seconds);
    ProvenanceFields.addResult(f, result);
    new Provenance(f).addTo(result);
  }

  private ImagePlus otherImage() {
    ImagePlus open = WindowManager.getImage(other);
    if (open != null) {
      return open;
    }
    if (new File(other).isFile()) {
      return FileRun.open(Path.of(other));
    }
    throw new DiffusionException(
        "other is \""
            + other
            + "\", but must be the title of an open image or the path of a file.");
  }

  private static String describe(ImagePlus image) {
    return "\""
        + image.getTitle()
        + "\" has "
        + image.getWidth()
        + " x "
        + image.getHeight()
        + " pixels of "
        + image.getBitDepth()
        + " bits";
  }

  @Override
  public String estimate() {
    ModelCard card = Models.unconditional(model);
    Inversion inversion = new Inversion(card, steps, Inversion.variant(variant));
    return inversion.estimate(new Plane(image), calls(inversion)) + Warnings.of(image, card).note();
  }

  /** Two images up, all frames down. */
  private int calls(Inversion inversion) {
    return 2 * inversion.callsUp() + frames * steps;
  }

  @Override
  public List<String> choices(String key) {
    return key.equals("other") ? List.of(WindowManager.getImageTitles()) : super.choices(key);
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
