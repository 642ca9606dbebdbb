package ijdiffusion.sampling;

import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.function.BiFunction;

/**
 * What {@link ReverseDiffusion}, {@link Ancestral} and {@link EulerMaruyama} share: one network
 * call, one draw, a step that is linear in state, score = -eps / sigma and noise. The step to a
 * clean level returns the mean, the authors' noise removal, and draws nothing.
 */
final class ScoreSolver implements Solver {
  private final BiFunction<NoiseLevel, NoiseLevel, ScoreStep> steps;
  private final NoisePredictor predictor;
  private final Prediction prediction;

  ScoreSolver(
      BiFunction<NoiseLevel, NoiseLevel, ScoreStep> steps, NoisePredictor predictor, Shape shape) {
    this.steps = steps;
    this.predictor = predictor;
    this.prediction = new Prediction(shape, predictor.predictsVariance());
  }

  @Override
  public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
    predictor.predict(x, t, prediction);
    ScoreStep step = steps.apply(t, s);
    double eps = -step.score() / t.sigma();
    x.setSum(step.state(), x, eps, prediction.eps());
    if (s.sigma() > 0 && step.noise() != 0) {
      Tensor z = prediction.eps(); // no longer needed
      noise.next(z);
      x.setSum(1, x, step.noise(), z);
    }
  }

  @Override
  public Tensor x0() {
    return prediction.x0();
  }
}
