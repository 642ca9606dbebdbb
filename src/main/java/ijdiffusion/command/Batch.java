package ijdiffusion.command;

import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A command on many image files, one after the other. A file that fails is reported, and the next
 * one is done. Each result is what a run on its file alone makes: it does not depend on the other
 * files. A result is moved into place when it is complete, so that whatever lies there is whole.
 *
 * @param label the command
 * @param out folder of the results, made where there is none; a result has its image's name and
 *     {@code .tif}
 * @param mask mask image for all files, or folder of masks with the images' names; or null
 * @param roi selection file for all, or folder of them; or null
 * @param options macro options
 * @param json whether to write the record beside each result
 * @param skipExisting whether to leave out images whose result is there
 * @param seedPerFile whether each file gets a seed of its own, see {@link #seed(long, String)}
 */
public record Batch(
    String label,
    Path out,
    Path mask,
    Path roi,
    String options,
    boolean json,
    boolean skipExisting,
    boolean seedPerFile) {
  /** Name of the table in the folder of the results. */
  static final String TABLE = "batch.csv";

  private static final String HEADER = "file,state,seconds,seed,message" + System.lineSeparator();

  /** What became of a file. */
  enum State {
    DONE,
    SKIPPED,
    FAILED
  }

  /**
   * A file's line of the table.
   *
   * @param file name of the image
   * @param seconds how long it took
   * @param seed the seed, empty for a command that has none
   * @param message why it failed, else empty
   */
  record Line(String file, State state, double seconds, String seed, String message) {
    String csv() {
      return String.join(
          ",",
          quoted(file),
          word(state),
          duration(),
          seed,
          quoted(message) + System.lineSeparator());
    }

    String text(int width) {
      String line = row(width, file, word(state), duration());
      return message.isEmpty() ? line : line + "  " + message;
    }

    private String duration() {
      return String.format(Locale.ROOT, "%.1f", seconds);
    }

    private static String quoted(String text) {
      boolean plain = !text.contains(",") && !text.contains("\"") && !text.contains("\n");
      return plain ? text : "\"" + text.replace("\"", "\"\"") + "\"";
    }
  }

  /** What became of all files. */
  record Report(List<Line> lines) {
    long count(State state) {
      return lines.stream().filter(line -> line.state == state).count();
    }

    long failed() {
      return count(State.FAILED);
    }

    String csv() {
      return lines.stream().map(Line::csv).collect(Collectors.joining("", HEADER, ""));
    }

    String summary() {
      return count(State.DONE)
          + " done, "
          + count(State.SKIPPED)
          + " skipped, "
          + failed()
          + " failed";
    }
  }

  /**
   * For macros, as a loop in the macro language ends at the first failure: {@code
   * call("ijdiffusion.command.Batch.run", "Diffusion Upscale...", "/in/*.tif", "/out",
   * "steps=20")}. Results that are there are left out, so that the same call goes on where another
   * ended.
   *
   * @param label the command
   * @param in folder of images, or pattern of file names
   * @param out folder of the results
   * @param options macro options
   * @return the table {@code batch.csv} as text
   * @throws DiffusionException where nothing could be begun; in a macro the reason goes to the Log
   */
  public static String run(String label, String in, String out, String options) {
    return MenuPlugIn.inMacro(
        label,
        () -> {
          Path folder = BatchFiles.path("out", out);
          Batch batch = new Batch(label, folder, null, null, options, false, true, false);
          return batch.run(in, null).csv();
        });
  }

  /** Whether a text means many files: a folder, or a pattern that is no file's name. */
  static boolean isMany(String in) {
    return BatchFiles.isMany(in);
  }

  /**
   * Runs.
   *
   * @param in folder of images, or pattern of file names
   * @param print where the table goes line by line, or null
   * @throws DiffusionException when nothing can be begun: no images, wrong options, no folder
   */
  Report run(String in, PrintStream print) {
    checkCommand();
    List<Path> images = BatchFiles.images(in);
    Map<Path, Path> results = results(images);
    createFolder();
    int width = images.stream().mapToInt(f -> name(f).length()).max().orElse(0);
    width = Math.max(width, "file".length());
    print(print, row(width, "file", "state", "seconds") + "  message");
    List<Line> lines = new ArrayList<>();
    write(HEADER, false);
    for (Map.Entry<Path, Path> e : results.entrySet()) {
      Line line = one(e.getKey(), e.getValue());
      lines.add(line);
      write(line.csv(), true);
      print(print, line.text(width));
    }
    Report report = new Report(List.copyOf(lines));
    print(print, report.summary() + "; the table is in " + out.resolve(TABLE));
    return report;
  }

  private static String row(int width, String file, String state, String seconds) {
    return String.format("%-" + width + "s  %-7s  %8s", file, state, seconds);
  }

  private static void print(PrintStream print, String line) {
    if (print != null) {
      print.println(line);
    }
  }

  // --- one file

  private Line one(Path image, Path result) {
    long start = System.nanoTime();
    String seed = seedOf(image);
    State state = State.DONE;
    String message = "";
    if (skipExisting && Files.exists(result)) {
      state = State.SKIPPED;
    } else {
      try {
        make(image, result, seed);
      } catch (Cancelled e) {
        throw e;
      } catch (DiffusionException e) {
        state = State.FAILED;
        message = e.getMessage();
      } catch (RuntimeException | IOException e) {
        // a fault of ours or of the disk with one file must not cost the night's others
        state = State.FAILED;
        message = "unexpected: " + e;
      } catch (OutOfMemoryError e) {
        state = State.FAILED;
        message = "there is not enough memory; use more (-Xmx), or fewer planes at a time.";
      }
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    return new Line(name(image), state, seconds, seed, message.replaceAll("\\s*\\R\\s*", " "));
  }

  /** Into a folder of its own first; the result itself comes into place last. */
  private void make(Path image, Path result, String seed) throws IOException {
    Path unfinished = Files.createTempDirectory(out, ".unfinished");
    try {
      FileRun.run(
          label,
          image,
          BatchFiles.companion("--mask", mask, image),
          BatchFiles.companion("--roi", roi, image),
          unfinished.resolve(result.getFileName()),
          withSeed(seed),
          json);
      List<Path> made = BatchFiles.list(unfinished);
      made.sort(Comparator.comparing(f -> f.getFileName().equals(result.getFileName())));
      for (Path file : made) {
        Files.move(file, out.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      for (Path rest : BatchFiles.list(unfinished)) {
        Files.delete(rest);
      }
      Files.delete(unfinished);
    }
  }

  private String seedOf(Path image) {
    DiffusionCommand command = FileRun.command(label, options);
    return Parameters.of(command.getClass()).stream()
        .filter(s -> s.key().equals("seed"))
        .findFirst()
        .map(s -> (long) s.get(command))
        .map(base -> "" + (seedPerFile ? seed(base, name(image)) : base))
        .orElse("");
  }

  /**
   * The seed of a file where each has its own: the first 31 bits of the SHA-256 of seed, a line
   * feed and the file's name in UTF-8. So it does not depend on which other files there are.
   */
  static long seed(long base, String name) {
    try {
      byte[] key = (base + "\n" + name).getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(key);
      long bits = 0;
      for (int i = 0; i < 4; i++) {
        bits = bits << 8 | hash[i] & 0xff;
      }
      return bits >>> 1;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private String withSeed(String seed) {
    if (!seedPerFile) {
      return options;
    }
    DiffusionCommand command = FileRun.command(label, options);
    Parameters.of(command.getClass()).stream()
        .filter(s -> s.key().equals("seed"))
        .forEach(s -> s.parse(command, seed));
    return Parameters.toOptions(command);
  }

  // --- before anything runs

  private void checkCommand() {
    DiffusionCommand command = FileRun.command(label, options);
    if (command instanceof GenerateCommand) {
      throw new DiffusionException(label + " makes images from nothing; leave --in out.");
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    Parameters.of(command.getClass()).forEach(s -> settings.put(s.key(), s.get(command)));
    if (!settings.getOrDefault("folder", "").toString().isBlank()) {
      throw new DiffusionException(
          "folder is \""
              + settings.get("folder")
              + "\", but each of many images would need its own; leave folder out.");
    }
    if (seedPerFile && !settings.containsKey("seed")) {
      throw new DiffusionException(label + " has no seed; leave --seed-per-file out.");
    }
    if (mask != null && roi != null) {
      throw new DiffusionException("Both --mask and --roi are given; give one.");
    }
  }

  /** Images and their results; no two of them, and no image, may share a file. */
  private Map<Path, Path> results(List<Path> images) {
    Map<Path, Path> results = new LinkedHashMap<>();
    Map<String, Path> takenBy = new LinkedHashMap<>();
    for (Path image : images) {
      Path result = out.resolve(BatchFiles.stem(image) + ".tif");
      // some file systems do not tell A from a
      Path other = takenBy.put(name(result).toLowerCase(Locale.ROOT), image);
      if (other != null) {
        throw new DiffusionException(
            "\""
                + name(other)
                + "\" and \""
                + name(image)
                + "\" would have the same result \""
                + name(result)
                + "\"; choose them by patterns such as *.tif.");
      }
      results.put(image, result);
    }
    Path folder = out.toAbsolutePath().normalize();
    if (images.get(0).toAbsolutePath().normalize().getParent().equals(folder)) {
      throw new DiffusionException(
          "--out is \"" + out + "\", the folder of the images themselves; choose another one.");
    }
    return results;
  }

  private void createFolder() {
    try {
      Files.createDirectories(out);
    } catch (FileAlreadyExistsException e) {
      throw new DiffusionException(
          "--out is \"" + out + "\", a file; give a folder for many images.", e);
    } catch (IOException e) {
      throw new DiffusionException("There is no folder \"" + out + "\", and none can be made.", e);
    }
  }

  private void write(String text, boolean append) {
    Path table = out.resolve(TABLE);
    try {
      if (append) {
        Files.writeString(table, text, StandardOpenOption.APPEND);
      } else {
        Files.writeString(table, text);
      }
    } catch (IOException e) {
      throw new DiffusionException("\"" + table + "\" cannot be written; check the folder.", e);
    }
  }

  private static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }
}
