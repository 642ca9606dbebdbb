package ijdiffusion.quality;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** A table as bars from 0, one panel a metric, with standard errors. */
final class BarPlot {
  private static final int BAR = 20;
  private static final int PANEL = 230;
  private static final int TOP = 70;
  private static final String[] COLORS = {
    "#7F7F7F", "#56B4E9", "#0072B2", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
  };

  private BarPlot() {}

  static void write(Results results, String title, File file) throws IOException {
    List<String> methods = results.methods();
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
    Graphics2D probe = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    int left =
        30 + methods.stream().mapToInt(probe.getFontMetrics(font)::stringWidth).max().orElse(0);
    probe.dispose();
    int width = left + PANEL * results.metrics().size() + 20;
    int height = TOP + methods.size() * BAR + 25;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = begin(image, title);
    g.setFont(font);
    for (int m = 0; m < methods.size(); m++) {
      g.drawString(methods.get(m), 15, TOP + m * BAR + 15);
    }
    for (int metric = 0; metric < results.metrics().size(); metric++) {
      panel(g, results, metric, left + metric * PANEL);
    }
    g.dispose();
    Montage.save(image, file);
  }

  /** A white page with a title. */
  static Graphics2D begin(BufferedImage image, String title) {
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, image.getWidth(), image.getHeight());
    g.setColor(Color.BLACK);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 17));
    g.drawString(title, 15, 28);
    return g;
  }

  static Color color(int i) {
    return Color.decode(COLORS[i % COLORS.length]);
  }

  private static String last(String method) {
    return method.substring(method.lastIndexOf(" | ") + 1);
  }

  private static void panel(Graphics2D g, Results results, int metric, int left) {
    List<String> methods = results.methods();
    double most = 1e-12;
    for (String method : methods) {
      double mean = results.mean(method, metric);
      most = Math.max(most, Double.isNaN(mean) ? 0 : mean);
    }
    // one colour for one method, whatever it is tried on
    List<String> lasts = methods.stream().map(BarPlot::last).distinct().toList();
    int full = PANEL - 115;
    g.setColor(Color.BLACK);
    g.drawString(results.metrics().get(metric).name(), left, TOP - 12);
    for (int m = 0; m < methods.size(); m++) {
      double mean = results.mean(methods.get(m), metric);
      if (Double.isNaN(mean)) {
        continue;
      }
      int y = TOP + m * BAR;
      double length = Math.max(0, full * mean / most);
      g.setColor(color(lasts.indexOf(last(methods.get(m)))));
      g.fill(new Rectangle2D.Double(left, y + 3, length, BAR - 6));
      g.setColor(Color.BLACK);
      double error = results.standardError(methods.get(m), metric);
      double reach = Double.isNaN(error) ? 0 : full * error / most;
      g.setStroke(new BasicStroke(1.5f));
      g.draw(
          new Line2D.Double(
              left + length - reach, y + BAR / 2.0, left + length + reach, y + BAR / 2.0));
      String format = "%." + results.metrics().get(metric).decimals() + "f";
      g.drawString(
          String.format(Locale.ROOT, format, mean), (float) (left + length + reach + 5), y + 15);
    }
  }
}
