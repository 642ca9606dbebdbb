package ijdiffusion.sampling.solvers;

import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.TestNoise;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** What the solver tests share: exact predictors, levels, and runs of one value. */
final class Oracle {
  private Oracle() {}

  /** A variance-preserving level by n = sigma / alpha; its time is n itself. */
  static NoiseLevel preserving(double n) {
    return new NoiseLevel(n, 1 / Math.hypot(1, n), n / Math.hypot(1, n));
  }

  /** An exploding level by n = sigma; its time is n itself. */
  static NoiseLevel exploding(double n) {
    return new NoiseLevel(n, 1, n);
  }

  static double lambda(NoiseLevel level) {
    return -Math.log(level.noiseToSignal());
  }

  /** {@code steps + 1} levels evenly spaced in ln n. */
  static Trajectory evenly(double from, double to, int steps, boolean preserving) {
    List<NoiseLevel> levels = new ArrayList<>();
    for (int i = 0; i <= steps; i++) {
      double n = from * Math.pow(to / from, (double) i / steps);
      levels.add(preserving ? preserving(n) : exploding(n));
    }
    return new Trajectory(levels);
  }

  /** Where the probability flow of pixels N(mean, variance) takes a value. */
  static double flow(GaussianPredictor p, double x, NoiseLevel from, NoiseLevel to) {
    return to.alpha() * p.mean()
        + (x - from.alpha() * p.mean()) * Math.sqrt(variance(p, to) / variance(p, from));
  }

  private static double variance(GaussianPredictor p, NoiseLevel level) {
    return level.alpha() * level.alpha() * p.variance() + level.sigma() * level.sigma();
  }

  static Tensor one(double value) {
    return new Tensor(new Shape(1, 1, 1, 1), new float[] {(float) value});
  }

  /** A run of one value without noise. */
  static double run(NoisePredictor predictor, Sampler sampler, Trajectory path, double start) {
    Tensor x = one(start);
    new ReverseProcess(predictor, sampler, Constraint.NONE, path)
        .run(x, TestNoise.zero(), Monitor.NONE);
    return x.data()[0];
  }

  /** Says a given image and noise at each level, as functions of n, whatever the state. */
  record Scripted(DoubleUnaryOperator x0, DoubleUnaryOperator eps) implements NoisePredictor {
    @Override
    public void predict(Tensor x, NoiseLevel level, Prediction out) {
      out.x0().fill((float) x0.applyAsDouble(level.noiseToSignal()));
      out.eps().fill((float) eps.applyAsDouble(level.noiseToSignal()));
    }
  }

  /** Remembers the levels it was asked at. */
  record Witness(NoisePredictor inner, List<NoiseLevel> asked) implements NoisePredictor {
    Witness(NoisePredictor inner) {
      this(inner, new ArrayList<>());
    }

    @Override
    public void predict(Tensor x, NoiseLevel level, Prediction out) {
      asked.add(level);
      inner.predict(x, level, out);
    }
  }

  /** Integral by Simpson's rule, 2000 intervals. */
  static double integral(DoubleUnaryOperator f, double from, double to) {
    int n = 2000;
    double h = (to - from) / n;
    double sum = f.applyAsDouble(from) + f.applyAsDouble(to);
    for (int i = 1; i < n; i++) {
      sum += (i % 2 == 1 ? 4 : 2) * f.applyAsDouble(from + i * h);
    }
    return sum * h / 3;
  }
}
