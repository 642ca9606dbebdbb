package ijdiffusion.command;

import ij.Prefs;
import ijdiffusion.card.ModelCard;

/**
 * How long a network takes for a pixel on this machine: as measured in the last run, before that a
 * guess from the size of its weights.
 */
final class Speed {
  private static final String KEY = "diffusion.seconds.";

  /** Of a convolutional network with weights stored in 16 bits, on two cores. */
  private static final double GUESS_PER_WEIGHT_BYTE = 2.5e-13;

  private Speed() {}

  /** Seconds of one network call for each pixel of an image. */
  static double secondsPerPixel(ModelCard card) {
    return Prefs.get(KEY + card.weights().sha256(), GUESS_PER_WEIGHT_BYTE * card.weights().bytes());
  }

  /** Remembers what a run took. */
  static void measured(ModelCard card, double secondsPerPixel) {
    Prefs.set(KEY + card.weights().sha256(), secondsPerPixel);
  }

  /** How many calls: {@code 1 network call}, {@code 2 network calls}. */
  static String calls(int calls) {
    return calls + (calls == 1 ? " network call" : " network calls");
  }

  /** A duration, roughly: {@code 12 s}, {@code 3 min}, {@code 2.5 h}. */
  static String words(double seconds) {
    if (seconds < 90) {
      return Math.max(1, Math.round(seconds)) + " s";
    }
    return seconds < 5400
        ? Math.round(seconds / 60) + " min"
        : Math.round(seconds / 360) / 10.0 + " h";
  }
}
