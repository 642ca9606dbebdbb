package ijdiffusion.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines of figures; a file of them grows as a run goes, which may be cut off. */
final class Table {
  private final Path file;
  private final List<String> columns;

  private Table(Path file, String... columns) {
    this.file = file;
    this.columns = List.of(columns);
  }

  /**
   * A new table.
   *
   * @param file a CSV file; one that is there is deleted
   * @param columns headings; what holds a {@link Spread} is named once and becomes three columns
   */
  static Table begin(Path file, String... columns) throws IOException {
    Files.deleteIfExists(file);
    return resume(file, columns);
  }

  /** A table that another process may have begun. */
  static Table resume(Path file, String... columns) {
    return new Table(file, columns);
  }

  /**
   * Adds a line to the file.
   *
   * @param values a text, whole number, real number or {@link Spread} for each heading
   */
  void add(Object... values) throws IOException {
    if (values.length != columns.size()) {
      throw new IllegalArgumentException(values.length + " values for " + columns);
    }
    List<String> heading = new ArrayList<>();
    List<String> row = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof Spread spread) {
        heading.addAll(
            List.of(columns.get(i) + "_q1", columns.get(i) + "_median", columns.get(i) + "_q3"));
        row.addAll(
            List.of(text(spread.lower()), text(spread.median()), text(spread.upper())));
      } else {
        heading.add(columns.get(i));
        row.add(text(values[i]));
      }
    }
    if (!Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, String.join(",", heading) + "\n");
    }
    Files.writeString(file, String.join(",", row) + "\n", StandardOpenOption.APPEND);
    System.out.println(file.getFileName() + ": " + String.join("  ", row));
  }

  private static String text(Object value) {
    return value instanceof Double d
        ? String.format(Locale.ROOT, "%.5g", d)
        : String.valueOf(value).replace(',', ';');
  }
}
