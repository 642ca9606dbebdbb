package ijdiffusion.it;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that cannot outlive its test; what it prints is kept. */
final class Child implements AutoCloseable {
  private final Process process;
  private final Path out;
  private final Path err;

  /**
   * What a process left behind.
   *
   * @param code exit code; a signal counts as 128 and its number
   * @param out what it printed
   * @param err what it printed as errors
   */
  record Outcome(int code, String out, String err) {
    @Override
    public String toString() {
      return "exit code " + code + "\n--- out\n" + out + "--- err\n" + err + "---";
    }
  }

  private Child(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts a process.
   *
   * @param folder where it runs and what it prints is kept
   * @param environment variables beyond the present ones; empty values take variables away
   * @param command program and arguments
   */
  static Child start(Path folder, Map<String, String> environment, List<String> command) {
    try {
      Path out = Files.createTempFile(folder, "out", ".txt");
      Path err = Files.createTempFile(folder, "err", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      builder.environment().values().removeIf(String::isEmpty);
      return new Child(builder.start(), out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the end, and fails with what every thread was doing when it does not come. */
  Outcome await(int seconds) {
    if (!endsWithin(seconds)) {
      String threads = threads();
      close();
      fail("No end after " + seconds + " s. " + outcome() + "\n" + threads);
    }
    return outcome();
  }

  /** Waits until a line has been printed. */
  void awaitLine(String line, int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (read(out).lines().noneMatch(line::equals)) {
      if (System.nanoTime() > end || !process.isAlive()) {
        String threads = threads();
        close();
        fail("\"" + line + "\" did not appear. " + outcome() + "\n" + threads);
      }
      endsWithin(0);
      pause();
    }
  }

  /** Asks the process to end, as a shutdown of the machine does. */
  void terminate() {
    process.destroy();
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean endsWithin(int seconds) {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Outcome outcome() {
    return new Outcome(process.isAlive() ? -1 : process.exitValue(), read(out), read(err));
  }

  /** Every thread's stack, as far as the process still answers. */
  private String threads() {
    if (!process.isAlive()) {
      return "";
    }
    Path file = out.resolveSibling("threads.txt");
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    try {
      Process dump =
          new ProcessBuilder(jcmd, Long.toString(process.pid()), "Thread.print")
              .redirectErrorStream(true)
              .redirectOutput(file.toFile())
              .start();
      if (!dump.waitFor(10, TimeUnit.SECONDS)) {
        dump.destroyForcibly();
      }
      return read(file);
    } catch (IOException e) {
      return "No thread dump: " + e.getMessage();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the process at once if it still runs. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    endsWithin(10);
  }
}
