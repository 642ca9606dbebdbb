package ijdiffusion.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  private static Results empty() {
    return new Results(
        "hole | method", List.of(new Results.Metric("a", 1), new Results.Metric("b", 2)));
  }

  private static Results filled() {
    Results results = empty();
    results.add("disc | x", "first", 1, Double.NaN);
    results.add("disc | x", "second", 4, 0.25);
    results.add("disc | x", "third", 9, 0.5);
    results.add("disc | y", "second", 2, 0.75);
    results.add("disc | y", "first", 3, 0.5);
    return results;
  }

  @Test
  void pairsAreOfTheSameImage() {
    Results.Pairing pair = filled().pairing("disc | x", "disc | y", 0);
    // 1 - 3 and 4 - 2: mean 0, deviations of 2, sqrt(8 / 1 / 2)
    assertEquals(2, pair.n());
    assertEquals(0, pair.difference(), 1e-15);
    assertEquals(2, pair.error(), 1e-15);
    assertEquals(2.5, pair.base(), 1e-15);
  }

  @Test
  void pairsWithoutAValueDoNotCount() {
    Results.Pairing pair = filled().pairing("disc | x", "disc | y", 1);
    assertEquals(1, pair.n());
    assertEquals(-0.5, pair.difference(), 1e-15);
    assertTrue(Double.isNaN(pair.error()));
    assertEquals(0, filled().pairing("disc | x", "nobody", 0).n());
  }

  @Test
  void goesOnWhereItWasCutOff(@TempDir Path folder) throws IOException {
    filled().writeLines(folder, "t");
    Results later = empty();
    later.resume(folder, "t");
    later.resume(folder, "no such file");
    assertTrue(later.has("disc | x", "third"));
    assertFalse(later.has("disc | y", "third"));
    assertEquals(3, later.count("disc | x"));
    assertEquals(filled().table(), later.table());
    later.writeLines(folder, "again");
    assertEquals(
        Files.readString(folder.resolve("t.csv")), Files.readString(folder.resolve("again.csv")));
    Results other = new Results("method", List.of(new Results.Metric("a", 1)));
    assertThrows(IOException.class, () -> other.resume(folder, "t"));
  }

  @Test
  void tableBesideAReference() {
    assertEquals(
        """
        | hole | method | a | b | n | a against disc | y | pairs |
        |---|---|---:|---:|---:|---:|---:|
        | disc | x | 4.7 | 0.38 | 3 | +0.0 ± 80.0 % | 2 |
        | disc | y | 2.5 | 0.63 | 2 | | |
        """,
        CallsTable.table(filled(), "disc | y", 0, true));
    assertTrue(
        CallsTable.table(filled(), "disc | y", 0, false).contains("| 3 | +0.00 ± 2.00 | 2 |"));
  }
}
