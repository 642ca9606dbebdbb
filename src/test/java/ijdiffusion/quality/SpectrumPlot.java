package ijdiffusion.quality;

import ijdiffusion.tensor.Tensor;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.List;

/** Power against frequency, both logarithmic, as the mean of the logarithms over images. */
final class SpectrumPlot {
  private static final int BINS = 32;
  private static final int LEFT = 80;
  private static final int RIGHT = 620;
  private static final int TOP = 50;
  private static final int BOTTOM = 470;

  private final List<String> curves;
  private final double[][] sums;
  private int images;

  /**
   * An empty plot.
   *
   * @param curves their names
   */
  SpectrumPlot(List<String> curves) {
    this.curves = List.copyOf(curves);
    this.sums = new double[curves.size()][BINS];
  }

  /** Adds an image to each curve, in units that make images alike. */
  void add(Tensor... image) {
    for (int i = 0; i < image.length; i++) {
      double[] power = Spectrum.of(image[i]);
      int side = Spectrum.side(image[i].shape().w(), image[i].shape().h());
      for (int k = 0; k < BINS; k++) {
        // divided by the values' number, so that sizes are comparable
        double p = power[(int) Math.round(frequency(k) * side)] / ((double) side * side);
        sums[i][k] += Math.log10(Math.max(1e-12, p));
      }
    }
    images++;
  }

  private static double frequency(int bin) {
    return (bin + 1) / (2.0 * BINS);
  }

  void write(String title, File file) throws IOException {
    BufferedImage image = new BufferedImage(820, 540, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = BarPlot.begin(image, title);
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double[] sum : sums) {
      for (double v : sum) {
        low = Math.min(low, v / images);
        high = Math.max(high, v / images);
      }
    }
    int bottom = (int) Math.floor(low);
    int top = (int) Math.ceil(high + 1e-9);
    axes(g, bottom, top);
    for (int i = 0; i < sums.length; i++) {
      Path2D line = new Path2D.Double();
      for (int k = 0; k < BINS; k++) {
        double y = y(sums[i][k] / images, bottom, top);
        if (k == 0) {
          line.moveTo(x(frequency(k)), y);
        } else {
          line.lineTo(x(frequency(k)), y);
        }
      }
      g.setColor(i == 0 ? Color.BLACK : BarPlot.color(2 * i));
      g.setStroke(new BasicStroke(2));
      g.draw(line);
      g.draw(new Line2D.Double(RIGHT + 15, TOP + 20 + 24 * i, RIGHT + 45, TOP + 20 + 24 * i));
      g.drawString(curves.get(i), RIGHT + 53, TOP + 25 + 24 * i);
    }
    g.dispose();
    Montage.save(image, file);
  }

  private static void axes(Graphics2D g, int bottom, int top) {
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    g.setStroke(new BasicStroke(1));
    for (int power = bottom; power <= top; power++) {
      g.setColor(new Color(0xDDDDDD));
      g.draw(new Line2D.Double(LEFT, y(power, bottom, top), RIGHT, y(power, bottom, top)));
      g.setColor(Color.BLACK);
      g.drawString("1e" + power, LEFT - 45, (float) y(power, bottom, top) + 5);
    }
    for (int divisor = 2; divisor <= 64; divisor *= 2) {
      double x = x(1.0 / divisor);
      g.setColor(new Color(0xDDDDDD));
      g.draw(new Line2D.Double(x, TOP, x, BOTTOM));
      g.setColor(Color.BLACK);
      g.drawString("1/" + divisor, (float) x - 12, BOTTOM + 20);
    }
    g.draw(new Rectangle2D.Double(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP));
    g.drawString("Frequency (cycles per pixel)", (LEFT + RIGHT) / 2 - 90, BOTTOM + 48);
  }

  private static double x(double frequency) {
    return LEFT + Math.log(frequency * 2 * BINS) / Math.log(BINS) * (RIGHT - LEFT);
  }

  private static double y(double power, int bottom, int top) {
    return BOTTOM - (power - bottom) / (top - bottom) * (BOTTOM - TOP);
  }
}
