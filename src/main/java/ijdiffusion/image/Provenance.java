package ijdiffusion.image;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an image was made, as lines of text in its Info (Image &gt; Show Info...), where TIFF files
 * keep it. A block starts with a title line; every other line is {@code diffusion.key: value}. Runs
 * on results append blocks; {@link #of} reads the last.
 *
 * @param fields keys without prefix, in order; neither keys nor values hold line breaks
 */
public record Provenance(Map<String, String> fields) {
  private static final String TITLE = "--- made by Diffusion for ImageJ: pixels were invented ---";
  private static final String PREFIX = "diffusion.";

  public Provenance {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    fields.forEach(
        (key, value) -> {
          if (key.contains(":") || (key + value).contains("\n")) {
            throw new IllegalArgumentException(
                "Provenance field " + key + ": " + value + " does not fit on a line");
          }
        });
  }

  /** Appends this record to an image's Info. */
  public void addTo(ImagePlus image) {
    StringBuilder info = new StringBuilder();
    String before = image.getInfoProperty();
    if (before != null && !before.isEmpty()) {
      info.append(before);
      if (!before.endsWith("\n")) {
        info.append('\n');
      }
    }
    info.append(TITLE).append('\n');
    fields.forEach(
        (key, value) -> info.append(PREFIX).append(key).append(": ").append(value).append('\n'));
    image.setProperty("Info", info.toString());
  }

  /**
   * Adds lines to the record of the latest run that made an image.
   *
   * @param image an image that has one
   */
  public static void amend(ImagePlus image, Map<String, String> more) {
    String info = image.getInfoProperty();
    StringBuilder out = new StringBuilder(info.endsWith("\n") ? info : info + "\n");
    new Provenance(more)
        .fields.forEach(
            (key, value) -> out.append(PREFIX).append(key).append(": ").append(value).append('\n'));
    image.setProperty("Info", out.toString());
  }

  /**
   * The record of the latest run that made an image.
   *
   * @return empty when there is none
   */
  public static Optional<Provenance> of(ImagePlus image) {
    List<Provenance> all = all(image);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /** The records of all runs on the way to an image, the latest last. */
  public static List<Provenance> all(ImagePlus image) {
    String info = image.getInfoProperty();
    List<Provenance> records = new ArrayList<>();
    int start = info == null ? -1 : info.indexOf(TITLE);
    while (start >= 0) {
      int next = info.indexOf(TITLE, start + TITLE.length());
      records.add(parse(info.substring(start, next < 0 ? info.length() : next)));
      start = next;
    }
    return records;
  }

  private static Provenance parse(String block) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : block.split("\\R", -1)) {
      int colon = line.indexOf(": ");
      if (line.startsWith(PREFIX) && colon > 0) {
        fields.put(line.substring(PREFIX.length(), colon), line.substring(colon + 2));
      }
    }
    return new Provenance(fields);
  }

  /** A field that may be missing, as records of older versions have fewer. */
  public Optional<String> find(String key) {
    return Optional.ofNullable(fields.get(key));
  }

  /**
   * A field that must be there.
   *
   * @throws DiffusionException when it is not
   */
  public String get(String key) {
    String value = fields.get(key);
    if (value == null) {
      throw new DiffusionException(
          "The record says the image was made by Diffusion for ImageJ, but has no line \""
              + PREFIX
              + key
              + "\"; take the Info of the image as the command made it.");
    }
    return value;
  }
}
