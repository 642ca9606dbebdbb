package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.command.SamplingPresets.Sampling;
import ijdiffusion.edit.ConditionalGeneration;
import ijdiffusion.image.Context;
import ijdiffusion.image.EnlargedPlane;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.MadePlane;
import ijdiffusion.image.Plane;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxEncoder;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.tensor.Resampler;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Map;

/**
 * Enlarging of a plane by a network that sees it.
 *
 * @param card the model
 * @param condition its card's condition
 * @param sampling sampler and steps
 * @param generation the run
 * @param device where an encoder runs
 * @param threads threads of it
 */
record UpscaleMethod(
    ModelCard card,
    Condition condition,
    Sampling sampling,
    ConditionalGeneration generation,
    Device device,
    int threads)
    implements PlaneMethod {

  @Override
  public String suffix() {
    return "-x" + factor();
  }

  @Override
  public String describe() {
    return condition.residual().isPresent()
        ? "SRDiff (Li et al. 2022, arXiv:2104.14951)"
        : "SR3 (Saharia et al. 2021, arXiv:2104.07636)";
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
  public int factor() {
    return condition.upscaling().orElseThrow().factor();
  }

  @Override
  public Context.View view(ModelCard model) {
    int multiple = Grids.commonMultiple(card.sizeMultiple(), factor()) / factor();
    return new Context.View(card, condition.channels(), multiple, factor(), !card.clip(), true);
  }

  @Override
  public int tileMultiple(ModelCard model) {
    return Grids.commonMultiple(card.sizeMultiple(), condition.reduction());
  }

  @Override
  public boolean showsEstimates() {
    return condition.residual().isEmpty(); // or else they are of a difference
  }

  @Override
  public int networkCalls() {
    return sampling.choice().networkCalls(generation.path());
  }

  @Override
  public Tensor run(Job job) {
    Tensor small = job.image();
    Shape s = small.shape();
    Shape large = new Shape(s.n(), card.channels(), s.h() * factor(), s.w() * factor());
    Tensor enlarged = new Tensor(large.withChannels(s.c()));
    Resampler.bicubic(s.h(), s.w(), large.h(), large.w()).apply(small, enlarged);
    Tensor shown = shown(job, enlarged);
    NoisePredictor predictor = Models.predictor(job, shown);
    Tensor x = generation.start(condition.start(), enlarged, large, job.noise());
    generation.run(predictor, x, Constraint.NONE, job.noise(), job.monitor());
    condition
        .residual()
        .ifPresent(residual -> ConditionalGeneration.addResidual(residual, x, enlarged));
    job.residual().ofPlane(Resampler.bicubic(large.h(), large.w(), s.h(), s.w()).apply(x));
    return x;
  }

  /** What the network gets. */
  private Tensor shown(Job job, Tensor enlarged) {
    Tensor image = condition.reduction() > 1 ? job.image() : enlarged;
    if (condition.encoder().isEmpty()) {
      return image;
    }
    try (OnnxEncoder encoder = OnnxEncoder.open(card, device, threads)) {
      Tensor features = encoder.encode(image);
      ProvenanceFields.addNote(job.notes(), "encoder", encoder.note());
      return features;
    }
  }

  @Override
  public MadePlane made(Plane plane, FillMask fill, Context context, Tensor made) {
    return new EnlargedPlane(plane, context, made, factor());
  }

  @Override
  public void record(Map<String, String> fields) {
    fields.put("factor", Integer.toString(factor()));
    sampling.record(fields);
  }
}
