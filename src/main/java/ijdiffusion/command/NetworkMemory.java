package ijdiffusion.command;

import com.sun.management.OperatingSystemMXBean;
import ijdiffusion.card.ModelCard;
import ijdiffusion.model.Tiling;
import java.lang.management.ManagementFactory;

/** How large a tile may be for what a network needs in memory. */
final class NetworkMemory {
  /**
   * What a pixel takes while a network with a megabyte of weights (stored in 16 bits) runs: the
   * bundled one of 10 MB takes 0.9 KB, measured on tiles of 512 and 1024 pixels.
   */
  private static final double BYTES_PER_PIXEL_AND_MEGABYTE = 100;

  private static final double LEAST_BYTES_PER_PIXEL = 1000;

  private NetworkMemory() {}

  /**
   * Pixels of a tile for which the network takes a quarter of the machine's memory: of all of it,
   * not of what happens to be free, so that the same image is cut alike every time.
   */
  static long pixels(ModelCard card) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return (long) (system.getTotalMemorySize() / 4 / bytesPerPixel(card));
  }

  /** What the network takes, roughly, for one tile: {@code 9 MB}, {@code 1.2 GB}. */
  static String words(ModelCard card, Tiling tiling) {
    long tile =
        (long) Math.min(tiling.tile(), tiling.width())
            * Math.min(tiling.tileHeight(), tiling.height());
    return words(card, tile);
  }

  /** What the network takes, roughly, for so many pixels at a time. */
  static String words(ModelCard card, long pixels) {
    double megabytes = bytesPerPixel(card) * pixels / 1e6;
    return megabytes < 1000
        ? Math.max(1, Math.round(megabytes)) + " MB"
        : Math.round(megabytes / 100) / 10.0 + " GB";
  }

  private static double bytesPerPixel(ModelCard card) {
    double megabytes = card.weights().bytes() / 1e6;
    return Math.max(LEAST_BYTES_PER_PIXEL, BYTES_PER_PIXEL_AND_MEGABYTE * megabytes);
  }
}
