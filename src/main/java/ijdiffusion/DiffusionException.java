package ijdiffusion;

/**
 * Something the user can act on: a bad value, a missing file, a model that does not fit, no
 * selection. The message is one sentence that names the thing, its value and what to do; it is
 * shown as it stands.
 */
public final class DiffusionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param message one sentence: the thing, its value, what to do
   */
  public DiffusionException(String message) {
    super(message);
  }

  /**
   * @param message one sentence: the thing, its value, what to do
   * @param cause what went wrong underneath
   */
  public DiffusionException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Checks a range and says all three facts when it is left.
   *
   * @param name the parameter as the user knows it
   * @param value its value
   * @param min smallest legal value
   * @param max largest legal value
   * @return {@code value}
   */
  public static int inRange(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new DiffusionException(
          name + " is " + value + ", but must be from " + min + " to " + limit(max) + ".");
    }
    return value;
  }

  /**
   * Checks a range and says all three facts when it is left; NaN is never in range.
   *
   * @param name the parameter as the user knows it
   * @param value its value
   * @param min smallest legal value
   * @param max largest legal value
   * @return {@code value}
   */
  public static double inRange(String name, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new DiffusionException(
          name + " is " + value + ", but must be from " + min + " to " + max + ".");
    }
    return value;
  }

  private static String limit(int max) {
    return max == Integer.MAX_VALUE ? "2147483647" : Integer.toString(max);
  }
}
