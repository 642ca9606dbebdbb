package ijdiffusion.image;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.tensor.Resampler;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Another image as a network sees it, brought to the size of the one worked on: with intensity
 * limits of its own, by the card's percentiles over its stack, and resampled with the bicubic
 * kernel, antialiased where it becomes smaller. Of a stack of as many planes as the image's the
 * same plane is used, otherwise the position shown; of its channels, the ones that go with the
 * image's, and a grey plane goes with all.
 */
public final class Reference {
  private final ImagePlus image;
  private final ModelCard card;
  private List<IntensityRange> ranges;

  /**
   * @param image the other image
   * @param card the network
   */
  public Reference(ImagePlus image, ModelCard card) {
    this.image = image;
    this.card = card;
  }

  /** The other image. */
  public ImagePlus image() {
    return image;
  }

  /**
   * The reference for one plane.
   *
   * @param context what the network sees of the plane
   * @param target the image worked on
   * @param slice the plane's stack index, the first one of planes taken together
   * @return (N, C, H, W), laid out as the context's image
   */
  public Tensor fitted(Context context, ImagePlus target, int slice) {
    int width = target.getWidth();
    int height = target.getHeight();
    int channels = context.image().shape().n() * context.image().shape().c();
    List<Integer> slices = slices(target, slice, channels);
    Plane plane = Plane.copyOf(image, slices);
    if (ranges == null) {
      ranges = Limits.of("stack", "model", card).ofImage(image, card).orElseThrow();
    }
    Resampler resampler = Resampler.bicubic(plane.height(), plane.width(), height, width);
    Tensor in = new Tensor(new Shape(1, 1, plane.height(), plane.width()));
    Tensor out = new Tensor(new Shape(1, 1, height, width));
    Tensor fitted = new Tensor(context.image().shape());
    Window window = context.window();
    int pixels = window.width() * window.height();
    for (int c = 0; c < channels; c++) {
      int from = plane.channels() == 1 ? 0 : c;
      int channel = plane.isRgb() ? from : (slices.get(from) - 1) % image.getNChannels();
      for (int i = 0; i < in.data().length; i++) {
        float v = plane.value(from, i);
        if (!Float.isFinite(v)) {
          throw new DiffusionException(
              "Reference \"" + image.getTitle() + "\" has pixels that are NaN or infinite.");
        }
        IntensityRange range = ranges.get(channel);
        in.data()[i] = card.clip() ? range.toModel(v) : range.toModelUnlimited(v);
      }
      resampler.apply(in, out);
      window.read(i -> out.data()[i], width, height, fitted.data(), c * pixels);
    }
    return fitted;
  }

  /** Its planes that go with a plane of the target, or with planes taken together. */
  private List<Integer> slices(ImagePlus target, int slice, int channels) {
    boolean rgb = image.getType() == ImagePlus.COLOR_RGB;
    int own = rgb ? 3 : image.getNChannels();
    int shown = image.getStackSize() == target.getStackSize() ? slice : image.getCurrentSlice();
    if (own == 1 || rgb && channels == 3) {
      return List.of(shown);
    }
    int first = (shown - 1) / own * own + 1;
    if (!rgb && own == channels) {
      return IntStream.range(first, first + own).boxed().toList();
    }
    boolean oneOfThem = channels == 1 && target.getType() != ImagePlus.COLOR_RGB;
    if (!rgb && oneOfThem && (own == target.getNChannels() || target.getNChannels() == 1)) {
      return List.of(
          own == target.getNChannels() ? first + (slice - 1) % own : image.getCurrentSlice());
    }
    throw new DiffusionException(
        "Reference \""
            + image.getTitle()
            + "\" has "
            + own
            + " channels, but the image has "
            + (channels == 1 ? target.getNChannels() : channels)
            + "; choose another one or convert it (Image > Type).");
  }
}
