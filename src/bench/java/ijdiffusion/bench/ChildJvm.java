package ijdiffusion.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A fresh JVM with this one's class path, and the figures that it prints. */
final class ChildJvm {
  /** Settings of the benchmark, the engine and DJL. */
  private static final Pattern PASSED_ON =
      Pattern.compile("(bench|diffusion|ai\\.djl)\\..*|DJL_CACHE_DIR|OPT_OUT_TRACKING");

  private ChildJvm() {}

  /**
   * What came out.
   *
   * @param figures lines {@code figure NAME NUMBER} of its output
   * @param nanos from before it was started until after it had ended
   */
  record Outcome(Map<String, Double> figures, long nanos) {}

  /**
   * Runs a class to its end.
   *
   * @param heap of the JVM, as in {@code 1g}
   */
  static Outcome run(String heap, String mainClass, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx" + heap,
                "-Djava.awt.headless=true"));
    System.getProperties()
        .forEach(
            (key, value) -> {
              if (PASSED_ON.matcher(key.toString()).matches()) {
                command.add("-D" + key + "=" + value);
              }
            });
    command.add(mainClass);
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // not on the command line: ONNX Runtime 1.29 crashes where that is long
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Map<String, Double> figures = new HashMap<>();
    StringBuilder said = new StringBuilder();
    long start = System.nanoTime();
    Process process = builder.start();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] words = line.split(" ");
        if (words.length == 3 && words[0].equals("figure")) {
          figures.put(words[1], Double.parseDouble(words[2]));
        } else {
          if (words[0].endsWith(".csv:")) {
            System.out.println(line);
          }
          said.append(line).append('\n');
        }
      }
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(mainClass + " ended with " + code + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroy();
      throw new IOException(e);
    }
    return new Outcome(figures, System.nanoTime() - start);
  }

  /** What a child says of itself. */
  static void tell(String name, double value) {
    System.out.println("figure " + name + " " + value);
  }
}
