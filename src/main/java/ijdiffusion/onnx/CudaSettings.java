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
        (int) number(DEVICE, 0, 0, MOST_DEVICES - 1, true, "start Java with -D" + DEVICE + "=1"),
        number(
            MEMORY,
            0,
            LEAST_GIGABYTES,
            MOST_GIGABYTES,
            false,
            "start Java with -D" + MEMORY + "=4 for 4 GiB"),
        isOn());
  }

  private static double number(
      String property, double usual, double min, double max, boolean whole, String advice) {
    String text = System.getProperty(property, "").strip();
    if (text.isEmpty()) {
      return usual;
    }
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!(value >= min && value <= max) || whole && value != Math.rint(value)) {
      throw wrong(
          property,
          text,
          "a "
              + (whole ? "whole number" : "number of GiB")
              + " from "
              + words(min)
              + " to "
              + words(max),
          advice);
    }
    return value;
  }

  private static boolean isOn() {
    String text = System.getProperty(TF32, "").strip().toLowerCase(Locale.ROOT);
    return switch (text) {
      case "", "false" -> false;
      case "true" -> true;
      default -> throw wrong(TF32, text, "true or false", "start Java with -D" + TF32 + "=true");
    };
  }

  private static DiffusionException wrong(
      String property, String value, String legal, String advice) {
    return new DiffusionException(
        "The system property "
            + property
            + " is \""
            + value
            + "\", but must be "
            + legal
            + "; leave it out, or "
            + advice
            + ".");
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
