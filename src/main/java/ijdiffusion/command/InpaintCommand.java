package ijdiffusion.command;

import ij.ImagePlus;
import ij.Undo;
import ij.process.ImageProcessor;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Defaults;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.RePaint;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.Plane;
import ijdiffusion.image.Provenance;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Fills the selection with what a diffusion model finds likely there (RePaint). */
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
      label = "Steps",
      min = "2",
      max = "1000",
      description = "Noise levels on the way from noise to image.")
  private int steps = 50;

  @Parameter(
      label = "Jump",
      min = "1",
      max = "1000",
      description = "Levels the state is thrown back by at each resampling.")
  private int jump = 5;

  @Parameter(
      label = "Resamplings",
      min = "1",
      max = "100",
      description = "How often each stretch is gone through; more fits the surroundings better.")
  private int resamplings = 4;

  @Parameter(
      label = "Eta",
      min = "0",
      max = "1",
      description = "Noise of the steps: 1 DDPM, less DDIM with that share of noise.")
  private double eta = 1;

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
  PlaneMethod method(ModelCard card) {
    card.requireUnconditional();
    return new Inpaint(new RePaint(steps, jump, resamplings, eta), grow, feather);
  }

  @Override
  public Map<String, String> recommended() {
    Defaults d = Models.find(model).defaults();
    return Map.of(
        "steps", Integer.toString(d.steps()),
        "jump", Integer.toString(d.jump()),
        "resamplings", Integer.toString(d.resamplings()),
        "eta", Parameters.text(d.eta()));
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
   * @param method its settings
   * @param grow pixels by which the selection is enlarged
   * @param feather pixels over which the fill fades into the image
   */
  private record Inpaint(RePaint method, int grow, int feather) implements PlaneMethod {
    @Override
    public String suffix() {
      return "-inpainted";
    }

    @Override
    public String describe() {
      return "RePaint (Lugmayr et al. 2022, arXiv:2201.09865)";
    }

    @Override
    public FillMask fill(ImagePlus image) {
      return FillMask.ofSelection(image, grow, feather);
    }

    @Override
    public int margin() {
      return RePaint.MARGIN;
    }

    @Override
    public int networkCalls() {
      return method.networkCalls();
    }

    @Override
    public void record(Map<String, String> fields) {
      fields.put("sampler", method.eta() == 1 ? "ddpm" : "ddim");
    }

    @Override
    public Tensor run(Job job) {
      ModelCard card = job.network().card();
      return method.run(
          Models.predictor(job),
          card.schedule(),
          card.variance(),
          job.image(),
          job.context().mask(),
          job.noise(),
          job.monitor());
    }
  }
}
