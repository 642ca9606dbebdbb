package ijdiffusion.image;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the network gets to see of a plane: a window round the area to be filled, as tensors. A
 * one-channel network sees the channels of an RGB plane one by one, as images of a batch.
 *
 * <p>Intensity limits are percentiles of the window's known pixels, channel by channel, so a result
 * depends on nothing beyond the window.
 *
 * @param window the window, in pixels of the plane
 * @param image (N, C, H, W) in the network's range, N C = channels of the plane
 * @param mask (1, 1, H, W): 1 = known, 0 = to be filled; NaN pixels count as unknown
 * @param ranges grey values of each channel of the plane to the network's range
 */
public record Context(Window window, Tensor image, Tensor mask, List<IntensityRange> ranges) {
  public Context {
    ranges = List.copyOf(ranges);
  }

  /**
   * Cuts a window out of a plane.
   *
   * @param plane the user's plane
   * @param fill the area to be filled
   * @param card the network's card: channels, size multiple and range
   * @param margin pixels of context on every side
   */
  public static Context around(Plane plane, FillMask fill, ModelCard card, int margin) {
    return cut(plane, window(plane, fill, card, margin), fill, card);
  }

  /**
   * A whole plane, padded by reflection to what the network takes.
   *
   * @param plane the user's plane
   * @param card the network's card
   * @throws DiffusionException when a pixel is NaN or infinite
   */
  public static Context whole(Plane plane, ModelCard card) {
    Window all = new Window(0, 0, plane.width(), plane.height());
    Window window = Window.around(all, all.width(), all.height(), 0, MINIMUM, card.sizeMultiple());
    Context context = cut(plane, window, null, card);
    for (float known : context.mask.data()) {
      if (known == 0) {
        throw new DiffusionException(
            "The image has pixels that are NaN or infinite; replace them (Process > Math >"
                + " NaN Background and the like) and run again.");
      }
    }
    return context;
  }

  private static Context cut(Plane plane, Window window, FillMask fill, ModelCard card) {
    int pixels = window.width() * window.height();
    int channels = plane.channels();
    int images = imagesPerSample(plane, card);
    boolean[] known = new boolean[pixels];
    for (int i = 0, y = 0; y < window.height(); y++) {
      int row = Window.reflect(window.y() + y, plane.height());
      for (int x = 0; x < window.width(); x++, i++) {
        int column = Window.reflect(window.x() + x, plane.width());
        known[i] = fill == null || fill.weight(column, row) == 0;
      }
    }
    Shape shape = new Shape(images, card.channels(), window.height(), window.width());
    Tensor image = new Tensor(shape);
    for (int c = 0; c < channels; c++) {
      int channel = c;
      window.read(
          index -> plane.value(channel, index),
          plane.width(),
          plane.height(),
          image.data(),
          c * pixels);
      for (int i = 0; i < pixels; i++) {
        known[i] &= Float.isFinite(image.data()[c * pixels + i]);
      }
    }
    List<IntensityRange> ranges = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      ranges.add(normalise(image.data(), c * pixels, known, card, plane.isEightBit()));
    }
    Tensor mask = new Tensor(new Shape(1, 1, window.height(), window.width()));
    for (int i = 0; i < pixels; i++) {
      mask.data()[i] = known[i] ? 1 : 0;
    }
    return new Context(window, image, mask, ranges);
  }

  /**
   * How many images of a network's kind a plane makes: its channels one by one for a one-channel
   * network, 1 for a network of as many channels.
   *
   * @throws DiffusionException when the network's channels do not fit
   */
  public static int imagesPerSample(Plane plane, ModelCard card) {
    int channels = plane.channels();
    int perImage = card.channels();
    if (perImage != 1 && perImage != channels) {
      throw new DiffusionException(
          "Model "
              + card.name()
              + " works on images with "
              + perImage
              + " channels, but this one has "
              + channels
              + "; choose another model or convert the image (Image > Type).");
    }
    return channels / perImage;
  }

  /** The window alone, to tell what a run would cost. */
  public static Window window(Plane plane, FillMask fill, ModelCard card, int margin) {
    return Window.around(
        fill.bounds(), plane.width(), plane.height(), margin, MINIMUM, card.sizeMultiple());
  }

  /** Smallest side of a window, in pixels: what the shipped networks were trained on. */
  public static final int MINIMUM = 64;

  private static IntensityRange normalise(
      float[] data, int from, boolean[] known, ModelCard card, boolean eightBit) {
    float[] values = new float[known.length];
    int n = 0;
    for (int i = 0; i < known.length; i++) {
      if (known[i]) {
        values[n++] = data[from + i];
      }
    }
    if (n == 0) {
      throw new DiffusionException(
          "No pixel round the selection has a value to go by; all are NaN or selected.");
    }
    IntensityRange range =
        IntensityRange.ofPercentiles(
            Arrays.copyOf(values, n),
            card.normalization().lowPercentile(),
            card.normalization().highPercentile(),
            eightBit ? card.normalization().minimumSpan() : 0,
            card.valueRange().min(),
            card.valueRange().max());
    for (int i = 0; i < known.length; i++) {
      data[from + i] = known[i] ? range.toModel(data[from + i]) : 0;
    }
    return range;
  }
}
