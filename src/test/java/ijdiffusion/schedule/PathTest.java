package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Trajectories along lists of levels. */
class PathTest {
  private static final SigmaLadder LADDER = SigmaLadder.of(8, 4, 2, 1);
  private static final List<NoiseLevel> LEVELS = LADDER.levels();

  private static List<NoiseLevel> withClean(List<NoiseLevel> levels) {
    List<NoiseLevel> path = new ArrayList<>(levels);
    path.add(NoiseLevel.CLEAN);
    return path;
  }

  @Test
  void goesDownToTheCleanLevelEitherWay() {
    assertEquals(withClean(LEVELS), Trajectory.of(LEVELS).levels());
    assertEquals(withClean(LEVELS), Trajectory.of(withClean(LEVELS)).levels());
    assertEquals(4, Trajectory.of(LEVELS).stepsDown());
    // the end of an SDE is as clean as the clean level, and is not followed by it
    List<NoiseLevel> vp = List.of(new VpSde(0.1, 20).level(1), new VpSde(0.1, 20).level(0));
    assertEquals(vp, Trajectory.of(vp).levels());
  }

  @Test
  void everyLevelIsCleanerThanTheOneBefore() {
    for (List<NoiseLevel> bad :
        List.of(
            List.of(LEVELS.get(1), LEVELS.get(0)),
            List.of(LEVELS.get(1), LEVELS.get(1)),
            List.of(NoiseLevel.CLEAN, LEVELS.get(1)))) {
      Exception e = assertThrows(IllegalArgumentException.class, () -> Trajectory.of(bad));
      assertEquals("Level 1 is not cleaner than the one before: " + bad, e.getMessage());
    }
    List<NoiseLevel> late = List.of(LEVELS.get(0), LEVELS.get(2), LEVELS.get(1));
    Exception e = assertThrows(IllegalArgumentException.class, () -> Trajectory.of(late));
    assertEquals(
        "Level 2 is not cleaner than the one before: " + late.subList(1, 3), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Trajectory.of(List.of()));
    assertThrows(IllegalArgumentException.class, () -> Trajectory.of(List.of(NoiseLevel.CLEAN)));
  }

  @Test
  void strengthChoosesTheStart() {
    DiscreteSchedule linear = DiscreteSchedule.linear(1000, 1e-4, 0.02);
    List<NoiseLevel> levels = linear.levels(TimeGrid.respaced(1000, 20));
    for (int n = 1; n <= 20; n++) {
      Trajectory path = Trajectory.partial(levels, n / 20.0);
      assertEquals(n, path.stepsDown());
      // start index rint(s n) - 1 of the ascending grid
      assertEquals(TimeGrid.respaced(1000, 20)[n - 1], path.start().t());
      assertEquals(path, Trajectory.partial(withClean(levels), n / 20.0));
    }
    assertEquals(Trajectory.of(levels), Trajectory.partial(levels, 1));
  }

  @Test
  void strengthRoundsHalfToEven() {
    // 0.375 of 4 is 1.5, which is 2; 0.625 is 2.5, which is 2
    assertEquals(2, Trajectory.partial(LEVELS, 0.375).stepsDown());
    assertEquals(2, Trajectory.partial(LEVELS, 0.625).stepsDown());
    assertEquals(3, Trajectory.partial(LEVELS, 0.626).stepsDown());
    assertEquals(1, Trajectory.partial(LEVELS, 0.126).stepsDown());
    for (double none : new double[] {0, 0.1, 0.125}) {
      Exception e = assertThrows(DiffusionException.class, () -> Trajectory.partial(LEVELS, none));
      assertEquals(
          "strength " + none + " of 4 steps leaves no step; it must be above 0.125.",
          e.getMessage());
    }
    for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
      Exception e = assertThrows(DiffusionException.class, () -> Trajectory.partial(LEVELS, bad));
      assertEquals("strength is " + bad + ", but must be from 0.0 to 1.0.", e.getMessage());
    }
  }

  @Test
  void jumpsGoAlongAnyLevels() {
    List<Double> sigmas =
        Trajectory.withJumps(LEVELS, 1, 2).levels().stream().map(NoiseLevel::sigma).toList();
    assertEquals(List.of(8.0, 4.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0, 0.0), head(sigmas));
    assertEquals(Trajectory.of(LEVELS), Trajectory.withJumps(LEVELS, 5, 3));
  }

  /** Without the first jump, from 4 to 8 and back. */
  private static List<Double> head(List<Double> sigmas) {
    assertEquals(List.of(8.0, 4.0, 8.0), sigmas.subList(0, 3));
    List<Double> rest = new ArrayList<>(sigmas.subList(2, sigmas.size()));
    return rest;
  }
}
