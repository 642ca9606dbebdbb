package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A network itself.
 *
 * @param network the ONNX file, with its hash, or without where nobody stated it
 * @param externalData the file that holds its weights, where they are not in the ONNX file; with
 *     its hash where the network has one
 */
public record Weights(CardFile network, Optional<CardFile> externalData) {
  private static final int SHOWN = 3;

  public Weights {
    boolean stated = network.sha256().isPresent();
    if (stated && externalData.filter(data -> data.sha256().isEmpty()).isPresent()) {
      throw new DiffusionException(
          "Model file "
              + show(externalData.get().file())
              + " has no SHA-256; the card must state it.");
    }
  }

  /**
   * A network whose weights are in the ONNX file.
   *
   * @param file the ONNX file; may lie inside a jar
   * @param sha256 SHA-256 of its bytes, 64 lower-case hexadecimal digits
   */
  public Weights(Path file, String sha256) {
    this(
        new CardFile(file.toAbsolutePath().getParent(), file, Optional.of(sha256)),
        Optional.empty());
  }

  /**
   * A network without a card, of which nobody stated the SHA-256, so that it is not checked when it
   * is loaded. Where its weights are is read from the ONNX file.
   *
   * @throws DiffusionException when that cannot be read, or names files that cannot be taken
   */
  public static Weights unstated(Path file) {
    return cardless(file, false);
  }

  /** As {@link #unstated}, with the SHA-256 that the files have now. */
  static Weights hashed(Path file) {
    return cardless(file, true);
  }

  private static Weights cardless(Path file, boolean hashed) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    Optional<Path> further = further(file, folder, OnnxHeader.read(file).externalData());
    return new Weights(
        asItIs(folder, file, hashed), further.map(data -> asItIs(folder, data, hashed)));
  }

  private static CardFile asItIs(Path folder, Path file, boolean hashed) {
    return new CardFile(folder, file, hashed ? Optional.of(FileHash.of(file)) : Optional.empty());
  }

  private static Optional<Path> further(Path network, Path folder, List<String> names) {
    if (names.isEmpty()) {
      return Optional.empty();
    }
    String keeps = "Model file " + show(network) + " keeps its weights in ";
    if (names.size() > 1) {
      throw new DiffusionException(
          keeps
              + names.size()
              + " further files ("
              + String.join(", ", names.subList(0, Math.min(SHOWN, names.size())))
              + (names.size() > SHOWN ? ", ..." : "")
              + "), of which there may be one; export it with all weights in one file.");
    }
    String name = names.get(0);
    Path data =
        CardFile.inside(folder, name)
            .filter(path -> !path.equals(folder.resolve(network.getFileName())))
            .orElseThrow(
                () ->
                    new DiffusionException(
                        keeps
                            + "\""
                            + name
                            + "\", which is not the name of a file beside it; export it anew."));
    if (!Files.isRegularFile(data)) {
      throw new DiffusionException(
          keeps + "the file " + name + ", which is not beside it; put that file there too.");
    }
    return Optional.of(data);
  }

  /** The ONNX file; may lie inside a jar. */
  public Path file() {
    return network.file();
  }

  /**
   * SHA-256 of the ONNX file, 64 lower-case hexadecimal digits. Where it was not stated the file is
   * read when this is asked for the first time, and again only after it has changed.
   */
  public String sha256() {
    return network.sha256().orElseGet(() -> FileHash.of(file()));
  }

  /** As {@link #sha256} of the file that holds the weights, where there is one. */
  public Optional<String> externalDataSha256() {
    return externalData.map(data -> data.sha256().orElseGet(() -> FileHash.of(data.file())));
  }

  /**
   * Bytes of its files, for guesses of what the network takes.
   *
   * @return 0 where they cannot be read; opening it says why
   */
  public long bytes() {
    try {
      return Files.size(file()) + externalData.map(CardFile::size).orElse(0L);
    } catch (IOException | DiffusionException e) {
      return 0;
    }
  }

  static boolean isSha256(String text) {
    return CardFile.isSha256(text);
  }

  /**
   * Reads the ONNX file and checks that it is the one the card describes.
   *
   * @return its bytes in a direct buffer, position 0
   */
  public ByteBuffer load() {
    return network.load();
  }

  /** Checks that the files are there and are the ones the card describes. */
  public void verify() {
    network.verify();
    externalData.ifPresent(CardFile::verify);
  }

  /** A path as a user knows it; inside a jar with the jar's name. */
  static String show(Path path) {
    return CardFile.show(path);
  }
}
