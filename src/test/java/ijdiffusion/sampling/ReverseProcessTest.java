package ijdiffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ijdiffusion.Cancelled;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TestNoise;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReverseProcessTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final Shape PIXEL = new Shape(1, 1, 1, 1);

  /** 999, 500, 999, 500, 0 and the clean level: one jump up, four steps down. */
  private static final Trajectory ONE_JUMP =
      new Trajectory(
          List.of(
              LINEAR.level(999),
              LINEAR.level(500),
              LINEAR.level(999),
              LINEAR.level(500),
              LINEAR.level(0),
              NoiseLevel.CLEAN));

  private static final NoisePredictor UNUSED =
      (x, level, out) -> {
        throw new AssertionError("the stand-in sampler asks no network");
      };

  /** Writes down who was called when, and which draw each of them got. */
  private static final class Log implements Sampler, Solver, Constraint, Monitor {
    final List<String> lines = new ArrayList<>();
    final boolean stochastic;
    final int drawsPerStep;
    int cancelAt = Integer.MAX_VALUE;
    private final Tensor x0 = new Tensor(PIXEL);
    private int draws;

    Log(boolean stochastic, int drawsPerStep) {
      this.stochastic = stochastic;
      this.drawsPerStep = drawsPerStep;
    }

    /** Draw k is k everywhere. */
    NoiseSource noise() {
      return z -> {
        lines.add("draw " + draws);
        z.fill(draws++);
      };
    }

    private static String drawn(NoiseSource noise) {
      Tensor z = new Tensor(PIXEL);
      noise.next(z);
      return " with " + (int) z.data()[0];
    }

    private static String name(NoiseLevel level) {
      return Integer.toString((int) level.t());
    }

    @Override
    public Solver begin(NoisePredictor predictor, Shape shape) {
      lines.add("begin " + shape);
      return this;
    }

    @Override
    public boolean isStochastic() {
      return stochastic;
    }

    @Override
    public void step(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      StringBuilder line = new StringBuilder("step " + name(t) + " " + name(s));
      for (int i = 0; i < drawsPerStep; i++) {
        line.append(drawn(noise));
      }
      lines.add(line.toString());
    }

    @Override
    public Tensor x0() {
      return x0;
    }

    @Override
    public void forget() {
      lines.add("forget");
    }

    @Override
    public void beforePrediction(Tensor x, NoiseLevel t, NoiseSource noise) {
      lines.add("before " + name(t) + drawn(noise));
    }

    @Override
    public void afterStep(Tensor x, NoiseLevel t, NoiseLevel s, NoiseSource noise) {
      lines.add("after " + name(t) + " " + name(s));
    }

    @Override
    public void finish(Tensor result) {
      lines.add("finish");
    }

    @Override
    public void onStep(int done, int total, Tensor image) {
      assertSame(x0, image);
      lines.add("monitor " + done + " " + total);
      if (done == cancelAt) {
        throw new Cancelled();
      }
    }

    void run(Trajectory path) {
      new ReverseProcess(UNUSED, this, this, path).run(new Tensor(PIXEL), noise(), this);
    }
  }

  @Test
  void drawsTheSamplersNoiseFirstThenTheConstraints() {
    Log log = new Log(true, 1);
    log.run(ONE_JUMP);
    assertEquals(
        List.of(
            "begin (1, 1, 1, 1)",
            "draw 0",
            "step 999 500 with 0",
            "after 999 500",
            "monitor 1 4",
            "draw 1",
            "forget",
            "draw 2",
            "draw 3",
            "before 999 with 3",
            "step 999 500 with 2",
            "after 999 500",
            "monitor 2 4",
            "draw 4",
            "draw 5",
            "before 500 with 5",
            "step 500 0 with 4",
            "after 500 0",
            "monitor 3 4",
            "draw 6",
            "draw 7",
            "before 0 with 7",
            "step 0 -1 with 6",
            "after 0 -1",
            "monitor 4 4",
            "finish"),
        log.lines);
  }

  @Test
  void deterministicSamplersCostNoDraw() {
    Log log = new Log(false, 0);
    log.run(ONE_JUMP);
    assertEquals(4, log.draws, "three for the constraint, one for the jump");
  }

  @Test
  void aStepMayDrawMoreThanOnce() {
    Log log = new Log(true, 2);
    log.run(Trajectory.down(LINEAR, new int[] {3, 9}));
    assertEquals("step 9 3 with 0 with 1", log.lines.get(3));
    assertEquals("step 3 -1 with 2 with 4", log.lines.get(10));
  }

  @Test
  void anUnusedDrawIsDropped() {
    Log log = new Log(true, 0);
    log.run(ONE_JUMP);
    assertEquals(8, log.draws);
  }

  @Test
  void cancellingStopsAtOnce() {
    Log log = new Log(true, 1);
    log.cancelAt = 3;
    assertThrows(Cancelled.class, () -> log.run(ONE_JUMP));
    assertEquals("monitor 3 4", log.lines.get(log.lines.size() - 1));
  }

  @Test
  void theMonitorCountsEveryStepInOrder() {
    Trajectory path = Trajectory.withJumps(LINEAR, TimeGrid.respaced(1000, 30), 4, 3);
    List<Integer> seen = new ArrayList<>();
    Log log = new Log(false, 0);
    new ReverseProcess(UNUSED, log, Constraint.NONE, path)
        .run(
            new Tensor(PIXEL),
            TestNoise.zero(),
            (done, total, x0) -> {
              assertEquals(path.stepsDown(), total);
              seen.add(done);
            });
    assertEquals(path.stepsDown(), seen.size());
    for (int i = 0; i < seen.size(); i++) {
      assertEquals(i + 1, seen.get(i));
    }
  }

  @Test
  void aMoveUpDiffusesByTheRespacedBeta() {
    // state and noise are told apart by two images: x = 1, z = 0 and x = 0, z = 1
    Tensor z = new Tensor(new Shape(2, 1, 1, 1), new float[] {0, 1});
    int[] grid = TimeGrid.respaced(1000, 50);
    for (int k = 1; k < 50; k++) {
      double alpha = LINEAR.alphaBar(grid[k]) / LINEAR.alphaBar(grid[k - 1]);
      Tensor x = new Tensor(z.shape(), new float[] {1, 0});
      Trajectory up = new Trajectory(List.of(LINEAR.level(grid[k - 1]), LINEAR.level(grid[k])));
      TestNoise noise = TestNoise.repeating(z);
      new ReverseProcess(UNUSED, new Ddim(1), Constraint.NONE, up).run(x, noise, Monitor.NONE);
      assertEquals(Math.sqrt(alpha), x.data()[0], 1e-7, "signal " + k);
      assertEquals(Math.sqrt(1 - alpha), x.data()[1], 1e-7, "noise " + k);
      assertEquals(1, noise.draws());
    }
  }

  @Test
  void aNetworkIsCalledOncePerStep() {
    Trajectory path = Trajectory.withJumps(LINEAR, TimeGrid.respaced(1000, 20), 5, 3);
    List<Integer> times = new ArrayList<>();
    NoisePredictor counting =
        (x, level, out) -> {
          times.add((int) level.t());
          out.eps().fill(0);
          out.completeFromEps(x, level);
        };
    new ReverseProcess(counting, new Ddpm(VarianceType.FIXED_LARGE), Constraint.NONE, path)
        .run(new Tensor(PIXEL), TestNoise.zero(), Monitor.NONE);
    List<Integer> expected = new ArrayList<>();
    List<NoiseLevel> levels = path.levels();
    for (int i = 0; i + 1 < levels.size(); i++) {
      if (levels.get(i + 1).t() < levels.get(i).t()) {
        expected.add((int) levels.get(i).t());
      }
    }
    assertEquals(expected, times);
    assertEquals(50, times.size());
  }
}
