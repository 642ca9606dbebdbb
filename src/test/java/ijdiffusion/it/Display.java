package ijdiffusion.it;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A screen for windows: one of our own, made by Xvfb, or else the one the tests run on. */
final class Display implements AutoCloseable {
  private final Process server;
  private final String name;

  private Display(Process server, String name) {
    this.server = server;
    this.name = name;
  }

  /** Opens a screen if there is a way to have one. */
  static Display open() {
    if (!isOnPath("Xvfb")) {
      return new Display(null, System.getenv("DISPLAY"));
    }
    Process server;
    try {
      server =
          new ProcessBuilder(
                  "Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(server::destroyForcibly));
    try {
      String number =
          CompletableFuture.supplyAsync(() -> firstLine(server)).get(30, TimeUnit.SECONDS);
      return new Display(server, ":" + number);
    } catch (Exception e) {
      server.destroyForcibly();
      throw new IllegalStateException("Xvfb does not start", e);
    }
  }

  private static boolean isOnPath(String program) {
    String path = System.getenv("PATH");
    for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  private static String firstLine(Process process) {
    try (BufferedReader reader = process.inputReader()) {
      String line = reader.readLine();
      if (line == null) {
        throw new IllegalStateException("it said nothing");
      }
      return line.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether there is a screen. */
  boolean isOpen() {
    return name != null && !name.isEmpty();
  }

  /** For the environment variable DISPLAY. */
  String name() {
    return name;
  }

  @Override
  public void close() {
    if (server != null) {
      server.destroy();
      try {
        if (!server.waitFor(5, TimeUnit.SECONDS)) {
          server.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
