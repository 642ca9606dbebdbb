package ijdiffusion.command;

import com.sun.management.OperatingSystemMXBean;
import ijdiffusion.card.ModelCard;
import ijdiffusion.model.Tiling;
import ijdiffusion.onnx.RunMemory;
import java.lang.management.ManagementFactory;

/** How large a tile may be for what a network needs in memory. */
final class NetworkMemory {
  private NetworkMemory() {}

  /**
   * Pixels of a tile for which the network takes a quarter of the machine's memory: of all of it,
   * not of what happens to be free, so that the same image is cut alike every time.
   */
  static long pixels(ModelCard card) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return (long) (system.getTotalMemorySize() / 4 / RunMemory.bytesPerPixel(card.weights()));
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
    double megabytes = RunMemory.bytesPerPixel(card.weights()) * pixels / 1e6;
    return megabytes < 1000
        ? Math.max(1, Math.round(megabytes)) + " MB"
        : Math.round(megabytes / 100) / 10.0 + " GB";
  }
}
