package ijdiffusion.command;

import ij.ImagePlus;
import ij.WindowManager;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.Provenance;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where a record of a run is found: in an open image, an image file, or a JSON file.
 *
 * @param title of the image, or the file's name
 * @param runs the latest last, at least one
 */
record Records(String title, List<Provenance> runs) {
  /** The word for the image in front. */
  static final String CURRENT = "current";

  Provenance latest() {
    return runs.get(runs.size() - 1);
  }

  /**
   * Finds a record.
   *
   * @param result {@code current}, title of an open image, or path of an image or JSON file
   * @param front the current image, or null
   */
  static Records find(String result, ImagePlus front) {
    if (isCurrent(result)) {
      if (front == null) {
        throw new DiffusionException(
            "No image is open; open a result, or give the path of one or of its JSON as result.");
      }
      return of(front);
    }
    if (result.toLowerCase(Locale.ROOT).endsWith(".json") && path(result) != null) {
      Path file = path(result);
      return new Records(file.getFileName().toString(), List.of(ProvenanceJson.read(file)));
    }
    return of(image("result", result));
  }

  static boolean isCurrent(String text) {
    return text.isBlank() || text.trim().equalsIgnoreCase(CURRENT);
  }

  private static Records of(ImagePlus image) {
    List<Provenance> runs = Provenance.all(image);
    if (runs.isEmpty()) {
      throw new DiffusionException(
          "\""
              + image.getTitle()
              + "\" was not made by Diffusion for ImageJ, as its Info has no record of it; choose a"
              + " result, or its JSON.");
    }
    return new Records(image.getTitle(), runs);
  }

  /**
   * An image by what a macro says.
   *
   * @param key the option, for the message
   * @param text title of an open image, or path of a file
   */
  static ImagePlus image(String key, String text) {
    for (ImagePlus open : open()) {
      if (open.getTitle().equals(text)) {
        return open;
      }
    }
    if (path(text) != null) {
      return FileRun.open(path(text));
    }
    throw new DiffusionException(
        key
            + " is \""
            + text
            + "\", but there is no open image of that title and no file of that path.");
  }

  /** All open images, the current one first. */
  static List<ImagePlus> open() {
    List<ImagePlus> images = new ArrayList<>();
    if (WindowManager.getCurrentImage() != null) {
      images.add(WindowManager.getCurrentImage());
    }
    int[] ids = WindowManager.getIDList();
    for (int i = 0; ids != null && i < ids.length; i++) {
      ImagePlus image = WindowManager.getImage(ids[i]);
      if (image != null && !images.contains(image)) {
        images.add(image);
      }
    }
    return images;
  }

  /** The file of a text, or null. */
  private static Path path(String text) {
    try {
      Path file = Path.of(text.trim());
      return Files.isRegularFile(file) ? file : null;
    } catch (InvalidPathException e) {
      return null; // a title may be anything
    }
  }
}
