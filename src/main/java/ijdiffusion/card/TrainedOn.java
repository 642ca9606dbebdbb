package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the images were that a network was trained on, as far as a program can tell such images from
 * others: {@code config.diffusion.trained_on} of a card. Each part may be left out where it does
 * not matter. See {@link DomainWarnings}.
 *
 * @param bits bits of a grey value: of 8, 16 and 32 those that fit; empty where all do
 * @param colour grey or RGB images
 * @param mean most images' mean, as the network sees them: after the card's normalization, limited
 *     to {@code image.value_range}
 * @param deviation most images' standard deviation, in the same units
 */
public record TrainedOn(
    List<Integer> bits, Optional<Colour> colour, Optional<Span> mean, Optional<Span> deviation) {
  static final String FIELD = "config.diffusion.trained_on.";

  /** Kinds of images by their colour. */
  public enum Colour {
    /** One number a pixel. */
    GREY,
    /** Red, green and blue. */
    RGB
  }

  /**
   * From a number to another, both included.
   *
   * @param low not above the other
   * @param high not below the other
   */
  public record Span(double low, double high) {
    /** Whether a number is in it. */
    public boolean holds(double value) {
      return value >= low && value <= high;
    }
  }

  public TrainedOn {
    bits = List.copyOf(bits);
    if (bits.stream().anyMatch(b -> b != 8 && b != 16 && b != 32)) {
      throw new DiffusionException(
          FIELD + "bits is " + bits + ", but must be a list of 8, 16 and 32.");
    }
    mean.ifPresent(span -> check("mean", span));
    deviation.ifPresent(span -> check("deviation", span));
    if (deviation.isPresent() && deviation.get().low < 0) {
      throw new DiffusionException(
          FIELD + "deviation starts at " + deviation.get().low + ", but must not be below 0.");
    }
  }

  private static void check(String field, Span span) {
    if (!(span.low <= span.high)) {
      throw new DiffusionException(
          FIELD
              + field
              + " is ["
              + span.low
              + ", "
              + span.high
              + "], but must be two numbers, the smaller one first.");
    }
  }

  /** From the card's block. */
  static TrainedOn parse(Fields block) {
    block.only("bits", "colour", "mean", "deviation");
    List<Integer> bits =
        block.has("bits")
            ? Arrays.stream(block.numbers("bits", "a list of 8, 16 and 32"))
                .mapToObj(b -> b == Math.rint(b) ? (int) b : 0)
                .toList()
            : List.of();
    return new TrainedOn(
        bits,
        block.has("colour") ? Optional.of(block.choice("colour", Colour.class)) : Optional.empty(),
        span(block, "mean"),
        span(block, "deviation"));
  }

  private static Optional<Span> span(Fields block, String key) {
    if (!block.has(key)) {
      return Optional.empty();
    }
    String legal = "two numbers, the smaller one first";
    double[] two = block.numbers(key, legal);
    if (two.length != 2) {
      throw block.refused(key, legal);
    }
    return Optional.of(new Span(two[0], two[1]));
  }
}
