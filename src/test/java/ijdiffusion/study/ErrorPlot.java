package ijdiffusion.study;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Error against network calls, both logarithmic. */
final class ErrorPlot {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 700;
  private static final int LEFT = 95;
  private static final int RIGHT = 725;
  private static final int TOP = 60;
  private static final int BOTTOM = 620;
  private static final double MIN_CALLS = 4.5;
  private static final double MAX_CALLS = 1150;
  private static final double MIN_ERROR = 2e-4;
  private static final double MAX_ERROR = 3;

  /** Curves that are drawn, in the order of the legend, with the names that users know. */
  private static final Map<String, Style> STYLES =
      Map.ofEntries(
          style("ddpm, fixed large", 0, "ddpm, fixed large", "#D55E00", 's', true),
          style(
              "ddpm, fixed small",
              1,
              "ddpm, fixed small;\nddim, euler_ancestral,\nboth with eta 1",
              "#D55E00",
              'o',
              false),
          style("reverse diffusion", 2, "reverse diffusion", "#E69F00", '^', false),
          style("predictor-corrector", 3, "predictor-corrector", "#E69F00", 'd', true),
          style("dpmpp_sde", 4, "dpmpp_sde", "#CC79A7", 's', false),
          style("ddim, eta 0", 5, "ddim, eta 0", "#000000", 'o', false),
          style("dpmpp_1s", 6, "dpmpp_1s", "#000000", 's', true),
          style("heun", 7, "heun", "#009E73", '^', false),
          style("lms", 8, "lms", "#009E73", 'd', true),
          style("dpmpp_2m", 9, "dpmpp_2m", "#56B4E9", 'o', false),
          style("dpmpp_3m", 10, "dpmpp_3m", "#0072B2", '^', false),
          style("unipc", 11, "unipc", "#0072B2", 's', true),
          style("probability flow", 12, "probability flow (adaptive)", "#7F7F7F", 'd', false));

  private record Style(int place, String label, Color color, char marker, boolean dashed) {
    BasicStroke stroke() {
      return dashed
          ? new BasicStroke(
              2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {7, 4}, 0)
          : new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    }
  }

  private final List<SamplerStudy.Curve> curves;
  private final int[] calls;

  /**
   * A plot of some curves.
   *
   * @param curves those without a style are left out
   * @param calls ticks of the x axis
   */
  ErrorPlot(List<SamplerStudy.Curve> curves, int[] calls) {
    this.curves = curves;
    this.calls = calls.clone();
  }

  private static Map.Entry<String, Style> style(
      String name, int place, String label, String color, char marker, boolean dashed) {
    return Map.entry(name, new Style(place, label, Color.decode(color), marker, dashed));
  }

  /** Draws the plot as a PNG of 1000 x 700 pixels. */
  void write(File file) throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, WIDTH, HEIGHT);
    axes(g);
    Shape clip = g.getClip();
    g.setClip(new Rectangle2D.Double(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP));
    List<SamplerStudy.Curve> drawn = new ArrayList<>(curves);
    drawn.removeIf(curve -> !STYLES.containsKey(curve.name()));
    drawn.sort((a, b) -> STYLES.get(a.name()).place() - STYLES.get(b.name()).place());
    drawn.forEach(curve -> draw(g, curve));
    g.setClip(clip);
    legend(g, drawn);
    g.dispose();
    if (!ImageIO.write(image, "png", file)) {
      throw new IOException("No writer for " + file);
    }
  }

  private void axes(Graphics2D g) {
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 16));
    g.setStroke(new BasicStroke(1));
    for (int n : calls) {
      g.setColor(new Color(0xDDDDDD));
      g.draw(new Line2D.Double(x(n), TOP, x(n), BOTTOM));
      g.setColor(Color.BLACK);
      centred(g, Integer.toString(n), x(n), BOTTOM + 22);
    }
    for (int power = -4; power <= 0; power++) {
      for (int digit = 1; digit <= 9; digit++) {
        double error = digit * Math.pow(10, power);
        if (error < MIN_ERROR * 0.999 || error > MAX_ERROR * 1.001) {
          continue;
        }
        boolean main = digit == 1;
        g.setColor(main ? new Color(0xBBBBBB) : new Color(0xEEEEEE));
        g.draw(new Line2D.Double(LEFT, y(error), RIGHT, y(error)));
        if (main) {
          g.setColor(Color.BLACK);
          String text = power == 0 ? "1" : "0." + "0".repeat(-power - 1) + "1";
          g.drawString(
              text, LEFT - 10 - g.getFontMetrics().stringWidth(text), (float) y(error) + 6);
        }
      }
    }
    List<SamplerStudy.Point> flow =
        curves.stream()
            .filter(c -> c.name().equals("probability flow"))
            .findFirst()
            .orElseThrow()
            .points();
    double floor = flow.get(flow.size() - 1).error();
    g.setColor(new Color(0x666666));
    g.draw(new Line2D.Double(LEFT, y(floor), RIGHT, y(floor)));
    g.drawString("floor: the exact flow, started at N(0, 1)", LEFT + 8, (float) y(floor) + 20);
    g.setColor(Color.BLACK);
    g.draw(new Rectangle2D.Double(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP));
    centred(g, "Network calls", (LEFT + RIGHT) / 2.0, BOTTOM + 55);
    g.rotate(-Math.PI / 2, 28, (TOP + BOTTOM) / 2.0);
    centred(g, "Wasserstein-1 distance to the true distribution", 28, (TOP + BOTTOM) / 2.0);
    g.rotate(Math.PI / 2, 28, (TOP + BOTTOM) / 2.0);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    g.drawString("Samplers on two peaks of width 0.1 at -0.5 and 0.5", LEFT, 38);
  }

  private void draw(Graphics2D g, SamplerStudy.Curve curve) {
    Style style = STYLES.get(curve.name());
    Path2D line = new Path2D.Double();
    for (SamplerStudy.Point point : curve.points()) {
      double px = x(point.calls());
      double py = y(point.error());
      if (line.getCurrentPoint() == null) {
        line.moveTo(px, py);
      } else {
        line.lineTo(px, py);
      }
    }
    g.setColor(style.color());
    g.setStroke(style.stroke());
    g.draw(line);
    for (SamplerStudy.Point point : curve.points()) {
      mark(g, style, x(point.calls()), y(point.error()));
    }
  }

  private static void mark(Graphics2D g, Style style, double x, double y) {
    Shape shape =
        switch (style.marker()) {
          case 'o' -> new Ellipse2D.Double(x - 5, y - 5, 10, 10);
          case 's' -> new Rectangle2D.Double(x - 4.5, y - 4.5, 9, 9);
          case '^' -> polygon(x, y - 6, x + 6, y + 5, x - 6, y + 5);
          default -> polygon(x, y - 6.5, x + 6.5, y, x, y + 6.5, x - 6.5, y);
        };
    // dashed lines have hollow marks, so that two curves of one colour stay apart
    g.setColor(style.dashed() ? Color.WHITE : style.color());
    g.fill(shape);
    g.setColor(style.color());
    g.setStroke(new BasicStroke(1.8f));
    g.draw(shape);
  }

  private static Path2D polygon(double... xy) {
    Path2D path = new Path2D.Double();
    path.moveTo(xy[0], xy[1]);
    for (int i = 2; i < xy.length; i += 2) {
      path.lineTo(xy[i], xy[i + 1]);
    }
    path.closePath();
    return path;
  }

  private static void legend(Graphics2D g, List<SamplerStudy.Curve> drawn) {
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    int y = TOP + 16;
    for (SamplerStudy.Curve curve : drawn) {
      Style style = STYLES.get(curve.name());
      g.setColor(style.color());
      g.setStroke(style.stroke());
      g.draw(new Line2D.Double(RIGHT + 16, y, RIGHT + 56, y));
      mark(g, style, RIGHT + 36, y);
      g.setColor(Color.BLACK);
      for (String line : style.label().split("\n", -1)) {
        g.drawString(line, RIGHT + 66, y + 5);
        y += 20;
      }
      y += 16;
    }
  }

  private static void centred(Graphics2D g, String text, double x, double y) {
    g.drawString(text, (float) x - g.getFontMetrics().stringWidth(text) / 2f, (float) y);
  }

  private static double x(double n) {
    double way = Math.log(n / MIN_CALLS) / Math.log(MAX_CALLS / MIN_CALLS);
    return LEFT + way * (RIGHT - LEFT);
  }

  private static double y(double error) {
    double way = Math.log(error / MIN_ERROR) / Math.log(MAX_ERROR / MIN_ERROR);
    return BOTTOM - way * (BOTTOM - TOP);
  }
}
