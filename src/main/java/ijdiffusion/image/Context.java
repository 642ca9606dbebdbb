package ijdiffusion.image;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.FixedSize;
import ijdiffusion.card.ModelCard;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the network gets to see of a plane: a window round the area to be filled, or all of it, as
 * tensors. A one-channel network sees the channels of an RGB plane one by one, as images of a
 * batch.
 *
 * @param window the window, in pixels of the plane
 * @param image (N, C, H, W) in the network's range, N C = channels of the plane
 * @param mask (1, 1, H, W): 1 = known, 0 = to be filled; NaN pixels count as unknown. Null where
 *     nothing is to be filled: all is known
 * @param ranges grey values of each channel of the plane to the network's range
 */
public record Context(Window window, Tensor image, Tensor mask, List<IntensityRange> ranges) {
  /**
   * Smallest side of a state, in pixels, for networks of free size: what the shipped ones were
   * trained on.
   */
  private static final int MINIMUM = 64;

  /**
   * What a network needs to see.
   *
   * @param card its card: range, percentiles, and whether it is shown values beyond the range
   * @param channels channels of the images that it is shown
   * @param multiple their sides become multiples of it
   * @param factor sides of the network's state over those of such an image. Images are so large
   *     that the state has 64 pixels a side, or what a network of a fixed size takes
   * @param beyond whether values beyond the limits are shown as they are; false limits them
   * @param hidden whether the area to be filled is hidden from it
   */
  public record View(
      ModelCard card, int channels, int multiple, int factor, boolean beyond, boolean hidden) {
    /** What an unconditional network is shown of an image with a hole. */
    public static View of(ModelCard card) {
      // one whose clean image is not limited is not shown limited ones either
      return new View(card, card.channels(), card.sizeMultiple(), 1, !card.clip(), true);
    }

    private int minimumWidth() {
      return minimum(card.image().fixedSize().map(FixedSize::width));
    }

    private int minimumHeight() {
      return minimum(card.image().fixedSize().map(FixedSize::height));
    }

    private int minimum(Optional<Integer> fixed) {
      // a fixed size need not be a multiple of the factor; the state must not be smaller
      return fixed.map(side -> (side + factor - 1) / factor).orElse(Math.max(1, MINIMUM / factor));
    }
  }

  public Context {
    ranges = List.copyOf(ranges);
  }

  /**
   * Cuts a window out of a plane.
   *
   * @param plane the user's plane
   * @param fill the area to be filled
   * @param view what the network needs
   * @param margin pixels of context on every side
   * @param limits where intensity limits are percentiles of the window's known pixels, which
   *     percentiles
   * @param ranges intensity limits of each channel of the plane, where they are given
   */
  public static Context around(
      Plane plane,
      FillMask fill,
      View view,
      int margin,
      Limits limits,
      Optional<List<IntensityRange>> ranges) {
    return cut(
        plane,
        window(plane.width(), plane.height(), fill, view, margin),
        fill,
        view,
        limits,
        ranges);
  }

  /**
   * A whole plane, padded by reflection to what the network takes; limits by the card's percentiles
   * of the plane.
   *
   * @param plane the user's plane
   * @param card the network's card
   * @throws DiffusionException when a pixel is NaN or infinite
   */
  public static Context whole(Plane plane, ModelCard card) {
    return whole(plane, View.of(card), Limits.of("plane", "model", card), Optional.empty());
  }

  /**
   * A whole plane, padded by reflection.
   *
   * @param plane the user's plane
   * @param view what the network needs
   * @param limits which percentiles, where limits are not given
   * @param ranges intensity limits of each channel of the plane, where they are given
   * @throws DiffusionException when a pixel is NaN or infinite
   */
  public static Context whole(
      Plane plane, View view, Limits limits, Optional<List<IntensityRange>> ranges) {
    return cut(plane, whole(plane.width(), plane.height(), view), null, view, limits, ranges);
  }

  /** The window of a whole plane. */
  public static Window whole(int width, int height, View view) {
    return around(new Window(0, 0, width, height), width, height, 0, view);
  }

  /** The window alone, to tell what a run would cost. */
  public static Window window(int width, int height, FillMask fill, View view, int margin) {
    return around(fill.bounds(), width, height, margin, view);
  }

  private static Window around(Window bounds, int width, int height, int margin, View view) {
    return Window.around(
        bounds, width, height, margin, view.minimumWidth(), view.minimumHeight(), view.multiple);
  }

  private static Context cut(
      Plane plane,
      Window window,
      FillMask fill,
      View view,
      Limits limits,
      Optional<List<IntensityRange>> given) {
    int pixels = window.width() * window.height();
    int channels = plane.channels();
    Tensor image =
        new Tensor(
            new Shape(
                imagesPerSample(plane, view), view.channels, window.height(), window.width()));
    for (int c = 0; c < channels; c++) {
      int channel = c;
      window.read(
          index -> plane.value(channel, index),
          plane.width(),
          plane.height(),
          image.data(),
          c * pixels);
    }
    Tensor mask = fill == null ? null : known(plane, window, fill, image.data());
    if (fill == null || !view.hidden) {
      requireFinite(image.data());
    }
    List<IntensityRange> ranges = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      IntensityRange range =
          given.isPresent()
              ? given.get().get(c)
              : percentiles(image.data(), c * pixels, mask, pixels, limits, view.card, plane);
      normalise(image.data(), c * pixels, view.hidden ? mask : null, pixels, range, view.beyond);
      ranges.add(range);
    }
    return new Context(window, image, mask, ranges);
  }

  /** 1 where a pixel is not to be filled and has a value in every channel. */
  private static Tensor known(Plane plane, Window window, FillMask fill, float[] data) {
    int pixels = window.width() * window.height();
    Tensor mask = new Tensor(new Shape(1, 1, window.height(), window.width()));
    for (int i = 0, y = 0; y < window.height(); y++) {
      int row = Window.reflect(window.y() + y, plane.height());
      for (int x = 0; x < window.width(); x++, i++) {
        int column = Window.reflect(window.x() + x, plane.width());
        boolean known = fill.weight(column, row) == 0;
        for (int k = i; k < data.length; k += pixels) {
          known &= Float.isFinite(data[k]);
        }
        mask.data()[i] = known ? 1 : 0;
      }
    }
    return mask;
  }

  private static void requireFinite(float[] data) {
    for (float v : data) {
      if (!Float.isFinite(v)) {
        throw new DiffusionException(
            "The image has pixels that are NaN or infinite; replace them (Process > Math >"
                + " NaN Background and the like) and run again.");
      }
    }
  }

  /**
   * How many images of a network's kind a plane makes: its channels one by one for a one-channel
   * network, 1 for a network of as many channels.
   *
   * @throws DiffusionException when the network's channels do not fit
   */
  public static int imagesPerSample(Plane plane, ModelCard card) {
    return imagesPerSample(plane, View.of(card));
  }

  /** How many images a plane makes: its channels one by one for a one-channel network. */
  private static int imagesPerSample(Plane plane, View view) {
    int channels = plane.channels();
    if (view.channels != 1 && view.channels != channels) {
      throw new DiffusionException(
          "Model "
              + view.card.name()
              + " works on images with "
              + view.channels
              + " channels, but this one has "
              + channels
              + "; choose another model or convert the image (Image > Type).");
    }
    return channels / view.channels;
  }

  private static IntensityRange percentiles(
      float[] data, int from, Tensor mask, int pixels, Limits limits, ModelCard card, Plane plane) {
    float[] values = new float[pixels];
    int n = 0;
    for (int i = 0; i < pixels; i++) {
      if (mask == null || mask.data()[i] == 1) {
        values[n++] = data[from + i];
      }
    }
    if (n == 0) {
      throw new DiffusionException(
          "No pixel round the selection has a value to go by; all are NaN or selected.");
    }
    return limits.ofValues(n == pixels ? values : Arrays.copyOf(values, n), plane.bits(), card);
  }

  private static void normalise(
      float[] data, int from, Tensor mask, int pixels, IntensityRange range, boolean beyond) {
    for (int i = 0; i < pixels; i++) {
      float v = data[from + i];
      if (mask != null && mask.data()[i] == 0) {
        data[from + i] = 0;
      } else {
        data[from + i] = beyond ? range.toModelUnlimited(v) : range.toModel(v);
      }
    }
  }
}
