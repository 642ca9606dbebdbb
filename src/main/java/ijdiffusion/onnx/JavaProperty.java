package ijdiffusion.onnx;

import ijdiffusion.DiffusionException;
import java.util.function.DoublePredicate;

/** Settings that users give as system properties of Java. */
final class JavaProperty {
  private JavaProperty() {}

  /**
   * A number.
   *
   * @param usual where the property is not set, or blank
   * @param isLegal false for NaN
   * @param legal what is, in words
   * @param advice how to set it, for sentences
   * @throws DiffusionException when it is something else
   */
  static double number(
      String property, double usual, DoublePredicate isLegal, String legal, String advice) {
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
    if (!isLegal.test(value)) {
      throw wrong(property, text, legal, advice);
    }
    return value;
  }

  static DiffusionException wrong(String property, String value, String legal, String advice) {
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
}
