package ijdiffusion.image;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.process.LUT;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.FixedValues;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.Normalization;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which grey values go to the ends of the network's range.
 *
 * @param source where they are looked for
 * @param low percentile of the lower limit, 0 to 100
 * @param high percentile of the upper limit, above the other
 * @param fixed grey values that are the limits of images of their depth, instead of percentiles
 */
public record Limits(Source source, double low, double high, Optional<FixedValues> fixed) {
  private static final Pattern PERCENTILES =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?) *- *([0-9]+(?:\\.[0-9]+)?)");

  /** Where limits are looked for. */
  public enum Source {
    /** Percentiles of each channel over all planes of the image. */
    STACK,
    /** Percentiles of each channel of each plane. */
    PLANE,
    /** Percentiles of what the network sees round a selection; of the plane without one. */
    CONTEXT,
    /** The display range of each channel (Image &gt; Adjust &gt; Brightness/Contrast). */
    DISPLAY;

    /** The word in macros. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * From a macro's words.
   *
   * @param source a key of {@link Source}
   * @param percentiles {@code model} for those, or the fixed values, on the model's card, or two
   *     like {@code 1-99.8}
   * @param card the model
   */
  public static Limits of(String source, String percentiles, ModelCard card) {
    Source from = Source.valueOf(source.toUpperCase(Locale.ROOT));
    if (percentiles.trim().equalsIgnoreCase("model")) {
      Normalization own = card.normalization();
      return new Limits(from, own.lowPercentile(), own.highPercentile(), own.fixed());
    }
    Matcher two = PERCENTILES.matcher(percentiles.trim());
    if (two.matches()) {
      double low = Double.parseDouble(two.group(1));
      double high = Double.parseDouble(two.group(2));
      if (low < high && high <= 100) {
        return new Limits(from, low, high, Optional.empty());
      }
    }
    throw new DiffusionException(
        "percentiles is \""
            + percentiles
            + "\", but must be model or two numbers from 0 to 100, the smaller one first, like"
            + " 1-99.8.");
  }

  /**
   * Limits of each channel of an image, where they do not depend on the plane.
   *
   * @param image the image; all its planes are read with {@link Source#STACK}, one after the other
   * @param card the network's range and smallest span
   * @return one a channel (3 for RGB), or empty where each plane has its own
   */
  public Optional<List<IntensityRange>> ofImage(ImagePlus image, ModelCard card) {
    return switch (source) {
      case PLANE, CONTEXT -> Optional.empty();
      case DISPLAY -> Optional.of(displayed(image, card));
      case STACK -> Optional.of(overStack(image, card));
    };
  }

  /**
   * Limits of one channel.
   *
   * @param values its grey values, at least one; sorted on return
   * @param bits of a grey value
   * @param card the network's range and smallest span
   */
  IntensityRange ofValues(float[] values, int bits, ModelCard card) {
    return fixed(bits, card)
        .orElseGet(
            () ->
                IntensityRange.ofPercentiles(
                    values,
                    low,
                    high,
                    bits == 8 ? card.normalization().minimumSpan() : 0,
                    card.valueRange().min(),
                    card.valueRange().max()));
  }

  private Optional<IntensityRange> fixed(int bits, ModelCard card) {
    return fixed
        .filter(values -> values.bits() == bits)
        .map(
            values ->
                IntensityRange.between(
                    values.low(), values.high(), card.valueRange().min(), card.valueRange().max()));
  }

  private static List<IntensityRange> displayed(ImagePlus image, ModelCard card) {
    List<IntensityRange> out = new ArrayList<>();
    boolean rgb = image.getType() == ImagePlus.COLOR_RGB;
    int channels = rgb ? 3 : image.getNChannels();
    for (int c = 0; c < channels; c++) {
      double low = rgb ? 0 : image.getDisplayRangeMin();
      double high = rgb ? 255 : image.getDisplayRangeMax();
      if (image instanceof CompositeImage composite) {
        LUT lut = composite.getChannelLut(c + 1);
        low = lut.min;
        high = lut.max;
      }
      out.add(IntensityRange.between(low, high, card.valueRange().min(), card.valueRange().max()));
    }
    return out;
  }

  private List<IntensityRange> overStack(ImagePlus image, ModelCard card) {
    boolean rgb = image.getType() == ImagePlus.COLOR_RGB;
    int channels = rgb ? 3 : image.getNChannels();
    Optional<IntensityRange> same = fixed(rgb ? 8 : image.getBitDepth(), card);
    if (same.isPresent()) {
      return Collections.nCopies(channels, same.get());
    }
    GreyHistogram[] histograms = new GreyHistogram[channels];
    int values = image.getBitDepth() == 16 ? 1 << 16 : image.getBitDepth() == 32 ? 0 : 256;
    for (int c = 0; c < channels; c++) {
      histograms[c] = new GreyHistogram(values);
    }
    if (histograms[0].needsMeasuring()) {
      eachPlane(image, rgb, (plane, from, c) -> histograms[c].measure(plane, from));
    }
    eachPlane(image, rgb, (plane, from, c) -> histograms[c].add(plane, from));
    List<IntensityRange> out = new ArrayList<>();
    for (GreyHistogram h : histograms) {
      if (h.isEmpty()) {
        throw new DiffusionException(
            "\"" + image.getTitle() + "\" has no pixel with a value; all are NaN or infinite.");
      }
      double span = values == 256 ? card.normalization().minimumSpan() : 0;
      double lower = h.percentile(low);
      out.add(
          IntensityRange.between(
              lower,
              Math.max(h.percentile(high), lower + span),
              card.valueRange().min(),
              card.valueRange().max()));
    }
    return out;
  }

  private interface ChannelAction {
    void on(Plane plane, int channelOfPlane, int channelOfImage);
  }

  private static void eachPlane(ImagePlus image, boolean rgb, ChannelAction action) {
    int channels = image.getNChannels();
    for (int i = 1; i <= image.getStackSize(); i++) {
      Plane plane =
          image.hasImageStack()
              ? new Plane(List.of(image.getStack().getProcessor(i)))
              : new Plane(image);
      if (rgb) {
        for (int c = 0; c < 3; c++) {
          action.on(plane, c, c);
        }
      } else {
        action.on(plane, 0, (i - 1) % channels);
      }
    }
  }

  /** As text: {@code 1.0 and 99.8 percentile of stack}. */
  public String describe() {
    if (source == Source.DISPLAY) {
      return "display range";
    }
    String percentiles = low + " and " + high + " percentile of " + source.key();
    return fixed
        .map(
            v ->
                "grey values "
                    + v.low()
                    + " and "
                    + v.high()
                    + " of "
                    + v.bits()
                    + "-bit images, of others "
                    + percentiles)
        .orElse(percentiles);
  }
}
