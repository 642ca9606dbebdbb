package ijdiffusion.onnx;

import ijdiffusion.DiffusionException;
import java.util.Locale;

/**
 * How a CUDA device is used, from Java's system properties: {@value #DEVICE}, the number of the
 * device; {@value #MEMORY}, the most memory that a network may take there, in GiB; {@value #TF32},
 * whether tensor cores may round factors to 10 bits. They are read whenever a network is opened.
 *
 * @param device number of the device, from 0
 * @param gigabytes most memory of one network, in GiB; 0 for all there is
 * @param tf32 whether TF32 is allowed
 */
record CudaSettings(int device, double gigabytes, boolean tf32) {
  static final String DEVICE = "diffusion.cuda.device";
  static final String MEMORY = "diffusion.cuda.memory";
  static final String TF32 = "diffusion.cuda.tf32";

  private static final int MOST_DEVICES = 64;
  private static final double LEAST_GIGABYTES = 0.1;
  private static final double MOST_GIGABYTES = 1024;

  /**
   * What the properties say.
   *
   * @throws DiffusionException when one of them says something else
   */
  static CudaSettings read() {
    return new CudaSettings(
        (int)
            JavaProperty.number(
                DEVICE,
                0,
                value -> value >= 0 && value < MOST_DEVICES && value == Math.rint(value),
                "a whole number from 0 to " + (MOST_DEVICES - 1),
                "start Java with -D" + DEVICE + "=1"),
        JavaProperty.number(
            MEMORY,
            0,
            value -> value >= LEAST_GIGABYTES && value <= MOST_GIGABYTES,
            "a number of GiB from " + words(LEAST_GIGABYTES) + " to " + words(MOST_GIGABYTES),
            "start Java with -D" + MEMORY + "=4 for 4 GiB"),
        isOn());
  }

  private static boolean isOn() {
    String text = System.getProperty(TF32, "").strip().toLowerCase(Locale.ROOT);
    return switch (text) {
      case "", "false" -> false;
      case "true" -> true;
      default ->
          throw JavaProperty.wrong(
              TF32, text, "true or false", "start Java with -D" + TF32 + "=true");
    };
  }

  /** The limit in bytes. */
  long bytes() {
    return Math.round(gigabytes * (1L << 30));
  }

  /** For records, for instance {@code device 0, at most 4 GiB, TF32 off}. */
  String describe() {
    return "device "
        + device
        + (gigabytes == 0 ? "" : ", at most " + words(gigabytes) + " GiB")
        + (tf32 ? ", TF32 on" : ", TF32 off");
  }

  private static String words(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
