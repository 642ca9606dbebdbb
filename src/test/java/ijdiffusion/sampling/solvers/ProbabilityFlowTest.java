package ijdiffusion.sampling.solvers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.DummyPredictor;
import ijdiffusion.model.GaussianPredictor;
import ijdiffusion.model.MixturePredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ProbabilityFlow;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The adaptive flow against its closed form, both ways. */
class ProbabilityFlowTest {
  private static final GaussianPredictor PREDICTOR = new GaussianPredictor(0.3, 0.04);
  private static final double[] VALUES = {-2, -0.3, 0, 0.7, 1.9};

  @ParameterizedTest
  @CsvSource({"true, 150, 0.01", "true, 0.01, 150", "false, 80, 0.002", "false, 0.002, 80"})
  void isTheClosedForm(boolean preserving, double n1, double n2) {
    DoubleFunction<NoiseLevel> levels = preserving ? Oracle::preserving : Oracle::exploding;
    NoiseLevel from = levels.apply(n1);
    NoiseLevel to = levels.apply(n2);
    Tensor x = state(Math.hypot(from.alpha(), from.sigma()));
    float[] start = x.data().clone();
    new ProbabilityFlow().carry(PREDICTOR, levels, from, to, x, Monitor.NONE);
    double size = Math.hypot(to.alpha(), to.sigma());
    for (int i = 0; i < start.length; i++) {
      double exact = Oracle.flow(PREDICTOR, start[i], from, to);
      // tolerances are per step; going up errors grow with the flow itself, by 1 / 0.2
      assertEquals(exact, x.data()[i], (n2 > n1 ? 5e-4 : 5e-5) * size, "value " + i);
    }
  }

  @Test
  void thereAndBackAgain() {
    // values of the two modes: those between them are torn apart on the way down
    float[] image = {-0.7f, -0.45f, 0.3f, 0.52f, 0.8f};
    Tensor x = new Tensor(new Shape(1, 1, 1, 5), image.clone());
    NoiseLevel low = Oracle.preserving(0.01);
    NoiseLevel high = Oracle.preserving(150);
    ProbabilityFlow flow = new ProbabilityFlow();
    NoisePredictor mixture = MixturePredictor.REFERENCE;
    flow.carry(mixture, Oracle::preserving, low, high, x, Monitor.NONE);
    assertTrue(Math.abs(x.data()[0] - image[0]) > 0.1);
    flow.carry(mixture, Oracle::preserving, high, low, x, Monitor.NONE);
    for (int i = 0; i < image.length; i++) {
      assertEquals(image[i], x.data()[i], 1e-3);
    }
  }

  @Test
  void followsTheLevelsOfATableBetweenItsIndices() {
    DiscreteSchedule linear = DiscreteSchedule.linear(1000, 1e-4, 0.02);
    NoiseLevel from = linear.level(999);
    NoiseLevel to = linear.level(0);
    Tensor x = state(1);
    Oracle.Witness witness = new Oracle.Witness(PREDICTOR);
    new ProbabilityFlow().carry(witness, linear::levelOf, from, to, x, Monitor.NONE);
    for (int i = 0; i < VALUES.length; i++) {
      assertEquals(Oracle.flow(PREDICTOR, (float) VALUES[i], from, to), x.data()[i], 5e-5);
    }
    assertEquals(999, witness.asked().get(0).t());
    assertTrue(witness.asked().stream().anyMatch(level -> level.t() != Math.rint(level.t())));
    assertTrue(witness.asked().stream().allMatch(level -> level.t() >= 0 && level.t() <= 999));
  }

  @Test
  void preservingAndExplodingLevelsAreOneFlow() {
    Tensor x = state(1);
    Tensor y = x.copy();
    y.setSum(Math.hypot(1, 50), y, 0, y);
    ProbabilityFlow flow = new ProbabilityFlow();
    int calls =
        flow.carry(
            PREDICTOR,
            Oracle::preserving,
            Oracle.preserving(50),
            Oracle.preserving(0.5),
            x,
            Monitor.NONE);
    int others =
        flow.carry(
            PREDICTOR,
            Oracle::exploding,
            Oracle.exploding(50),
            Oracle.exploding(0.5),
            y,
            Monitor.NONE);
    assertEquals(calls, others);
    for (int i = 0; i < VALUES.length; i++) {
      assertEquals(x.data()[i] * Math.hypot(1, 0.5), y.data()[i], 1e-4);
    }
  }

  @Test
  void callsAreCountedAndTheirLevelsLieBetweenTheEnds() {
    Oracle.Witness witness = new Oracle.Witness(PREDICTOR);
    int calls = carry(new ProbabilityFlow(), witness, 150, 0.01);
    assertEquals(witness.asked().size(), calls);
    assertTrue(calls > 20 && calls < 400, "calls " + calls);
    assertEquals(150, witness.asked().get(0).t());
    double least = Double.MAX_VALUE;
    for (NoiseLevel level : witness.asked()) {
      assertTrue(level.t() >= 0.01 && level.t() <= 150, level.toString());
      least = Math.min(least, level.t());
    }
    assertEquals(0.01, least);
    int coarse = carry(new ProbabilityFlow(1e-2, 1e-2, 1000), PREDICTOR, 150, 0.01);
    assertTrue(coarse < calls / 2, coarse + " and " + calls);
  }

  @Test
  void eitherToleranceCounts() {
    int loose = carry(new ProbabilityFlow(1e-2, 1e-2, 1000), PREDICTOR, 150, 0.01);
    int relative = carry(new ProbabilityFlow(1e-6, 1e-2, 1000), PREDICTOR, 150, 0.01);
    int absolute = carry(new ProbabilityFlow(1e-2, 1e-6, 1000), PREDICTOR, 150, 0.01);
    assertTrue(relative <= absolute && loose <= relative, loose + " " + relative + " " + absolute);
    assertTrue(loose < absolute);
  }

  @Test
  void progressGoesFromTheStartTo100() {
    List<Integer> parts = new ArrayList<>();
    List<Float> images = new ArrayList<>();
    Tensor x = state(1);
    new ProbabilityFlow()
        .carry(
            PREDICTOR,
            Oracle::preserving,
            Oracle.preserving(150),
            Oracle.preserving(0.01),
            x,
            (done, total, x0) -> {
              assertEquals(100, total);
              parts.add(done);
              images.add(x0.data()[4]);
            });
    int before = 1;
    for (int done : parts) {
      assertTrue(done >= before && done <= 100);
      before = done;
    }
    assertEquals(100, before);
    assertTrue(parts.size() > 5 && parts.get(0) < 50);
    assertEquals(x.data()[4], images.get(images.size() - 1), 0.01, "the last x_0 is the result");
  }

  @Test
  void cancellingGoesThrough() {
    RuntimeException stop = new IllegalStateException("cancelled");
    Monitor cancel =
        (done, total, x0) -> {
          throw stop;
        };
    NoiseLevel from = Oracle.preserving(150);
    NoiseLevel to = Oracle.preserving(0.01);
    Tensor x = state(1);
    assertSame(
        stop,
        assertThrows(
            RuntimeException.class,
            () -> new ProbabilityFlow().carry(PREDICTOR, Oracle::preserving, from, to, x, cancel)));
  }

  @Test
  void givesUpAfterTooManyCalls() {
    ProbabilityFlow few = new ProbabilityFlow(1e-5, 1e-5, 20);
    Oracle.Witness witness = new Oracle.Witness(PREDICTOR);
    DiffusionException e =
        assertThrows(DiffusionException.class, () -> carry(few, witness, 150, 0.01));
    assertEquals(
        "The flow could not be followed with tolerances 1.0E-5 and 1.0E-5 within 20 network calls;"
            + " choose larger ones.",
        e.getMessage());
    assertEquals(20, witness.asked().size());
    int needed = carry(new ProbabilityFlow(), PREDICTOR, 150, 0.01);
    assertEquals(needed, carry(new ProbabilityFlow(1e-5, 1e-5, needed), PREDICTOR, 150, 0.01));
  }

  @Test
  void givesUpWhereNoStepIsShortEnough() {
    SplittableRandom random = new SplittableRandom(1);
    NoisePredictor erratic =
        (x, level, out) -> {
          out.x0().fill(0);
          out.eps().fill((float) (1e9 * random.nextDouble()));
        };
    DiffusionException e =
        assertThrows(
            DiffusionException.class, () -> carry(new ProbabilityFlow(), erratic, 150, 0.01));
    assertNotNull(e.getCause());
    assertTrue(e.getMessage().startsWith("The flow could not be followed"));
  }

  @Test
  void equalLevelsNeedNoCallAndChangeTheScaleOnly() {
    Tensor x = state(1);
    float[] before = x.data().clone();
    int calls =
        new ProbabilityFlow()
            .carry(
                PREDICTOR,
                Oracle::exploding,
                new NoiseLevel(0, 0.5, 0.5),
                new NoiseLevel(0, 1, 1),
                x,
                Monitor.NONE);
    assertEquals(0, calls);
    for (int i = 0; i < before.length; i++) {
      assertEquals(2 * before[i], x.data()[i], 1e-6);
    }
  }

  @Test
  void networksWithVarianceServeToo() {
    NoisePredictor learned = new DummyPredictor(Parameterization.EPSILON, 0.5);
    assertTrue(carry(new ProbabilityFlow(), learned, 2, 0.5) > 6);
  }

  @Test
  void illegalSettingsAndEndsAreRefused() {
    for (double bad : new double[] {0, -1e-5, 1.1, Double.NaN}) {
      assertThrows(DiffusionException.class, () -> new ProbabilityFlow(bad, 1e-5, 10));
      assertThrows(DiffusionException.class, () -> new ProbabilityFlow(1e-5, bad, 10));
    }
    assertThrows(DiffusionException.class, () -> new ProbabilityFlow(1e-5, 1e-5, 0));
    assertEquals(new ProbabilityFlow(1e-5, 1e-5, 10_000), new ProbabilityFlow());
    NoiseLevel fine = Oracle.preserving(1);
    for (NoiseLevel bad : List.of(NoiseLevel.CLEAN, new NoiseLevel(0, 0, 1))) {
      Tensor x = state(1);
      float[] before = x.data().clone();
      assertThrows(
          IllegalArgumentException.class,
          () ->
              new ProbabilityFlow()
                  .carry(PREDICTOR, Oracle::preserving, bad, fine, x, Monitor.NONE));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              new ProbabilityFlow()
                  .carry(PREDICTOR, Oracle::preserving, fine, bad, x, Monitor.NONE));
      assertArrayEquals(before, x.data());
    }
  }

  private static int carry(ProbabilityFlow flow, NoisePredictor predictor, double n1, double n2) {
    return flow.carry(
        predictor,
        Oracle::preserving,
        Oracle.preserving(n1),
        Oracle.preserving(n2),
        state(1),
        Monitor.NONE);
  }

  private static Tensor state(double scale) {
    Tensor x = new Tensor(new Shape(1, 1, 1, VALUES.length));
    for (int i = 0; i < VALUES.length; i++) {
      x.data()[i] = (float) (scale * VALUES[i]);
    }
    return x;
  }
}
