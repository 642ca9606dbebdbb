package ijdiffusion.quality;

import ijdiffusion.tensor.Tensor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** Images side by side on a page, row by row, 0 as black and 1 as white. */
final class Montage {
  private static final int GAP = 2;

  private final int columns;
  private final List<BufferedImage> cells = new ArrayList<>();

  Montage(int columns) {
    this.columns = columns;
  }

  /**
   * Adds the first image of a tensor.
   *
   * @param image (N, C, H, W), 1 channel or 3, in [0, 1]; values beyond are limited
   * @param most longest side; of a larger image the middle is shown
   */
  void add(Tensor image, int most) {
    int w = Math.min(most, image.shape().w());
    int h = Math.min(most, image.shape().h());
    int left = (image.shape().w() - w) / 2;
    int top = (image.shape().h() - h) / 2;
    BufferedImage cell = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          int plane = image.shape().c() == 3 ? c * image.shape().planeSize() : 0;
          float v = image.data()[plane + (top + y) * image.shape().w() + left + x];
          rgb = rgb << 8 | Math.round(255 * Math.max(0, Math.min(1, v)));
        }
        cell.setRGB(x, y, rgb);
      }
    }
    cells.add(cell);
  }

  /** Writes the page as a PNG. */
  void write(File file) throws IOException {
    int w = cells.stream().mapToInt(BufferedImage::getWidth).max().orElse(1) + GAP;
    int h = cells.stream().mapToInt(BufferedImage::getHeight).max().orElse(1) + GAP;
    int rows = (cells.size() + columns - 1) / columns;
    BufferedImage page =
        new BufferedImage(columns * w - GAP, rows * h - GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = page.createGraphics();
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, page.getWidth(), page.getHeight());
    for (int i = 0; i < cells.size(); i++) {
      g.drawImage(cells.get(i), i % columns * w, i / columns * h, null);
    }
    g.dispose();
    save(page, file);
  }

  /** Writes a picture as a PNG, with its folder. */
  static void save(BufferedImage image, File file) throws IOException {
    if (!file.getParentFile().isDirectory() && !file.getParentFile().mkdirs()) {
      throw new IOException("Folder " + file.getParentFile() + " cannot be made");
    }
    if (!ImageIO.write(image, "png", file)) {
      throw new IOException("No writer for " + file);
    }
  }

  /** Single images as one batch. */
  static Tensor batch(List<Tensor> images) {
    Tensor out = new Tensor(images.get(0).shape().withBatch(images.size()));
    int size = out.shape().imageSize();
    for (int n = 0; n < images.size(); n++) {
      System.arraycopy(images.get(n).data(), 0, out.data(), n * size, size);
    }
    return out;
  }
}
