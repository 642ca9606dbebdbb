package ijdiffusion.card;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes folders as diffusers writes them. */
public final class DiffusersFolder {
  /** The network of model gauss-ve, which is told sigma and says the score. */
  public static final Path TOLD_SIGMA = CardFolder.MODELS.resolve("gauss-ve/model.onnx");

  /** The network of model gauss-diffusers, which is told an index. */
  public static final Path TOLD_INDEX =
      CardFolder.MODELS.resolve("gauss-diffusers/unet/model.onnx");

  private DiffusersFolder() {}

  /**
   * All three files in one folder.
   *
   * @param config further fields of {@code config.json}, each with a comma before it
   * @param scheduler the class of the scheduler and its fields, without braces and class key
   */
  public static Path flat(Path folder, Path network, String config, String scheduler)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config(config));
    Files.writeString(
        folder.resolve("scheduler_config.json"), "{\"_class_name\": \"" + scheduler + "}");
    Files.write(folder.resolve("model.onnx"), Files.readAllBytes(network));
    return folder;
  }

  /** A {@code config.json} of a network of one grey channel. */
  public static String config(String more) {
    String base =
        "{\"_class_name\": \"UNet2DModel\", \"in_channels\": 1, \"out_channels\": 1,"
            + " \"block_out_channels\": [8, 16]";
    // a later field replaces the one of the base
    for (String key : new String[] {"_class_name", "in_channels", "out_channels"}) {
      if (more.contains("\"" + key + "\"")) {
        base = base.replaceFirst("\"" + key + "\": [^,]*,? ?", "");
      }
    }
    return (base + more + "}").replace("{, ", "{");
  }
}
