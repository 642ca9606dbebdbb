package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.sampling.Ddim;
import ijdiffusion.sampling.DpmSolverPp;
import ijdiffusion.sampling.DpmSolverPp.SecondOrder;
import ijdiffusion.sampling.EulerAncestral;
import ijdiffusion.sampling.Heun;
import ijdiffusion.sampling.LinearMultistep;
import ijdiffusion.sampling.Sampler;
import ijdiffusion.sampling.UniPc;
import ijdiffusion.schedule.Trajectory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How fast runs come to the closed-form flow of a Gaussian when steps get shorter. */
class ConvergenceTest {
  private static final GaussianPredictor PREDICTOR = new GaussianPredictor(0.3, 0.25);

  static Stream<Arguments> solvers() {
    return Stream.of(true, false)
        .flatMap(
            preserving ->
                Stream.of(
                    Arguments.of(new Ddim(0), preserving, 0.9, 1.2),
                    Arguments.of(new EulerAncestral(0), preserving, 0.9, 1.2),
                    Arguments.of(new LinearMultistep(1), preserving, 0.9, 1.2),
                    Arguments.of(dpm(1, SecondOrder.MIDPOINT), preserving, 0.9, 1.2),
                    Arguments.of(new Heun(), preserving, 1.8, 2.3),
                    Arguments.of(dpm(2, SecondOrder.MIDPOINT), preserving, 1.8, 2.6),
                    Arguments.of(dpm(2, SecondOrder.HEUN), preserving, 1.8, 2.6),
                    Arguments.of(dpm(3, SecondOrder.MIDPOINT), preserving, 2.0, 4.0),
                    Arguments.of(new LinearMultistep(2), preserving, 1.8, 2.6),
                    Arguments.of(new UniPc(1, false), preserving, 1.8, 2.6),
                    Arguments.of(new UniPc(2, false), preserving, 2.0, 4.0),
                    Arguments.of(new UniPc(3, false), preserving, 2.0, 4.0)));
  }

  @ParameterizedTest
  @MethodSource("solvers")
  void order(Sampler sampler, boolean preserving, double least, double most) {
    int n = least > 1.9 ? 12 : 40;
    double order = Math.log(error(sampler, n, preserving) / error(sampler, 2 * n, preserving));
    order /= Math.log(2);
    assertTrue(order >= least && order <= most, sampler + ": order " + order);
  }

  @Test
  void higherOrdersAreCloserAtTheSameNumberOfSteps() {
    double first = error(dpm(1, SecondOrder.MIDPOINT), 20, true);
    double second = error(dpm(2, SecondOrder.MIDPOINT), 20, true);
    double third = error(dpm(3, SecondOrder.MIDPOINT), 20, true);
    assertTrue(third < second && second < first / 5, first + " " + second + " " + third);
    assertTrue(error(new UniPc(2, false), 20, true) < second);
    assertEquals(0, error(new UniPc(3, false), 40, true), 3e-5);
  }

  private static Sampler dpm(int order, SecondOrder rule) {
    return new DpmSolverPp(order, rule, false, false);
  }

  private static double error(Sampler sampler, int steps, boolean preserving) {
    Trajectory path = Oracle.evenly(8, 0.05, steps, preserving);
    double start = preserving ? 1.7 : 13;
    double exact =
        Oracle.flow(PREDICTOR, start, path.start(), path.levels().get(path.levels().size() - 1));
    return Math.abs(Oracle.run(PREDICTOR, sampler, path, start) - exact);
  }
}
