package ijdiffusion.command;

import ij.ImagePlus;
import ij.Undo;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition;
import ijdiffusion.card.Defaults;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.command.SamplingPresets.Sampling;
import ijdiffusion.edit.ConditionalGeneration;
import ijdiffusion.edit.KrigedRePaint;
import ijdiffusion.edit.RePaint;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.Plane;
import ijdiffusion.image.Provenance;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/**
 * Fills the selection with what a diffusion model finds likely there: by RePaint with a network
 * that knows images, in one go with a network that was trained to fill holes (Palette).
 */
@Plugin(
    type = Command.class,
    name = InpaintCommand.LABEL,
    label = "Diffusion Inpaint",
    headless = true,
    description =
        "Fills the selection with what a diffusion model finds likely there. The pixels are"
            + " invented, not measured.")
public final class InpaintCommand extends ImageCommand {
  static final String LABEL = "Diffusion Inpaint...";

  @Parameter(
      label = "Preset",
      choices = {"fast", "balanced", "thorough", "paper"},
      description =
          "How much time to take; paper is what the method's paper takes, RePaint 2410 network"
              + " calls, Palette 1000.")
  private String preset = "balanced";

  @Parameter(
      label = "Steps",
      min = "0",
      max = "1000",
      description = "Noise levels on the way from noise to image; 0 as the preset says.")
  private int steps = 0;

  @Parameter(
      label = "Jump",
      min = "0",
      max = "1000",
      description =
          "Levels the state is thrown back by at each of RePaint's resamplings; 0 as the preset"
              + " says.")
  private int jump = 0;

  @Parameter(
      label = "Resamplings",
      min = "0",
      max = "100",
      description =
          "How often each stretch is gone through, more fits the surroundings better; 0 as the"
              + " preset says.")
  private int resamplings = 0;

  @Parameter(
      label = "Eta",
      min = "0",
      max = "1",
      description = "Noise of the steps: 1 all of it, less DDIM with that share.")
  private double eta = 1;

  @Parameter(
      label = "Grain",
      min = "0",
      max = "1",
      description =
          "With a preset and a model that knows images: how much of the noise of the surroundings,"
              + " the camera's above all, the fill ends with.")
  private double grain = 1;

  @Parameter(
      label = "Grow (pixels)",
      min = "0",
      max = "1000",
      description = "Pixels by which the selection is enlarged.")
  private int grow = 0;

  @Parameter(
      label = "Feather (pixels)",
      min = "0",
      max = "1000",
      description = "Zone outside the selection in which the fill fades into the image.")
  private int feather = 0;

  @Parameter(
      label = "In_place",
      description = "Write into the image itself (Edit > Undo brings it back).")
  private boolean in_place = false;

  /** Intensity limits are those of the surroundings, so nothing beyond them matters. */
  public InpaintCommand() {
    limits = "context";
  }

  @Override
  String label() {
    return LABEL;
  }

  @Override
  boolean fits(ModelCard card) {
    return super.fits(card) || isShownHoles(card);
  }

  private static boolean isShownHoles(ModelCard card) {
    return card.condition().filter(c -> c.task() == Condition.Task.INPAINT).isPresent();
  }

  @Override
  PlaneMethod method(ModelCard card) {
    if (isShownHoles(card)) {
      return inOneGo(card, card.condition().orElseThrow());
    }
    card.requireUnconditional();
    boolean wholeTimes = card.time().type() == TimeTensor.Type.INT64;
    if (steps == 0 && jump == 0 && resamplings == 0) {
      InpaintPreset chosen = InpaintPreset.parse(preset);
      return new Inpaint(
          chosen.describe(grain),
          chosen.path(card.schedule(), wholeTimes),
          chosen.isKriged(),
          this);
    }
    checkSteps();
    Defaults own = card.defaults();
    RePaint method =
        new RePaint(
            steps == 0 ? own.steps() : steps,
            jump == 0 ? own.jump() : jump,
            resamplings == 0 ? own.resamplings() : resamplings,
            eta);
    return new Inpaint(
        InpaintPreset.describe(method), method.trajectory(card.schedule()), false, this);
  }

  private void checkSteps() {
    if (steps == 1) {
      throw new DiffusionException("steps is 1, but must be 0 or from 2 to 1000.");
    }
  }

  /** By a network that sees where the hole is, so that nothing has to be resampled. */
  private PlaneMethod inOneGo(ModelCard card, Condition condition) {
    Models.requireSameChannels(card, condition);
    refuseResampling(card, "jump", jump);
    refuseResampling(card, "resamplings", resamplings);
    checkSteps();
    Grids.checkSampling(card, steps);
    Sampling chosen = InpaintPreset.parse(preset).inOneGo();
    SamplerChoice choice = eta < 1 ? SamplerChoice.DDIM : chosen.choice();
    int levels = steps == 0 ? Math.min(chosen.steps(), card.samplingSchedule().size()) : steps;
    return new RestoreMethod(
        card,
        condition,
        choice,
        ConditionalGeneration.of(card, choice, eta < 1 ? eta : 0, levels), // 1: as the preset
        0,
        selection -> FillMask.ofSelection(selection, grow, feather));
  }

  private static void refuseResampling(ModelCard card, String key, int value) {
    if (value > 0) {
      throw new DiffusionException(
          key
              + " is "
              + value
              + ", but must be 0 for model "
              + card.name()
              + ", which was trained to fill holes and needs no resampling.");
    }
  }

  @Override
  public void run() {
    if (in_place) {
      writeBack(planeRun().runOnce(progress()));
    } else {
      super.run();
    }
  }

  private void writeBack(PlaneRun.InPlace done) {
    if (!image.lock()) {
      throw new DiffusionException(
          "\"" + image.getTitle() + "\" is in use by another command; run again when it is done.");
    }
    try {
      image.setSlice(done.slice()); // the plane worked on; Undo knows the one that is shown
      ImageProcessor ip = image.getProcessor();
      ip.snapshot();
      Undo.setup(Undo.FILTER, image);
      done.made().write(new Plane(image));
      ProvenanceFields.addResult(done.record(), image, done.slice());
      new Provenance(done.record()).addTo(image);
      if (overlay) {
        done.marks().drawOn(image, done.slice());
      }
      image.changes = true;
      image.updateAndDraw();
      take(List.of(image));
    } finally {
      image.unlock();
    }
  }

  /**
   * RePaint on a plane.
   *
   * @param levels the path in words
   * @param path the levels visited
   * @param kriged whether the network's error at known pixels is continued into the hole
   * @param command settings
   */
  private record Inpaint(String levels, Trajectory path, boolean kriged, InpaintCommand command)
      implements PlaneMethod {
    @Override
    public String suffix() {
      return "-inpainted";
    }

    @Override
    public String describe() {
      String method = "RePaint (Lugmayr et al. 2022, arXiv:2201.09865)";
      return kriged ? method + " with its error at known pixels kriged into the hole" : method;
    }

    @Override
    public FillMask fill(ImagePlus image) {
      return FillMask.ofSelection(image, command.grow, command.feather);
    }

    @Override
    public int margin() {
      return RePaint.MARGIN;
    }

    @Override
    public int networkCalls() {
      return path.stepsDown();
    }

    private SamplerChoice sampler() {
      if (command.eta < 1) {
        return SamplerChoice.DDIM;
      }
      return kriged ? InpaintPreset.SAMPLER : SamplerChoice.DDPM;
    }

    @Override
    public void record(Map<String, String> fields) {
      fields.put("sampler", sampler().key());
      fields.put("path", levels);
    }

    @Override
    public Tensor run(Job job) {
      NoisePredictor network = Models.predictor(job);
      ModelCard card = job.network().card();
      Tensor mask = job.context().mask();
      Sampler steps = sampler().sampler(command.eta, card.variance());
      if (kriged) {
        return KrigedRePaint.of(card, path, steps, command.grain)
            .run(network, job.image(), mask, job.noise(), job.monitor());
      }
      return RePaint.run(network, path, steps, job.image(), mask, job.noise(), job.monitor());
    }
  }
}
