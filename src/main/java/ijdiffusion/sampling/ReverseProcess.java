package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
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
    StepNoise stepNoise = new StepNoise(noise, x.shape());
    int total = trajectory.stepsDown();
    int done = 0;
    NoiseLevel t = trajectory.start();
    for (NoiseLevel s : trajectory.levels().subList(1, trajectory.levels().size())) {
      if (s.isCleanerThan(t)) {
        if (sampler.isStochastic()) {
          stepNoise.owe();
        }
        if (done > 0) {
          constraint.beforePrediction(x, t, stepNoise::nextOfOthers);
        }
        solver.step(x, t, s, stepNoise);
        stepNoise.settle();
        constraint.afterStep(x, t, s, noise);
        monitor.onStep(++done, total, solver.x0());
      } else {
        double ratio = s.alpha() / t.alpha();
        double added = s.sigma() * s.sigma() - ratio * ratio * t.sigma() * t.sigma();
        Tensor z = stepNoise.buffer();
        noise.next(z);
        x.setSum(ratio, x, Math.sqrt(added), z);
        solver.forget();
      }
      t = s;
    }
    constraint.finish(x);
  }

  /**
   * Gives a step one draw that comes before the constraint's. It is made at once only if the
   * constraint does draw; otherwise the step draws into its own memory, and no buffer is needed.
   */
  private static final class StepNoise implements NoiseSource {
    private final NoiseSource source;
    private final Shape shape;
    private Tensor buffer;
    private boolean owed;
    private boolean ahead;

    StepNoise(NoiseSource source, Shape shape) {
      this.source = source;
      this.shape = shape;
    }

    /** Memory for one draw, allocated when first asked for. */
    Tensor buffer() {
      if (buffer == null) {
        buffer = new Tensor(shape);
      }
      return buffer;
    }

    /** The next draw is the step's. */
    void owe() {
      owed = true;
    }

    /** A draw for someone else, after the step's. */
    void nextOfOthers(Tensor z) {
      if (owed) {
        source.next(buffer());
        owed = false;
        ahead = true;
      }
      source.next(z);
    }

    @Override
    public void next(Tensor z) {
      if (ahead) {
        z.set(buffer);
      } else {
        source.next(z);
      }
      owed = false;
      ahead = false;
    }

    /** After the step: a draw it had no use for counts as made. */
    void settle() {
      if (owed) {
        source.skip(shape);
      }
      owed = false;
      ahead = false;
    }
  }
}
