package ijdiffusion.quality;

import ijdiffusion.image.IntensityRange;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * A held-out image.
 *
 * @param name file name without its ending
 * @param grey (1, C, H, W), grey values 0 to 255
 * @param unit grey values to units of the image's span: its minimum is 0, its percentile 99.8 is 1,
 *     at least {@link #MINIMUM_SPAN} grey values above. Fluorescence images are dim: of 255
 *     possible grey values they use few, and an error that is small beside 255 may be all there is
 *     to see
 */
record Picture(String name, Tensor grey, IntensityRange unit) {
  /** What the cards of the shipped models have too. */
  static final double MINIMUM_SPAN = 8;

  /** An image with its own span. */
  static Picture of(String name, Tensor grey) {
    return new Picture(
        name, grey, IntensityRange.ofPercentiles(grey.data().clone(), 0, 99.8, MINIMUM_SPAN, 0, 1));
  }

  /**
   * The PNG images of a folder, by name.
   *
   * @param channels bands that are taken
   * @param most 0 for all
   */
  static List<Picture> read(Path folder, int channels, int most) throws IOException {
    File[] files = folder.toFile().listFiles((dir, name) -> name.endsWith(".png"));
    if (files == null || files.length == 0) {
      throw new IOException(folder + " holds no PNG images");
    }
    Arrays.sort(files);
    List<Picture> out = new ArrayList<>();
    int count = most == 0 ? files.length : Math.min(most, files.length);
    for (File file : Arrays.copyOf(files, count)) {
      BufferedImage image = ImageIO.read(file);
      int w = image.getWidth();
      int h = image.getHeight();
      Tensor grey = new Tensor(new Shape(1, channels, h, w));
      for (int c = 0; c < channels; c++) {
        float[] band = image.getRaster().getSamples(0, 0, w, h, c, (float[]) null);
        System.arraycopy(band, 0, grey.data(), c * w * h, w * h);
      }
      out.add(of(file.getName().replace(".png", ""), grey));
    }
    return out;
  }

  int width() {
    return grey.shape().w();
  }

  int height() {
    return grey.shape().h();
  }

  /** A part of the image, with the span of the whole. */
  Picture part(Window where) {
    Tensor cut = new Tensor(new Shape(1, grey.shape().c(), where.height(), where.width()));
    grey.copyWindow(where, cut);
    return new Picture(name, cut, unit);
  }

  /**
   * The middle of the image, with a span of its own.
   *
   * @param most longest side
   * @param multiple both sides become multiples of it
   */
  Picture middle(int most, int multiple) {
    int w = Math.min(most, width()) / multiple * multiple;
    int h = Math.min(most, height()) / multiple * multiple;
    Picture cut = part(new Window((width() - w) / 2, (height() - h) / 2, w, h));
    return of(name, cut.grey);
  }

  /**
   * A part with something to see: of 16 random ones, that with the greatest standard deviation.
   * Most of an image of nuclei is background, where any method is right.
   *
   * @param side its width and height, with the span of the whole image
   * @param seed fixes the random places
   */
  Picture busiest(int side, long seed) {
    Random random = new Random(seed);
    Picture best = null;
    double most = -1;
    for (int k = 0; k < 16; k++) {
      int x = random.nextInt(width() - side + 1);
      int y = random.nextInt(height() - side + 1);
      Picture one = part(new Window(x, y, side, side));
      double squares = 0;
      double sum = 0;
      for (float v : one.grey.data()) {
        squares += (double) v * v;
        sum += v;
      }
      double variance = squares - sum * sum / one.grey.data().length;
      if (variance > most) {
        most = variance;
        best = one;
      }
    }
    return best;
  }

  /** Any tensor of grey values in units of this image's span, not limited. */
  Tensor inUnits(Tensor values) {
    Tensor out = new Tensor(values.shape());
    for (int i = 0; i < out.data().length; i++) {
      out.data()[i] = unit.toModelUnlimited(values.data()[i]);
    }
    return out;
  }

  /** This image in units of its span. */
  Tensor inUnits() {
    return inUnits(grey);
  }
}
