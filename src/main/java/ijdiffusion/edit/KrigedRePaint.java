package ijdiffusion.edit;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ValueRange;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.KrigedPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;

/**
 * {@link RePaint} with a network whose error at known pixels is continued into the hole at each
 * step, and drawn there after the last: {@link KrigedPredictor}. Takes no more network calls.
 *
 * @param path the levels to visit, from noise alone to clean
 * @param sampler how to step down
 * @param grain how much of what the network leaves out in the end is drawn, 0 to 1
 * @param min smallest value of the image in the network's range
 * @param max largest value, above it; infinite ones for no limits
 */
public record KrigedRePaint(
    Trajectory path, Sampler sampler, double grain, double min, double max) {
  public KrigedRePaint {
    DiffusionException.inRange("grain", grain, 0, 1);
  }

  /**
   * With what is filled in limited to a model's range, if its card says so.
   *
   * @param card the model
   */
  public static KrigedRePaint of(ModelCard card, Trajectory path, Sampler sampler, double grain) {
    ValueRange range = card.valueRange();
    return card.clip()
        ? new KrigedRePaint(path, sampler, grain, range.min(), range.max())
        : new KrigedRePaint(
            path, sampler, grain, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /**
   * Fills the unknown pixels.
   *
   * @param predictor the network, clipped or not
   * @param image (N, C, H, W) in the network's range; unknown pixels are never looked at
   * @param mask (1, 1, H, W): 1 = known, 0 = to be filled
   * @param noise a fresh source; its first draw is the starting state
   * @param monitor progress and cancelling
   * @return (N, C, H, W), known pixels as in {@code image}
   */
  public Tensor run(
      NoisePredictor predictor, Tensor image, Tensor mask, NoiseSource noise, Monitor monitor) {
    KrigedPredictor kriged = new KrigedPredictor(predictor, image, mask, min, max);
    Tensor x = RePaint.run(kriged, path, sampler, image, mask, noise, monitor);
    if (grain > 0) {
      kriged.addGrain(x, grain, noise);
    }
    return x;
  }
}
