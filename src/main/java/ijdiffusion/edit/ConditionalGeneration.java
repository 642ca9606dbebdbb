package ijdiffusion.edit;

import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.model.ConditionalPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.PastedRegion;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Images by a network that was trained to see a condition: SR3 (Saharia et al. 2021,
 * arXiv:2104.07636, algorithm 2), Palette (Saharia et al. 2022, arXiv:2111.05826) and SRDiff (Li et
 * al. 2021, arXiv:2104.14951, algorithm 2). The loop is that of an unconditional network; what
 * differs is in the predictor, in where the state starts and, for SRDiff, in what the result means
 * ({@link #addResidual}).
 *
 * @param sampler how to step
 * @param path levels, noisiest first
 */
public record ConditionalGeneration(Sampler sampler, Trajectory path) {

  /**
   * For a model, on the schedule that its card has for runs.
   *
   * @param card the model's card
   * @param choice how to step
   * @param eta share of noise, for the samplers that have it, in [0, 1]
   * @param steps levels with noise, from 2 to the schedule's size
   */
  public static ConditionalGeneration of(
      ModelCard card, SamplerChoice choice, double eta, int steps) {
    boolean wholeTimes = card.time().type() == TimeTensor.Type.INT64;
    return new ConditionalGeneration(
        choice.sampler(eta, card.variance()),
        choice.path(card.samplingSchedule(), steps, wholeTimes));
  }

  /**
   * A run without decoration.
   *
   * @param predictor the network
   * @param condition (N, K, h, w) or (1, K, h, w), what the network takes
   * @param shape (N, C, H, W) of the state
   * @param start where the state starts
   * @param noise a fresh source; its first draw is the starting state, if that is noise
   * @param monitor progress, the estimates of x_0 along the path, and cancelling
   * @return (N, C, H, W) in the network's range
   */
  public Tensor run(
      ConditionalPredictor predictor,
      Tensor condition,
      Shape shape,
      Condition.Start start,
      NoiseSource noise,
      Monitor monitor) {
    Tensor x = start(start, condition, shape, noise);
    run(predictor.given(condition), x, Constraint.NONE, noise, monitor);
    return x;
  }

  /**
   * A run of a network that has been given its condition, whole or by windows, clipped or not.
   *
   * @param predictor the network
   * @param x on entry the start, as {@link #start} makes it, (N, C, H, W); on return the result
   * @param constraint what is known of the result: {@link PastedRegion} for Palette's inpainting
   * @param noise the source of the start, or a fresh one
   * @param monitor progress, the estimates of x_0 along the path, and cancelling
   */
  public void run(
      NoisePredictor predictor,
      Tensor x,
      Constraint constraint,
      NoiseSource noise,
      Monitor monitor) {
    new ReverseProcess(predictor, sampler, constraint, path).run(x, noise, monitor);
  }

  /**
   * The state that a run starts from: noise as in {@link Generation}, or the condition itself
   * (Palette's code, inpainting and uncropping).
   *
   * @param kind which of them
   * @param condition (N, C, H, W) or (1, C, H, W) where the run starts from it; not looked at
   *     otherwise
   * @param shape (N, C, H, W) of the state
   * @param noise gives one draw where the run starts from noise, none otherwise
   */
  public Tensor start(Condition.Start kind, Tensor condition, Shape shape, NoiseSource noise) {
    if (kind == Condition.Start.CONDITION) {
      Tensor x = condition.shape().n() == 1 ? condition.repeat(shape.n()) : condition.copy();
      if (!x.shape().equals(shape)) {
        throw new IllegalArgumentException("Condition " + condition + " for a state " + shape);
      }
      return x;
    }
    Tensor x = new Tensor(shape);
    noise.next(x);
    NoiseLevel first = path.start();
    x.setSum(Math.hypot(first.alpha(), first.sigma()), x, 0, x);
    return x;
  }

  /**
   * The condition image with its hole filled as the network expects: y = m y_0 + (1 - m) z, z ~
   * N(0, 1) or 0.
   *
   * @param image (N, C, H, W) in the network's range; values of unknown pixels are never used
   * @param mask (1, 1, H, W): 1 = known, 0 = hole
   * @param fill what the hole holds
   * @param noise gives one draw where that is noise, none otherwise
   */
  public static Tensor withHole(Tensor image, Tensor mask, Condition.Fill fill, NoiseSource noise) {
    Tensor y = new Tensor(image.shape());
    if (fill == Condition.Fill.NOISE) {
      noise.next(y);
    }
    new PastedRegion(image, mask).paste(y);
    return y;
  }

  /**
   * From the residual that a run gives to the image: x = x_0 / scale + up(x_L), x_0 limited to [-1,
   * 1] first where it was in the training. The image itself may leave [-1, 1]; SRDiff's code limits
   * it when it is written to a file.
   *
   * @param residual what the state means, by the card
   * @param x on entry x_0, (N, C, H, W); on return the image
   * @param enlarged up(x_L), the small image enlarged with the bicubic kernel, (N, C, H, W) or (1,
   *     C, H, W)
   */
  public static void addResidual(Condition.Residual residual, Tensor x, Tensor enlarged) {
    Shape shape = x.shape();
    Shape one = enlarged.shape();
    if (!one.withBatch(shape.n()).equals(shape) || (one.n() != 1 && one.n() != shape.n())) {
      throw new IllegalArgumentException("Enlarged image " + enlarged + " for a residual " + x);
    }
    float[] values = x.data();
    float[] base = enlarged.data();
    double limit = residual.clamp() ? 1 : Double.POSITIVE_INFINITY;
    for (int i = 0; i < values.length; i++) {
      double r = Math.max(-limit, Math.min(limit, values[i]));
      values[i] = (float) (r / residual.scale() + base[i % base.length]);
    }
  }
}
