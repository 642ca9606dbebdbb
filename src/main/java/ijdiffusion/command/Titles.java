package ijdiffusion.command;

import ij.ImagePlus;

/** Titles of results. */
final class Titles {
  private Titles() {}

  /** The title without a file name's extension, and a suffix. */
  static String withSuffix(ImagePlus image, String suffix) {
    String title = image.getTitle();
    int dot = title.lastIndexOf('.');
    return (dot > 0 && title.length() - dot <= 5 ? title.substring(0, dot) : title) + suffix;
  }
}
