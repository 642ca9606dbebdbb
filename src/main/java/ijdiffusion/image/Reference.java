package ijdiffusion.image;

import ij.ImagePlus;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.tensor.Resampler;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.List;

/**
 * Another image as a network sees it, brought to the size of the one worked on: with intensity
 * limits of its own, by the card's percentiles over its stack, and resampled with the bicubic
 * kernel, antialiased where it becomes smaller.
 *
 * @param image the other image; of a stack of as many planes as the image's the same plane is used,
 *     otherwise the current one
 * @param card the network
 */
public record Reference(ImagePlus image, ModelCard card) {

  /**
   * The reference for one plane.
   *
   * @param context what the network sees of the plane
   * @param target the image worked on
   * @param slice the plane's stack index
   * @return (N, C, H, W), laid out as the context's image
   */
  public Tensor fitted(Context context, ImagePlus target, int slice) {
    int width = target.getWidth();
    int height = target.getHeight();
    int own = image.getStackSize() == target.getStackSize() ? slice : image.getCurrentSlice();
    Plane plane = Plane.copyOf(image, List.of(own));
    int channels = context.image().shape().n() * context.image().shape().c();
    if (plane.channels() != 1 && plane.channels() != channels) {
      throw new DiffusionException(
          "Reference \""
              + image.getTitle()
              + "\" has "
              + plane.channels()
              + " channels, but the image has "
              + channels
              + "; choose another one or convert it (Image > Type).");
    }
    List<IntensityRange> ranges = Limits.of("stack", "model", card).ofImage(image, card).get();
    Resampler resampler = Resampler.bicubic(plane.height(), plane.width(), height, width);
    Tensor in = new Tensor(new Shape(1, 1, plane.height(), plane.width()));
    Tensor out = new Tensor(new Shape(1, 1, height, width));
    Tensor fitted = new Tensor(context.image().shape());
    Window window = context.window();
    int pixels = window.width() * window.height();
    for (int c = 0; c < channels; c++) {
      int from = plane.channels() == 1 ? 0 : c;
      IntensityRange range = ranges.get(plane.isRgb() ? from : (own - 1) % image.getNChannels());
      for (int i = 0; i < in.data().length; i++) {
        float v = plane.value(from, i);
        if (!Float.isFinite(v)) {
          throw new DiffusionException(
              "Reference \"" + image.getTitle() + "\" has pixels that are NaN or infinite.");
        }
        in.data()[i] = range.toModel(v);
      }
      resampler.apply(in, out);
      window.read(i -> out.data()[i], width, height, fitted.data(), c * pixels);
    }
    return fitted;
  }
}
