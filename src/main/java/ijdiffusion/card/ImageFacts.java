package ijdiffusion.card;

/**
 * What can be told of an image that a network is to work on.
 *
 * @param bits of a grey value, 8 (also of RGB), 16 or 32
 * @param channels that the network is shown together: 3 of an RGB image
 * @param rgb whether it is an RGB image
 * @param mean of the image after the card's normalization, limited to the card's value range; NaN
 *     where it has no pixel with a value
 * @param deviation standard deviation in the same units; NaN where the mean is
 */
public record ImageFacts(int bits, int channels, boolean rgb, double mean, double deviation) {
  /** In words, to follow "this image is": {@code 16-bit grey}. */
  String kind() {
    String colour = rgb ? "RGB" : channels == 1 ? "grey" : "with " + channels + " channels";
    return bits + "-bit " + colour;
  }
}
