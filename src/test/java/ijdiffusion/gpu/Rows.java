package ijdiffusion.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was found, a line each, written down at once: a machine may go away in the middle. */
public final class Rows {
  private static final String HEADER = "part,case,setting,quantity,value\n";

  private final Path file;
  private final List<Row> rows = new ArrayList<>();

  /**
   * A figure.
   *
   * @param part of the check
   * @param what was run
   * @param setting how
   * @param quantity what the figure is, with its unit
   */
  public record Row(String part, String what, String setting, String quantity, double value) {}

  /**
   * @param file the CSV, written anew
   */
  public Rows(Path file) throws IOException {
    this.file = file;
    Files.writeString(file, HEADER);
  }

  /** Adds a figure. */
  public void add(String part, String what, String setting, String quantity, double value) {
    Row row = new Row(part, what, setting, quantity, value);
    rows.add(row);
    String line =
        String.format(Locale.ROOT, "%s,\"%s\",%s,%s,%.6g%n", part, what, setting, quantity, value);
    System.out.print(line);
    try {
      Files.writeString(file, line, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the lines that another program wrote in the same form, without quotes. */
  void addAll(Path csv) throws IOException {
    for (String line : Files.readAllLines(csv)) {
      String[] cell = line.split(",");
      if (cell.length == 5 && !line.startsWith("part,")) {
        add(cell[0], cell[1], cell[2], cell[3], Double.parseDouble(cell[4]));
      }
    }
  }

  /** The figures of a part. */
  public List<Row> of(String part) {
    return rows.stream().filter(row -> row.part.equals(part)).toList();
  }
}
