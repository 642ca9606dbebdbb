package ijdiffusion.study;

import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.model.MixturePredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.LangevinCorrector;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.PredictorCorrector;
import ijdiffusion.sampling.ProbabilityFlow;
import ijdiffusion.sampling.ReverseDiffusion;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Error of every sampler against its number of network calls, on a distribution for which the exact
 * noise predictor is known: pixels of 0.3 N(-0.5, 0.01) + 0.7 N(0.5, 0.01), DDPM's linear schedule.
 * Prints Markdown tables and draws docs/images/samplers-error.png:
 *
 * <pre>
 * mvn -q -P study test-compile exec:exec -Dstudy=SamplerStudy
 * </pre>
 *
 * <p>The error is the Wasserstein-1 distance of the results to the truth. Runs start at the
 * quantiles of N(0, 1), one a pixel, and draw {@link StratifiedNoise}.
 */
public final class SamplerStudy {
  private static final Shape SHAPE = new Shape(1, 1, 64, 256);
  private static final DiscreteSchedule SCHEDULE = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final int[] CALLS = {5, 10, 20, 50, 100, 200, 500, 1000};
  private static final double[] TOLERANCES = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5};

  private final Mixture truth = new Mixture(MixturePredictor.REFERENCE, SHAPE.size());

  private SamplerStudy() {}

  /** One point of a curve. */
  record Point(int calls, double error) {}

  /** How a sampler did. */
  record Curve(String name, List<Point> points) {
    /**
     * Network calls from which on the error stays at most {@code error}, between two measured
     * points by a straight line in the logarithms; empty where it never does.
     */
    String callsFor(double error) {
      int i = points.size();
      while (i > 0 && points.get(i - 1).error() <= error) {
        i--;
      }
      if (i == points.size()) {
        return "-";
      }
      if (i == 0) {
        return "<= " + points.get(0).calls();
      }
      Point a = points.get(i - 1);
      Point b = points.get(i);
      double way = Math.log(a.error() / error) / Math.log(a.error() / b.error());
      return Integer.toString(
          (int) Math.ceil(a.calls() * Math.pow((double) b.calls() / a.calls(), way) - 1e-9));
    }
  }

  /** A sampler under study, and its network calls a step. */
  private record Subject(String name, SamplerChoice choice, Sampler sampler, int callsPerStep) {
    static Subject of(SamplerChoice choice, double eta, String suffix) {
      int calls = choice == SamplerChoice.HEUN ? 2 : 1;
      Sampler sampler = choice.sampler(eta, VarianceType.FIXED_SMALL);
      return new Subject(choice.key() + suffix, choice, sampler, calls);
    }
  }

  /** Where the levels of a run lie. */
  private enum Grid {
    CHOSEN,
    EVEN,
    KARRAS,
    KARRAS_ON_TABLE,
    LOG,
    QUADRATIC;

    Trajectory path(SamplerChoice choice, int steps) {
      return switch (this) {
        case CHOSEN -> choice.path(SCHEDULE, steps, false);
        case EVEN -> Trajectory.down(SCHEDULE, TimeGrid.respaced(SCHEDULE.size(), steps));
        case KARRAS -> SamplerChoice.HEUN.path(SCHEDULE, steps, false);
        case KARRAS_ON_TABLE -> SamplerChoice.HEUN.path(SCHEDULE, steps, true);
        case LOG -> evenInLog(steps);
        case QUADRATIC -> Trajectory.down(SCHEDULE, TimeGrid.quadratic(SCHEDULE.size(), steps));
      };
    }

    private static Trajectory evenInLog(int steps) {
      double max = Math.log(SCHEDULE.level(SCHEDULE.size() - 1).noiseToSignal());
      double min = Math.log(SCHEDULE.level(0).noiseToSignal());
      List<NoiseLevel> levels = new ArrayList<>();
      for (int k = 0; k < steps; k++) {
        levels.add(SCHEDULE.levelOf(Math.exp(max + k * (min - max) / (steps - 1))));
      }
      return Trajectory.of(levels);
    }
  }

  /**
   * Runs the study.
   *
   * @param args names of {@link Grid}, to compare all samplers on them too
   */
  public static void main(String[] args) throws IOException {
    new SamplerStudy().run(args);
  }

  private void run(String... grids) throws IOException {
    List<Subject> subjects = subjects();
    List<Curve> chosen = new ArrayList<>();
    for (Subject subject : subjects) {
      chosen.add(curve(subject, Grid.CHOSEN, 1));
    }
    chosen.add(probabilityFlow());
    print("Error of each sampler, with the levels it is offered with", chosen, true);
    new ErrorPlot(chosen, CALLS).write(new File("docs/images/samplers-error.png"));

    System.out.printf(
        Locale.ROOT,
        "Floor: %.1e for an exact flow from N(0, 1), %.1e from the noisiest level's own"
            + " distribution%n",
        flow(1e-6, Mixture.normalQuantiles(SHAPE)).error(),
        flow(1e-6, noisiest()).error());
    List<Curve> again = new ArrayList<>();
    for (Subject subject : subjects) {
      if (subject.sampler().isStochastic()) {
        again.add(curve(subject, Grid.CHOSEN, 2));
      }
    }
    print("Stochastic samplers with another seed", again, false);
    for (String grid : grids) {
      List<Curve> curves = new ArrayList<>();
      for (Subject subject : subjects) {
        curves.add(curve(subject, Grid.valueOf(grid), 1));
      }
      print("All samplers on the grid " + grid, curves, false);
    }
  }

  private static List<Subject> subjects() {
    List<Subject> subjects = new ArrayList<>();
    for (SamplerChoice choice : SamplerChoice.values()) {
      switch (choice) {
        case DDIM -> {
          subjects.add(Subject.of(choice, 0, ", eta 0"));
          subjects.add(Subject.of(choice, 1, ", eta 1"));
        }
        case EULER_ANCESTRAL -> subjects.add(Subject.of(choice, 1, ", eta 1"));
        case DDPM -> {
          subjects.add(Subject.of(choice, 0, ", fixed small"));
          Sampler large = choice.sampler(0, VarianceType.FIXED_LARGE);
          subjects.add(new Subject("ddpm, fixed large", choice, large, 1));
        }
        default -> subjects.add(Subject.of(choice, 0, ""));
      }
    }
    Discretization levels = Discretization.ofLevels();
    Sampler reverse = new ReverseDiffusion(levels, false);
    subjects.add(new Subject("reverse diffusion", SamplerChoice.DDPM, reverse, 1));
    Sampler corrected = new PredictorCorrector(reverse, new LangevinCorrector(0.16, levels), 1);
    subjects.add(new Subject("predictor-corrector", SamplerChoice.DDPM, corrected, 2));
    return subjects;
  }

  private Curve curve(Subject subject, Grid grid, long seed) {
    List<Point> points = new ArrayList<>();
    for (int wanted : CALLS) {
      int steps = (wanted + subject.callsPerStep() - 1) / subject.callsPerStep();
      Trajectory path = grid.path(subject.choice(), steps);
      int[] calls = {0};
      Tensor x = Mixture.normalQuantiles(SHAPE);
      NoiseSource noise = new StratifiedNoise(x, seed);
      new ReverseProcess(counting(calls), subject.sampler(), Constraint.NONE, path)
          .run(x, noise, Monitor.NONE);
      points.add(new Point(calls[0], truth.distance(x)));
    }
    return new Curve(subject.name(), points);
  }

  private Curve probabilityFlow() {
    List<Point> points = new ArrayList<>();
    for (double tolerance : TOLERANCES) {
      points.add(flow(tolerance, Mixture.normalQuantiles(SHAPE)));
    }
    return new Curve("probability flow", points);
  }

  /** The flow to the table's first level, and DDIM's step to the clean one. */
  private Point flow(double tolerance, Tensor x) {
    NoiseLevel from = SCHEDULE.level(SCHEDULE.size() - 1);
    NoiseLevel to = SCHEDULE.level(0);
    int[] calls = {0};
    new ProbabilityFlow(tolerance, tolerance, 10_000)
        .carry(counting(calls), SCHEDULE::levelOf, from, to, x, Monitor.NONE);
    new ReverseProcess(counting(calls), new Ddim(0), Constraint.NONE, Trajectory.of(List.of(to)))
        .run(x, new StratifiedNoise(x, 1), Monitor.NONE);
    return new Point(calls[0], truth.distance(x));
  }

  /** Quantiles of the data diffused to the noisiest level, which is not quite N(0, 1). */
  private static Tensor noisiest() {
    NoiseLevel level = SCHEDULE.level(SCHEDULE.size() - 1);
    double a = level.alpha();
    MixturePredictor data = MixturePredictor.REFERENCE;
    double variance = a * a * data.variance() + level.sigma() * level.sigma();
    return new Mixture(
            new MixturePredictor(data.weight(), a * data.mean1(), a * data.mean2(), variance),
            SHAPE.size())
        .quantiles(SHAPE);
  }

  private static NoisePredictor counting(int[] calls) {
    return (x, level, out) -> {
      calls[0]++;
      MixturePredictor.REFERENCE.predict(x, level, out);
    };
  }

  private static void print(String title, List<Curve> curves, boolean withCalls) {
    StringBuilder text = new StringBuilder("\n## " + title + "\n\n| sampler |");
    text.append(" to 1e-2 | to 1e-3 |");
    for (int calls : CALLS) {
      text.append(' ').append(calls).append(" |");
    }
    text.append("\n|---|---|---|").append("---|".repeat(CALLS.length)).append('\n');
    for (Curve curve : curves) {
      text.append("| ").append(curve.name()).append(" | ");
      text.append(curve.callsFor(1e-2)).append(" | ").append(curve.callsFor(1e-3)).append(" |");
      for (Point point : curve.points()) {
        text.append(String.format(Locale.ROOT, " %.1e", point.error()));
        if (withCalls) {
          text.append(" (").append(point.calls()).append(')');
        }
        text.append(" |");
      }
      text.append('\n');
    }
    System.out.println(text);
  }
}
