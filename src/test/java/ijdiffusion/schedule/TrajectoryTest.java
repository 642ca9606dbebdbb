package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TrajectoryTest {
  private static final DiscreteSchedule LINEAR = DiscreteSchedule.linear(1000, 1e-4, 0.02);
  private static final Pattern REPAINT =
      Pattern.compile("t_T=(\\d+),jump_length=(\\d+),jump_n_sample=(\\d+)");

  /** Positions on the grid, -1 for the clean level. */
  private static int[] positions(Trajectory trajectory, int[] grid) {
    return trajectory.levels().stream()
        .mapToInt(l -> l.t() == -1 ? -1 : Arrays.binarySearch(grid, (int) l.t()))
        .toArray();
  }

  @Test
  void jumpsFollowTheAuthorsSchedule() {
    int rows = 0;
    for (Map.Entry<String, JsonElement> entry :
        Reference.load("analytic_and_tables").getAsJsonObject("repaint_schedule").entrySet()) {
      Matcher m = REPAINT.matcher(entry.getKey());
      if (!m.matches()) {
        continue;
      }
      rows++;
      int[] grid = TimeGrid.respaced(1000, Integer.parseInt(m.group(1)));
      Trajectory path =
          Trajectory.withJumps(
              LINEAR, grid, Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3)));
      JsonObject row = entry.getValue().getAsJsonObject();
      assertEquals(row.get("length").getAsInt(), path.levels().size(), entry.getKey());
      assertEquals(row.get("transitions").getAsInt(), path.transitions(), entry.getKey());
      assertEquals(row.get("nfe").getAsInt(), path.stepsDown(), entry.getKey());
      int[] positions = positions(path, grid);
      assertArrayEquals(
          Reference.ints(row.get("first60")),
          Arrays.copyOf(positions, row.getAsJsonArray("first60").size()),
          entry.getKey());
      if (!row.get("full").isJsonNull()) {
        assertArrayEquals(Reference.ints(row.get("full")), positions, entry.getKey());
      }
    }
    assertEquals(7, rows);
  }

  @Test
  void thePapersSettingTakes2410Calls() {
    Trajectory path = Trajectory.withJumps(LINEAR, TimeGrid.respaced(1000, 250), 10, 10);
    assertEquals(4571, path.levels().size());
    assertEquals(4570, path.transitions());
    assertEquals(2410, path.stepsDown());
  }

  @Test
  void levelsAreThoseOfTheTrainingSchedule() {
    int[] grid = TimeGrid.respaced(1000, 20);
    Trajectory path = Trajectory.withJumps(LINEAR, grid, 2, 2);
    assertEquals(LINEAR.level(999), path.start());
    for (NoiseLevel level : path.levels()) {
      assertEquals(LINEAR.level(level.t()), level);
    }
    assertSame(NoiseLevel.CLEAN, path.levels().get(path.transitions()));
  }

  @Test
  void downVisitsTheGridOnceFromTheNoisyEnd() {
    int[] grid = {0, 7, 500, 900};
    Trajectory path = Trajectory.down(LINEAR, grid);
    assertArrayEquals(new int[] {3, 2, 1, 0, -1}, positions(path, grid));
    assertEquals(4, path.stepsDown());
    assertEquals(4, path.transitions());
  }

  @Test
  void jumpsLongerThanTheGridDoNothing() {
    int[] grid = TimeGrid.respaced(1000, 10);
    for (int jump : new int[] {10, 11, Integer.MAX_VALUE}) {
      assertEquals(Trajectory.down(LINEAR, grid), Trajectory.withJumps(LINEAR, grid, jump, 5));
    }
    // the longest that does something: from position 0 to the top
    assertArrayEquals(
        new int[] {2, 1, 0, 1, 2, 1, 0, -1},
        positions(Trajectory.withJumps(LINEAR, new int[] {1, 5, 9}, 2, 2), new int[] {1, 5, 9}));
  }

  @Test
  void badJumpsAndResamplingsAreNamed() {
    int[] grid = {0, 500, 999};
    Exception e =
        assertThrows(DiffusionException.class, () -> Trajectory.withJumps(LINEAR, grid, 0, 1));
    assertEquals("jump is 0, but must be from 1 to 2147483647.", e.getMessage());
    for (int bad : new int[] {0, 1001}) {
      e = assertThrows(DiffusionException.class, () -> Trajectory.withJumps(LINEAR, grid, 1, bad));
      assertEquals("resamplings is " + bad + ", but must be from 1 to 1000.", e.getMessage());
    }
  }

  @Test
  void aTrajectoryHasAtLeastTwoLevels() {
    assertThrows(IllegalArgumentException.class, () -> new Trajectory(List.of(NoiseLevel.CLEAN)));
  }
}
