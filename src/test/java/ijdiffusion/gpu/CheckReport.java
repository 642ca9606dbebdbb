package ijdiffusion.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The figures as a section of docs/performance.md. */
final class CheckReport {
  private static final List<String> PARTS = List.of("oracle", "call", "edit", "time", "torch");
  private static final List<String> TITLES =
      List.of(
          "Exact networks: error of one call",
          "One network call, device against CPU",
          "Commands, device against CPU",
          "Time, memory and use",
          "PyTorch on the same device");

  private final StringBuilder text = new StringBuilder();

  /**
   * Writes the section.
   *
   * @param machine lines that say what it was measured on
   */
  static void write(Rows rows, List<String> machine, Path file) throws IOException {
    CheckReport report = new CheckReport();
    report.text.append("## CUDA\n\nMeasured by `scripts/gpu-check.sh`.\n\n");
    machine.forEach(line -> report.text.append("- ").append(line).append('\n'));
    for (int i = 0; i < PARTS.size(); i++) {
      List<Rows.Row> of = rows.of(PARTS.get(i));
      if (!of.isEmpty()) {
        report.table(TITLES.get(i), of);
      }
    }
    Files.writeString(file, report.text);
  }

  /** A line for each case and setting, a column for each quantity. */
  private void table(String title, List<Rows.Row> rows) {
    Set<String> quantities = new LinkedHashSet<>();
    Set<List<String>> lines = new LinkedHashSet<>();
    for (Rows.Row row : rows) {
      quantities.add(row.quantity());
      lines.add(List.of(row.what(), row.setting()));
    }
    text.append("\n### ").append(title).append("\n\n| | setting |");
    quantities.forEach(q -> text.append(' ').append(q).append(" |"));
    text.append("\n|---|---|").append("---|".repeat(quantities.size())).append('\n');
    for (List<String> line : lines) {
      text.append("| ").append(line.get(0)).append(" | ").append(line.get(1)).append(" |");
      for (String quantity : quantities) {
        text.append(' ').append(cell(rows, line, quantity)).append(" |");
      }
      text.append('\n');
    }
  }

  private static String cell(List<Rows.Row> rows, List<String> line, String quantity) {
    return rows.stream()
        .filter(
            r ->
                List.of(r.what(), r.setting()).equals(line)
                    && r.quantity().equals(quantity)
                    && !Double.isNaN(r.value()))
        .map(r -> String.format(Locale.ROOT, "%.3g", r.value()))
        .findFirst()
        .orElse("");
  }
}
