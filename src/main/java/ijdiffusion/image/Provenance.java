package ijdiffusion.image;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import java.util.Collections;
import java.util.LinkedHashMap;
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
   * The record of the latest run that made an image.
   *
   * @return empty when there is none
   */
  public static Optional<Provenance> of(ImagePlus image) {
    String info = image.getInfoProperty();
    int start = info == null ? -1 : info.lastIndexOf(TITLE);
    if (start < 0) {
      return Optional.empty();
    }
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : info.substring(start + TITLE.length()).split("\\R", -1)) {
      int colon = line.indexOf(": ");
      if (line.startsWith(PREFIX) && colon > 0) {
        fields.put(line.substring(PREFIX.length(), colon), line.substring(colon + 2));
      }
    }
    return Optional.of(new Provenance(fields));
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
          "The image's Info says it was made by Diffusion for ImageJ, but has no line \""
              + PREFIX
              + key
              + "\".");
    }
    return value;
  }
}
