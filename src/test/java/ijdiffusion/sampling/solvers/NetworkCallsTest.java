package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.TestNoise;
import ijdiffusion.sampling.Consistency;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.DpmSolverPp;
import ijdiffusion.sampling.EulerAncestral;
import ijdiffusion.sampling.Heun;
import ijdiffusion.sampling.LinearMultistep;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.Solver;
import ijdiffusion.sampling.UniPc;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a run costs: network calls, exactly, and memory. */
class NetworkCallsTest {
  static Stream<Arguments> samplers() {
    return Stream.of(
        Arguments.of(new EulerAncestral(), 18, 18),
        Arguments.of(new Heun(), 35, 36),
        Arguments.of(new Heun(0.2, 0, 1e9, 1, Oracle::preserving), 35, 36),
        Arguments.of(DpmSolverPp.ode(1), 18, 18),
        Arguments.of(DpmSolverPp.ode(2), 18, 18),
        Arguments.of(DpmSolverPp.ode(3), 18, 18),
        Arguments.of(DpmSolverPp.sde(3), 18, 18),
        Arguments.of(new UniPc(1, true), 18, 18),
        Arguments.of(new UniPc(2, true), 18, 18),
        Arguments.of(new UniPc(3, true), 18, 18),
        Arguments.of(new LinearMultistep(), 18, 18),
        Arguments.of(new Consistency(), 18, 18));
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void eighteenSteps(Sampler sampler, int toClean, int toNoisy) {
    List<NoiseLevel> levels = new ArrayList<>(Oracle.evenly(80, 0.01, 18, true).levels());
    assertEquals(toNoisy, calls(sampler, new Trajectory(levels)));
    levels.set(18, NoiseLevel.CLEAN);
    assertEquals(toClean, calls(sampler, new Trajectory(levels)));
  }

  private static int calls(Sampler sampler, Trajectory path) {
    Oracle.Witness witness = new Oracle.Witness(new GaussianPredictor(0.3, 0.04));
    Tensor x = Oracle.one(1);
    new ReverseProcess(witness, sampler, Constraint.NONE, path)
        .run(x, TestNoise.sm42(), Monitor.NONE);
    assertTrue(Float.isFinite(x.data()[0]));
    return witness.asked().size();
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void networksWithVarianceServeToo(Sampler sampler) {
    NoisePredictor learned = new DummyPredictor(Parameterization.EPSILON, 0.5);
    NoisePredictor plain = DummyPredictor.of(Parameterization.EPSILON);
    Trajectory path = Oracle.evenly(8, 0.1, 5, true);
    assertEquals(Oracle.run(plain, sampler, path, 1), Oracle.run(learned, sampler, path, 1));
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void stepsAllocateNoTensor(Sampler sampler) {
    Shape shape = new Shape(1, 1, 256, 256);
    Tensor x = new Tensor(shape);
    NoisePredictor predictor = new GaussianPredictor(0.3, 0.04);
    Trajectory path = Oracle.evenly(8, 0.1, 10, true);
    Solver solver = sampler.begin(predictor, shape, path);
    TestNoise noise = TestNoise.zero();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = 0;
    for (int i = 0; i < 10; i++) {
      if (i == 4) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      solver.step(x, path.levels().get(i), path.levels().get(i + 1), noise);
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(bytes < 64 * 1024, bytes + " bytes in 6 steps; a tensor has 262144");
  }

  @Test
  void ddimBelongsToTheSameTable() {
    assertEquals(18, calls(new Ddim(0), Oracle.evenly(80, 0.01, 18, true)));
  }
}
