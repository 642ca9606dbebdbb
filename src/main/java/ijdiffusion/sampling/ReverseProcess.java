package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;

/**
 * The loop: takes a state along a trajectory. Where the next level is cleaner, constraint and
 * sampler act; where it is noisier, the state is diffused again: x_s = (alpha_s / alpha_t) x_t +
 * sqrt(sigma_s^2 - (alpha_s / alpha_t)^2 sigma_t^2) z.
 *
 * <p>Draws are made in the order of the authors' codes of RePaint and ILVR: for each step down the
 * sampler's noise first, then the constraint's; one draw for each move up.
 *
 * @param predictor the network
 * @param sampler how to step
 * @param constraint what is known of the result
 * @param trajectory levels in the order visited
 */
public record ReverseProcess(
    NoisePredictor predictor, Sampler sampler, Constraint constraint, Trajectory trajectory) {

  /**
   * Runs to the end of the trajectory.
   *
   * @param x on entry the state at {@code trajectory.start()}, (N, C, H, W); on return the result
   * @param noise a fresh source
   * @param monitor told after each step down
   */
  public void run(Tensor x, NoiseSource noise, Monitor monitor) {
    Solver solver = sampler.begin(predictor, x.shape(), trajectory);
    StepNoise stepNoise = new StepNoise(noise, x);
    int total = trajectory.stepsDown();
    int done = 0;
    NoiseLevel t = trajectory.start();
    for (NoiseLevel s : trajectory.levels().subList(1, trajectory.levels().size())) {
      if (s.isCleanerThan(t)) {
        if (sampler.isStochastic()) {
          stepNoise.drawAhead();
        }
        if (done > 0) {
          constraint.beforePrediction(x, t, noise);
        }
        solver.step(x, t, s, stepNoise);
        constraint.afterStep(x, t, s, noise);
        monitor.onStep(++done, total, solver.x0());
      } else {
        double ratio = s.alpha() / t.alpha();
        double added = s.sigma() * s.sigma() - ratio * ratio * t.sigma() * t.sigma();
        noise.next(stepNoise.buffer);
        x.setSum(ratio, x, Math.sqrt(added), stepNoise.buffer);
        solver.forget();
      }
      t = s;
    }
    constraint.finish(x);
  }

  /** Gives a step one draw that was made before the constraint's. */
  private static final class StepNoise implements NoiseSource {
    private final NoiseSource source;
    private final Tensor buffer;
    private boolean ahead;

    StepNoise(NoiseSource source, Tensor like) {
      this.source = source;
      this.buffer = new Tensor(like.shape());
    }

    void drawAhead() {
      source.next(buffer);
      ahead = true;
    }

    @Override
    public void next(Tensor z) {
      if (ahead) {
        z.set(buffer);
        ahead = false;
      } else {
        source.next(z);
      }
    }
  }
}
