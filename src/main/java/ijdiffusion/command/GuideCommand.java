package ijdiffusion.command;

import ij.ImagePlus;
import ij.WindowManager;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.command.SamplingPresets.Sampling;
import ijdiffusion.edit.Ilvr;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.PixelHash;
import ijdiffusion.image.Reference;
import ijdiffusion.sampling.LowPass;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.Tensor;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Makes images that look like a reference from afar (ILVR). */
@Plugin(
    type = Command.class,
    name = GuideCommand.LABEL,
    label = "Diffusion Guide",
    headless = true,
    description =
        "Makes an image that agrees with a reference in all that is coarse. Everything finer is"
            + " invented, not measured.")
public final class GuideCommand extends SampledCommand {
  static final String LABEL = "Diffusion Guide...";
  private static final String CURRENT = "current";

  @Parameter(
      label = "Reference",
      description =
          "current = the image itself, or the title of another open image, or the path of a file.")
  private String reference = CURRENT;

  @Parameter(
      label = "Factor",
      min = "2",
      max = "256",
      description = "A power of two; structure finer than about this many pixels is drawn anew.")
  private int factor = 8;

  @Parameter(
      label = "Range",
      min = "0",
      max = "1",
      description = "Share of the way on which the reference counts; less gives more freedom.")
  private double range = 1;

  @Parameter(
      label = "Variant",
      choices = {"code", "paper"},
      description = "How noisy the reference is made: as in the authors' code, or as in the paper.")
  private String variant = "paper";

  /** With the default settings. */
  public GuideCommand() {
    super(
        new SamplingPresets(
            new Sampling(SamplerChoice.DPMPP_SDE, 10),
            new Sampling(SamplerChoice.DPMPP_SDE, 20),
            new Sampling(SamplerChoice.DPMPP_SDE, 50)));
  }

  @Override
  String label() {
    return LABEL;
  }

  @Override
  PlaneMethod method(ModelCard card) {
    Sampling sampling = sampling(card.requireUnconditional().schedule());
    Ilvr ilvr =
        Ilvr.ofRange(
            sampling.choice().sampler(0, card.variance()),
            Grids.path(card, sampling.choice(), sampling.steps()),
            factor,
            range,
            LowPass.Variant.valueOf(variant.toUpperCase(Locale.ROOT)));
    ImagePlus other = referenceImage();
    return new Guide(ilvr, sampling, image, other == null ? null : new Reference(other, card));
  }

  /** Null for the image itself. */
  private ImagePlus referenceImage() {
    if (reference.isBlank() || reference.equalsIgnoreCase(CURRENT)) {
      return null;
    }
    ImagePlus open = WindowManager.getImage(reference);
    if (open != null) {
      return open == image ? null : open;
    }
    if (new File(reference).isFile()) {
      return FileRun.open(Path.of(reference));
    }
    throw new DiffusionException(
        "reference is \""
            + reference
            + "\", but must be current, the title of an open image or the path of a file.");
  }

  @Override
  public List<String> choices(String key) {
    return key.equals("reference") ? references() : super.choices(key);
  }

  private static List<String> references() {
    List<String> titles = new ArrayList<>(List.of(CURRENT));
    titles.addAll(List.of(WindowManager.getImageTitles()));
    return titles;
  }

  /**
   * ILVR on a plane.
   *
   * @param ilvr its settings
   * @param sampling sampler and steps
   * @param image the image worked on
   * @param reference the other image, or null
   */
  private record Guide(Ilvr ilvr, Sampling sampling, ImagePlus image, Reference reference)
      implements PlaneMethod {
    @Override
    public String suffix() {
      return "-guided";
    }

    @Override
    public String describe() {
      return "ILVR (Choi et al. 2021, arXiv:2108.02938)";
    }

    @Override
    public FillMask fill(ImagePlus image) {
      return null;
    }

    @Override
    public int margin() {
      return 0;
    }

    @Override
    public Context.View view(ModelCard card) {
      int multiple = Grids.commonMultiple(card.sizeMultiple(), ilvr.factor());
      return new Context.View(card, card.channels(), multiple, 1, !card.clip(), true);
    }

    @Override
    public int networkCalls() {
      return sampling.choice().networkCalls(ilvr.path());
    }

    @Override
    public Tensor run(Job job) {
      Tensor y = job.image();
      if (reference != null) {
        y = reference.fitted(job.context(), image, job.slice());
        y = y.repeat(job.image().shape().n() / y.shape().n());
      }
      Tensor x = ilvr.run(Models.predictor(job), y, job.noise(), job.monitor());
      LowPassFilter phi = LowPassFilter.bicubic(y.shape().h(), y.shape().w(), ilvr.factor());
      job.residual().of(Residuals.coarseDifference(phi, x, y));
      return x;
    }

    @Override
    public void record(Map<String, String> fields) {
      sampling.record(fields);
      if (reference != null) {
        ImagePlus other = reference.image();
        boolean same =
            other.getWidth() == image.getWidth() && other.getHeight() == image.getHeight();
        fields.put("reference", other.getTitle().replaceAll("\\R", " "));
        fields.put("reference_sha256", PixelHash.of(other));
        fields.put(
            "reference_size",
            other.getWidth() + " x " + other.getHeight() + (same ? "" : ", resampled"));
      }
    }
  }
}
