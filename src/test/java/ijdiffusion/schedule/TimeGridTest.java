package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Reference;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TimeGridTest {
  /** One section of "n" steps, listed whole or by its first or last entries. */
  private static final Pattern PLAIN = Pattern.compile("(\\d+):\"(\\d+)\"(?: (first|last)(\\d+))?");

  @Test
  void respacedGivesTheReferenceGrids() {
    int rows = 0;
    for (Map.Entry<String, JsonElement> row :
        Reference.load("analytic_and_tables").getAsJsonObject("space_timesteps").entrySet()) {
      Matcher m = PLAIN.matcher(row.getKey());
      if (!m.matches()) {
        continue; // sections and "ddimN" are in RespacingTest
      }
      rows++;
      int[] grid = TimeGrid.respaced(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
      int[] expected = Reference.ints(row.getValue());
      assertEquals(Integer.parseInt(m.group(2)), grid.length, row.getKey());
      int from = "last".equals(m.group(3)) ? grid.length - expected.length : 0;
      int to = m.group(3) == null ? grid.length : from + expected.length;
      assertArrayEquals(expected, Arrays.copyOfRange(grid, from, to), row.getKey());
    }
    assertEquals(5, rows);
  }

  @Test
  void halvesRoundToEven() {
    // 1000:"25" has stride 41.625; position 4 is 166.5 and goes down, position 12 is 499.5 and up
    int[] grid = TimeGrid.respaced(1000, 25);
    assertEquals(166, grid[4]);
    assertEquals(500, grid[12]);
    assertEquals(832, grid[20]);
  }

  @Test
  void allLevelsAreTheIdentity() {
    for (int n : new int[] {2, 10, 1000}) {
      int[] grid = TimeGrid.respaced(n, n);
      for (int k = 0; k < n; k++) {
        assertEquals(k, grid[k]);
      }
    }
  }

  @Test
  void everyGridAscendsFromTheFirstToTheLastIndex() {
    for (int trained : new int[] {4, 50, 1000, 4000}) {
      for (int steps = 2; steps <= Math.min(trained, 300); steps++) {
        int[] grid = TimeGrid.respaced(trained, steps);
        assertEquals(0, grid[0]);
        assertEquals(trained - 1, grid[steps - 1], trained + ":" + steps);
        for (int k = 1; k < steps; k++) {
          assertTrue(grid[k] > grid[k - 1], trained + ":" + steps + " at " + k);
        }
      }
    }
  }

  @Test
  void stepsOutOfRangeAreNamed() {
    for (int steps : new int[] {0, -3, 1001}) {
      Exception e = assertThrows(DiffusionException.class, () -> TimeGrid.respaced(1000, steps));
      assertEquals("steps is " + steps + ", but must be from 1 to 1000.", e.getMessage());
    }
  }
}
