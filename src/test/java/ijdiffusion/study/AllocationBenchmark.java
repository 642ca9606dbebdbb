package ijdiffusion.study;

import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.VarianceType;
import ijdiffusion.sampling.Ancestral;
import ijdiffusion.sampling.LangevinCorrector;
import ijdiffusion.sampling.PredictorCorrector;
import ijdiffusion.sampling.ReverseDiffusion;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.Solver;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Discretization;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Time and memory of one step of each sampler on a (1, 1, 64, 64) state, network aside: a tensor
 * has 16,384 bytes, and a step is to allocate none.
 *
 * <pre>
 * mvn -q -P study test-compile exec:exec -Dstudy=AllocationBenchmark
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class AllocationBenchmark {
  private static final Shape SHAPE = new Shape(1, 1, 64, 64);

  /** Predicts x_t itself as noise; allocates nothing. */
  private static final NoisePredictor FAKE =
      (x, level, out) -> {
        out.eps().set(x);
        out.completeFromEps(x, level);
      };

  /** Key of a {@link SamplerChoice}, or the name of a class. */
  @Param({
    "ddpm",
    "ddim",
    "euler_ancestral",
    "heun",
    "lms",
    "dpmpp_1s",
    "dpmpp_2m",
    "dpmpp_3m",
    "dpmpp_sde",
    "unipc",
    "ReverseDiffusion",
    "Ancestral",
    "PredictorCorrector"
  })
  public String sampler;

  private final Tensor start = new Tensor(SHAPE);
  private final Tensor x = new Tensor(SHAPE);
  private final NoiseSource noise = KeyedNoise.of(1);
  private List<NoiseLevel> levels;
  private Solver solver;
  private int k;

  /** Begins a run of 50 steps. */
  @Setup
  public void begin() {
    DiscreteSchedule schedule = DiscreteSchedule.linear(1000, 1e-4, 0.02);
    Trajectory path = SamplerChoice.HEUN.path(schedule, 50, false);
    levels = path.levels();
    solver = named(sampler).begin(FAKE, SHAPE, path);
    noise.next(start);
    x.set(start);
  }

  private static Sampler named(String name) {
    Discretization levels = Discretization.ofLevels();
    return switch (name) {
      case "ReverseDiffusion" -> new ReverseDiffusion(levels, false);
      case "Ancestral" -> new Ancestral(levels);
      case "PredictorCorrector" ->
          new PredictorCorrector(
              new ReverseDiffusion(levels, false), new LangevinCorrector(0.16, levels), 1);
      default -> SamplerChoice.parse(name).sampler(1, VarianceType.FIXED_SMALL);
    };
  }

  /** One step; after the last the run starts again, which costs one copy of the state. */
  @Benchmark
  public float step() {
    if (k == levels.size() - 1) {
      k = 0;
      x.set(start);
      solver.forget();
    }
    solver.step(x, levels.get(k), levels.get(k + 1), noise);
    k++;
    return x.data()[0];
  }

  /**
   * Runs the benchmark with JMH's profiler of the heap.
   *
   * @param args none
   */
  public static void main(String[] args) throws RunnerException {
    new Runner(
            new OptionsBuilder()
                .include(AllocationBenchmark.class.getName())
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }
}
