package ijdiffusion.onnx;

import ijdiffusion.DiffusionException;

/**
 * A CUDA device did not do what the CPU would have done. The call that failed has changed nothing
 * that lasts, so it can be made again, with less at a time or elsewhere. Never leaves this package:
 * where there is no other way left, {@link #said} does.
 */
final class DeviceFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean finite;
  private final String remedy;

  private DeviceFailure(String what, boolean finite, String remedy, Throwable cause) {
    super(what, cause);
    this.finite = finite;
    this.remedy = remedy;
  }

  /** The runtime gave up. */
  static DeviceFailure of(String model, String reason, Throwable cause) {
    return new DeviceFailure(
        "The CUDA device failed when running model " + model + " (" + reason + ")",
        true,
        "; choose device=auto, which then goes on on the CPU, or smaller tiles.",
        cause);
  }

  /** The network returned something that is not a number. */
  static DeviceFailure notFinite(String model, float value) {
    return new DeviceFailure(
        "Model " + model + " returned " + value + " instead of a number on the CUDA device",
        false,
        "; check the image for NaN and infinite pixels, try device=cpu, or choose another model.",
        null);
  }

  /** Whether giving the device less at a time may help. */
  boolean mayBeMemory() {
    return finite;
  }

  /** What goes on, and how. */
  String goingOn(String how) {
    return getMessage() + "; goes on " + how + ".";
  }

  /** The end of the run. */
  DiffusionException said() {
    return new DiffusionException(getMessage() + remedy, this);
  }
}
