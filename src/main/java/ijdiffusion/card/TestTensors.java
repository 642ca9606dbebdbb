package ijdiffusion.card;

import java.util.Map;

/**
 * Examples of a network's inputs and of the output it should give for them.
 *
 * @param inputs .npy files of all inputs, by name
 * @param output .npy file of the output
 * @param processed whether the image inputs are grey values that still have to be scaled, which is
 *     so where the card lists preprocessing
 * @param tolerance how far off an output may be
 */
public record TestTensors(
    Map<String, CardFile> inputs, CardFile output, boolean processed, Tolerance tolerance) {
  public TestTensors {
    inputs = Map.copyOf(inputs);
  }

  /**
   * A value mismatches when |found - expected| &gt; absolute + relative |expected|.
   *
   * @param relative share of the expected value
   * @param absolute distance
   * @param perMillion of a million values so many may mismatch
   */
  public record Tolerance(double relative, double absolute, double perMillion) {
    /** What BioImage.IO takes where a card says nothing. */
    public static final Tolerance DEFAULT = new Tolerance(1e-3, 1e-3, 100);
  }
}
