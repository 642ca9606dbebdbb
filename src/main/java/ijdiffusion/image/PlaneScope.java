package ijdiffusion.image;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which planes of an image a run works on, and which of them the network is shown together: a
 * one-channel network takes plane by plane; a network of as many channels as a composite image has
 * takes all channels of a position at once; RGB planes go through either.
 *
 * @param units stack indices, from 1, of planes taken together; ascending, none twice
 * @param isWhole whether these are all planes of the image
 */
public record PlaneScope(List<List<Integer>> units, boolean isWhole) {
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?");

  public PlaneScope {
    units = units.stream().map(List::copyOf).toList();
  }

  /**
   * Reads a scope.
   *
   * @param image the image
   * @param planes {@code current}, {@code all}, a stack index like {@code 3}, or a range of stack
   *     indices like {@code 2-10}
   * @param channels channels of the network
   * @param model name of the network, for messages
   */
  public static PlaneScope of(ImagePlus image, String planes, int channels, String model) {
    int size = image.getStackSize();
    int together = together(image, channels, model);
    int first;
    int last;
    Matcher range = RANGE.matcher(planes.trim());
    switch (planes.trim().toLowerCase(Locale.ROOT)) {
      case "all" -> {
        first = 1;
        last = size;
      }
      case "current" -> {
        first = (image.getCurrentSlice() - 1) / together * together + 1;
        last = first + together - 1;
      }
      default -> {
        if (!range.matches()) {
          throw new DiffusionException(
              "planes is \"" + planes + "\", but must be current, all, or a range like 2-10.");
        }
        first = Integer.parseInt(range.group(1));
        last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
        if (first < 1 || last < first || last > size) {
          throw new DiffusionException(
              "planes is "
                  + planes
                  + ", but \""
                  + image.getTitle()
                  + "\" has planes 1 to "
                  + size
                  + "; write the smaller number first.");
        }
      }
    }
    if ((first - 1) % together != 0 || last % together != 0) {
      throw new DiffusionException(
          "planes is "
              + planes
              + ", which takes apart the "
              + together
              + " channels that model "
              + model
              + " sees together; use all, current or a range like 1-"
              + 2 * together
              + ".");
    }
    List<List<Integer>> units = new ArrayList<>();
    for (int i = first; i <= last; i += together) {
      List<Integer> unit = new ArrayList<>();
      for (int c = 0; c < together; c++) {
        unit.add(i + c);
      }
      units.add(unit);
    }
    return new PlaneScope(units, last - first + 1 == size);
  }

  private static int together(ImagePlus image, int channels, String model) {
    boolean rgb = image.getType() == ImagePlus.COLOR_RGB;
    if (channels == 1 || (rgb && channels == 3)) {
      return 1;
    }
    int own = image.getNChannels();
    if (!rgb && channels == own) {
      return own;
    }
    throw new DiffusionException(
        "Model "
            + model
            + " works on images with "
            + channels
            + " channels, but this one has "
            + (rgb ? 3 : own)
            + "; choose another model or convert the image (Image > Type, or Image > Color >"
            + " Make Composite).");
  }

  /** A copy of the plane that is shown. */
  public static Plane shown(ImagePlus image) {
    return Plane.copyOf(image, List.of(image.getCurrentSlice()));
  }

  /** All stack indices, ascending. */
  public List<Integer> slices() {
    return units.stream().flatMap(List::stream).toList();
  }

  /**
   * The pixels of planes taken together.
   *
   * @param image the image
   * @param unit from 0
   * @return a copy; of a virtual stack, only this is read from disk
   */
  public Plane plane(ImagePlus image, int unit) {
    return Plane.copyOf(image, units.get(unit));
  }
}
