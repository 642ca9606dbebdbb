package ijdiffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import ijdiffusion.DiffusionException;
import ijdiffusion.tensor.Reference;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The grids of guided-diffusion, diffusers and the DDIM code. */
class RespacingTest {
  private static final JsonObject TABLES = Reference.load("analytic_and_tables");
  private static final Pattern ROW = Pattern.compile("(\\d+):\"([^\"]+)\"(?: (first|last)\\d+)?");

  @Test
  void stringsGiveTheReferenceGrids() {
    int rows = 0;
    for (Map.Entry<String, JsonElement> row :
        TABLES.getAsJsonObject("space_timesteps").entrySet()) {
      Matcher m = ROW.matcher(row.getKey());
      assertEquals(true, m.matches(), row.getKey());
      rows++;
      int[] expected = Reference.ints(row.getValue());
      int[] grid = TimeGrid.respaced(Integer.parseInt(m.group(1)), m.group(2));
      int from = "last".equals(m.group(3)) ? grid.length - expected.length : 0;
      int to = m.group(3) == null ? grid.length : from + expected.length;
      assertArrayEquals(expected, Arrays.copyOfRange(grid, from, to), row.getKey());
    }
    assertEquals(8, rows);
    assertEquals(50, TimeGrid.respaced(1000, "ddim50").length);
    assertEquals(250, TimeGrid.respaced(1000, "250").length);
  }

  @Test
  void sectionsShareWhatDoesNotDivide() {
    // ten indices in three sections: 0-3, 4-6, 7-9
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, TimeGrid.respaced(10, "4,3,3"));
    assertArrayEquals(new int[] {0, 3, 4, 6, 7}, TimeGrid.respaced(10, " 2, 2 ,1 "));
    assertArrayEquals(new int[] {0, 4, 8}, TimeGrid.respaced(11, "1,1,1"));
    assertRefused(
        "section 2 of steps 4,4,3 is 4, but must be from 1 to 3.",
        () -> TimeGrid.respaced(10, "4,4,3"));
    assertRefused(
        "section 1 of steps 0 is 0, but must be from 1 to 10.", () -> TimeGrid.respaced(10, "0"));
  }

  @Test
  void ddimTakesTheSmallestWholeStride() {
    assertArrayEquals(new int[] {0, 2, 4, 6, 8}, TimeGrid.respaced(10, "ddim5"));
    assertArrayEquals(new int[] {0, 3, 6, 9}, TimeGrid.respaced(10, "ddim4"));
    // strides 4 gives 3; strides 5 to 9 all give 2, the smallest counts
    assertArrayEquals(new int[] {0, 4, 8}, TimeGrid.respaced(10, "ddim3"));
    assertArrayEquals(new int[] {0, 5}, TimeGrid.respaced(10, "ddim2"));
    assertArrayEquals(new int[] {0, 1, 2}, TimeGrid.respaced(3, " ddim3"));
    assertRefused(
        "steps is ddim6, but no whole stride gives 6 of 10.", () -> TimeGrid.respaced(10, "ddim6"));
    assertRefused(
        "steps is ddim1, but no whole stride gives 1 of 10.", () -> TimeGrid.respaced(10, "ddim1"));
  }

  @Test
  void otherStringsAreRefused() {
    for (String bad : new String[] {"", "ten", "10,", "ddim", "ddim5,5", "1.5", "fast27"}) {
      Exception e = assertThrows(DiffusionException.class, () -> TimeGrid.respaced(1000, bad));
      assertEquals(
          "steps is \"" + bad + "\", but must look like \"250\", \"10,15,20\" or \"ddim50\".",
          e.getMessage());
    }
  }

  @Test
  void diffusersAndDdimGridsAreTheReference() {
    JsonObject rows = TABLES.getAsJsonObject("diffusers_spacing_1000");
    Map<String, int[]> ours =
        Map.of(
            "leading_10", TimeGrid.leading(1000, 10, 0),
            "trailing_10", TimeGrid.trailing(1000, 10),
            "linspace_10", TimeGrid.linspace(1000, 10),
            "dpm_linspace_10 (n+1 points, drop 0)", TimeGrid.dpmLinspace(1000, 10),
            "dpm_leading_10", TimeGrid.dpmLeading(1000, 10, 0),
            "trailing_7", TimeGrid.trailing(1000, 7));
    ours.forEach(
        (name, grid) -> assertArrayEquals(Reference.ints(rows.get(name)), reversed(grid), name));
    assertArrayEquals(Reference.ints(rows.get("ddim_repo_quad_10")), TimeGrid.quadratic(1000, 10));
    // the row gives the last index and the length
    int[] uniform = TimeGrid.uniform(1000, 30);
    int[] row = Reference.ints(rows.get("ddim_repo_uniform_30"));
    assertEquals(row[0], uniform[uniform.length - 1]);
    assertEquals(row[1], uniform.length);
    assertEquals(ours.size() + 2, rows.size());
  }

  private static int[] reversed(int[] grid) {
    int[] r = new int[grid.length];
    for (int i = 0; i < r.length; i++) {
      r[i] = grid[r.length - 1 - i];
    }
    return r;
  }

  @Test
  void leadingStopsShortOfTheEndAndTakesAnOffset() {
    // Stable Diffusion's five steps
    assertArrayEquals(new int[] {1, 201, 401, 601, 801}, TimeGrid.leading(1000, 5, 1));
    assertArrayEquals(new int[] {0, 3, 6}, TimeGrid.leading(10, 3, 0));
    assertArrayEquals(new int[] {3, 6, 9}, TimeGrid.leading(10, 3, 3));
    assertRefused("offset is 4, but must be from 0 to 3.", () -> TimeGrid.leading(10, 3, 4));
    assertRefused("offset is -1, but must be from 0 to 3.", () -> TimeGrid.leading(10, 3, -1));
    assertArrayEquals(new int[] {4}, TimeGrid.leading(10, 1, 4));
  }

  @Test
  void dpmLeadingLeavesOutZero() {
    assertArrayEquals(new int[] {2, 4, 6}, TimeGrid.dpmLeading(10, 3, 0));
    assertArrayEquals(new int[] {3, 5, 7}, TimeGrid.dpmLeading(10, 3, 1));
    assertArrayEquals(new int[] {5, 7, 9}, TimeGrid.dpmLeading(10, 3, 3));
    assertArrayEquals(new int[] {5}, TimeGrid.dpmLeading(10, 1, 0));
    assertArrayEquals(new int[] {1, 2}, TimeGrid.dpmLeading(3, 2, 0));
    assertRefused("offset is 4, but must be from 0 to 3.", () -> TimeGrid.dpmLeading(10, 3, 4));
    assertRefused("offset is -1, but must be from 0 to 3.", () -> TimeGrid.dpmLeading(10, 3, -1));
  }

  @Test
  void halvesRoundToEven() {
    // T/n = 2.5: 10, 7.5, 5, 2.5; half-even 10, 8, 5, 2
    assertArrayEquals(new int[] {1, 4, 7, 9}, TimeGrid.trailing(10, 4));
    // (T-1)/(n-1) = 2.5: 0, 2.5, 5, 7.5, 10
    assertArrayEquals(new int[] {0, 2, 5, 8, 10}, TimeGrid.linspace(11, 5));
    assertArrayEquals(new int[] {2, 5, 8, 10}, TimeGrid.dpmLinspace(11, 4));
    assertArrayEquals(new int[] {0, 10}, TimeGrid.linspace(11, 2));
    assertArrayEquals(new int[] {10}, TimeGrid.dpmLinspace(11, 1));
    assertArrayEquals(new int[] {10}, TimeGrid.trailing(11, 1));
  }

  @Test
  void uniformHasEveryStride() {
    assertArrayEquals(new int[] {0, 3, 6, 9}, TimeGrid.uniform(10, 3));
    assertArrayEquals(new int[] {0, 5}, TimeGrid.uniform(10, 2));
    assertArrayEquals(new int[] {0}, TimeGrid.uniform(10, 1));
    assertArrayEquals(new int[] {0, 1, 2}, TimeGrid.uniform(3, 3));
  }

  @Test
  void quadraticVisitsNoIndexTwice() {
    assertArrayEquals(new int[] {0, 80}, TimeGrid.quadratic(100, 2));
    // sqrt(80)/19 squared is 0.22: 0, 0.2, 0.9 are all 0, then 1.99, 3.5
    int[] grid = TimeGrid.quadratic(100, 20);
    assertArrayEquals(new int[] {0, 1, 3, 5, 7, 10}, Arrays.copyOf(grid, 6));
    assertEquals(18, grid.length);
    assertEquals(80, grid[17]);
    for (int trained : new int[] {10, 50, 200, 1000}) {
      int[] g = TimeGrid.quadratic(trained, 7);
      assertEquals((int) (trained * 0.8), g[g.length - 1], "T = " + trained);
    }
  }

  @Test
  void stepsOutOfRangeAreNamed() {
    for (int bad : new int[] {0, 11}) {
      String message = "steps is " + bad + ", but must be from 1 to 10.";
      assertRefused(message, () -> TimeGrid.leading(10, bad, 0));
      assertRefused(message, () -> TimeGrid.trailing(10, bad));
      assertRefused(message, () -> TimeGrid.uniform(10, bad));
    }
    for (int bad : new int[] {1, 11}) {
      String message = "steps is " + bad + ", but must be from 2 to 10.";
      assertRefused(message, () -> TimeGrid.linspace(10, bad));
      assertRefused(message, () -> TimeGrid.quadratic(10, bad));
    }
    for (int bad : new int[] {0, 10}) {
      String message = "steps is " + bad + ", but must be from 1 to 9.";
      assertRefused(message, () -> TimeGrid.dpmLinspace(10, bad));
      assertRefused(message, () -> TimeGrid.dpmLeading(10, bad, 0));
    }
  }

  private static void assertRefused(String message, Runnable call) {
    assertEquals(message, assertThrows(DiffusionException.class, call::run).getMessage());
  }
}
