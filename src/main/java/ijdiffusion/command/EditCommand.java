package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.command.SamplingPresets.Sampling;
import ijdiffusion.edit.RePaint;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.edit.SdEdit;
import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.LowPass;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.Tensor;
import java.util.Map;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Redraws an image, or its selection, keeping what is coarser than the noise put in (SDEdit). */
@Plugin(
    type = Command.class,
    name = EditCommand.LABEL,
    label = "Diffusion Edit",
    headless = true,
    description =
        "Puts noise into the image, or into the selection, and takes it out again: rough paint"
            + " becomes an image, coarse structure stays. Fine detail is invented, not measured.")
public final class EditCommand extends SampledCommand {
  static final String LABEL = "Diffusion Edit...";

  @Parameter(
      label = "Strength",
      min = "0",
      max = "1",
      description = "0 leaves the image as it is, 1 forgets it; 0.3 to 0.6 for rough paint.")
  private double strength = 0.4;

  @Parameter(
      label = "Repeats",
      min = "1",
      max = "100",
      description = "How often; each time the last result is edited again.")
  private int repeats = 1;

  @Parameter(
      label = "Consistency (pixels)",
      min = "0",
      max = "256",
      description =
          "A power of two: whatever is coarser than so many pixels stays as it is; 0 = no such"
              + " condition.")
  private int consistency = 0;

  @Parameter(
      label = "Eta",
      min = "0",
      max = "1",
      description = "Noise of the steps of ddim and euler_ancestral; others do not look at it.")
  private double eta = 0;

  /** With the default settings. */
  public EditCommand() {
    super(
        new SamplingPresets(
            new Sampling(SamplerChoice.DPMPP_2M, 10),
            new Sampling(SamplerChoice.DPMPP_2M, 20),
            new Sampling(SamplerChoice.DPMPP_2M, 50)));
  }

  @Override
  String label() {
    return LABEL;
  }

  @Override
  PlaneMethod method(ModelCard card) {
    Sampling sampling = sampling(card.requireUnconditional().schedule());
    SamplerChoice choice = sampling.choice();
    SdEdit edit =
        new SdEdit(
            choice.sampler(eta, card.variance()),
            Grids.path(card, choice, sampling.steps()),
            strength,
            repeats);
    if (consistency != 0 && (consistency == 1 || Integer.bitCount(consistency) != 1)) {
      throw new DiffusionException(
          "consistency is " + consistency + ", but must be 0 or a power of two, at least 2.");
    }
    return new Edit(edit, sampling, consistency);
  }

  /**
   * SDEdit on a plane.
   *
   * @param edit its settings
   * @param sampling sampler and steps of a whole way
   * @param consistency factor of the low-pass that is kept, or 0
   */
  private record Edit(SdEdit edit, Sampling sampling, int consistency) implements PlaneMethod {
    @Override
    public String suffix() {
      return "-edited";
    }

    @Override
    public String describe() {
      return consistency == 0
          ? "SDEdit (Meng et al. 2022, arXiv:2108.01073)"
          : "CCDF (Chung et al. 2022, arXiv:2112.05146)";
    }

    @Override
    public FillMask fill(ImagePlus image) {
      return FillMask.ofLimitingSelection(image);
    }

    @Override
    public int margin() {
      return RePaint.MARGIN;
    }

    @Override
    public Context.View view(ModelCard card) {
      // what is selected is the guide, so it must be seen
      int multiple = Grids.commonMultiple(card.sizeMultiple(), Math.max(1, consistency));
      return new Context.View(card, card.channels(), multiple, 1, !card.clip(), false);
    }

    @Override
    public int networkCalls() {
      return edit.networkCalls(sampling.choice());
    }

    @Override
    public boolean keepsImage() {
      return edit.strength() == 0;
    }

    @Override
    public Tensor run(Job job) {
      NoisePredictor predictor = Models.predictor(job);
      Tensor mask = job.context().mask();
      if (consistency > 0) {
        return consistent(predictor, job);
      }
      if (mask != null) {
        return edit.run(predictor, job.image(), mask, job.noise(), job.monitor());
      }
      Tensor x = job.image();
      edit.runInPlace(predictor, x, Constraint.NONE, job.noise(), job.monitor());
      return x;
    }

    /** What is outside a selection is put back when the result is written. */
    private Tensor consistent(NoisePredictor predictor, Job job) {
      Tensor image = job.image();
      int height = image.shape().h();
      int width = image.shape().w();
      LowPassFilter phi = LowPassFilter.bicubic(height, width, consistency);
      Tensor data = image.copy();
      Constraint constraint = new LowPass(phi, data, LowPass.Variant.PAPER, NoiseLevel.CLEAN);
      Tensor x = edit.run(predictor, image, constraint, job.noise(), job.monitor());
      job.residual().of(Residuals.coarseDifference(phi, x, data));
      return x;
    }

    @Override
    public void record(Map<String, String> fields) {
      sampling.record(fields);
      fields.put(
          "start_noise",
          edit.trajectory().map(path -> Double.toString(path.start().sigma())).orElse("0"));
    }
  }
}
