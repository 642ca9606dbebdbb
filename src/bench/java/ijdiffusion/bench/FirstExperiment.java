package ijdiffusion.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * From the command to the first network call, cold in a fresh JVM and warm in the same: {@code
 * jvm_start} (the JVM itself), {@code card} (the catalogue and the model's card), {@code
 * native_load} (ONNX Runtime), {@code open} (reading, checking, the session and its graph
 * optimisation), {@code first_call} at 64 x 64; {@code total}, their sum; the same {@code warm};
 * sessions by level of optimisation; {@code command}: the whole command {@code Diffusion Generate}
 * with two network calls on the command line, from start to exit.
 */
final class FirstExperiment implements BenchExperiment {
  private static final List<String> FIGURES =
      List.of(
          "jvm_start",
          "card",
          "native_load",
          "open",
          "first_call",
          "total",
          "warm_card",
          "warm_open",
          "warm_first_call",
          "kept_open",
          "read_and_hash",
          "session_no_opt",
          "session_basic_opt",
          "session_extended_opt",
          "session_all_opt",
          "command");

  @Override
  public String name() {
    return "first";
  }

  @Override
  public void run(BenchSettings settings) throws IOException {
    List<Map<String, Double>> rounds = new ArrayList<>();
    int count = settings.rounds(11);
    Path picture = Files.createTempFile("first", ".tif");
    try {
      for (int round = 0; round < count; round++) {
        Map<String, Double> figures = ChildJvm.run("1g", FirstCall.class.getName()).figures();
        figures.put("command", command(picture));
        rounds.add(figures);
      }
    } finally {
      Files.delete(picture);
    }
    Table table = Table.begin(settings.out().resolve("first.csv"), "part", "ms");
    for (String figure : FIGURES) {
      double[] values = rounds.stream().mapToDouble(r -> r.get(figure)).toArray();
      table.add(figure, Spread.of(values));
    }
  }

  private static double command(Path picture) throws IOException {
    return ChildJvm.run(
                "1g",
                "ijdiffusion.command.Main",
                "run",
                "Diffusion Generate...",
                "--out",
                picture.toString(),
                "--options",
                "model=" + Subject.MODEL + " steps=2 width=64 height=64")
            .nanos()
        / 1e6;
  }
}
