package ijdiffusion.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** Plots as PNG. */
final class Plots {
  private Plots() {}

  /**
   * Lines with marks, both axes logarithmic.
   *
   * @param curves for each name its points, x and y above 0; no file is written where there are none
   */
  static void lines(
      String title, String x, String y, Map<String, List<double[]>> curves, Path file)
      throws IOException {
    if (curves.isEmpty()) {
      return;
    }
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(560)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    curves.forEach(
        (name, points) ->
            chart.addSeries(
                name,
                points.stream().mapToDouble(p -> p[0]).toArray(),
                points.stream().mapToDouble(p -> p[1]).toArray()));
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }
}
