package ijdiffusion.edit;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;

/**
 * Images from noise alone: starts at the noisiest level with the standard deviation that data of
 * unit variance have there, sqrt(alpha^2 + sigma^2), which is 1 on variance-preserving levels.
 *
 * @param sampler how to step
 * @param path levels, noisiest first
 */
public record Generation(Sampler sampler, Trajectory path) {

  /**
   * Draws images.
   *
   * @param predictor the network
   * @param shape (N, C, H, W): N images
   * @param noise a fresh source; its first draw is the starting state
   * @param monitor progress, the estimates of x_0 along the path, and cancelling
   * @return (N, C, H, W) in the network's range
   */
  public Tensor run(NoisePredictor predictor, Shape shape, NoiseSource noise, Monitor monitor) {
    Tensor x = new Tensor(shape);
    noise.next(x);
    NoiseLevel start = path.start();
    x.setSum(Math.hypot(start.alpha(), start.sigma()), x, 0, x);
    new ReverseProcess(predictor, sampler, Constraint.NONE, path).run(x, noise, monitor);
    return x;
  }
}
