package ijdiffusion.bench;

import ijdiffusion.card.ModelCard;
import ijdiffusion.model.Tiling;
import ijdiffusion.onnx.OnnxPredictor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a step costs against pixels, samples and threads. */
final class ScalingExperiment implements BenchExperiment {
  @Override
  public String name() {
    return "scaling";
  }

  @Override
  public void run(BenchSettings settings) throws IOException {
    threads(settings);
    samples(settings);
    pixels(settings);
  }

  private static void pixels(BenchSettings settings) throws IOException {
    Table table =
        Table.begin(
            settings.out().resolve("scaling-pixels.csv"),
            "side",
            "tiles",
            "network_pixels_over_pixels",
            "step_ms",
            "ns_per_pixel",
            "per_pixel_over_256",
            "per_network_pixel_over_256",
            "heap_peak_mb",
            "rss_peak_mb");
    List<Integer> sides = new ArrayList<>(List.of(64, 128));
    if (!settings.isQuick()) {
      sides.addAll(List.of(256, 512, 1024, 2048));
    }
    if (settings.isFull()) {
      sides.add(4096);
    }
    List<double[]> curve = new ArrayList<>();
    for (int side : sides) {
      int steps = side <= 256 ? 20 : side <= 512 ? 6 : side <= 1024 ? 3 : 2;
      Map<String, Double> figures =
          ChildJvm.run(
                  "1g", SizeRun.class.getName(), Integer.toString(side), Integer.toString(steps))
              .figures();
      Tiling tiling = Subject.tiling(side, Subject.card());
      double pixels = (double) side * side;
      double perPixel = figures.get("call") / pixels;
      double reference = figures.get("reference") / (256 * 256);
      double more = tiling.pixels() / pixels;
      curve.add(new double[] {side, perPixel / reference});
      table.add(
          side,
          tiling.tiles(),
          more,
          figures.get("call") / 1e6,
          perPixel,
          perPixel / reference,
          perPixel / reference / more,
          figures.get("heap_peak"),
          figures.get("rss_peak"));
    }
    Plots.lines(
        "Time per pixel, over that at 256 x 256",
        "side of the image (pixels)",
        "ratio",
        Map.of("ddpm, " + Subject.MODEL, curve),
        settings.out().resolve("scaling-pixels.png"));
  }

  private static void samples(BenchSettings settings) throws IOException {
    Table table =
        Table.begin(
            settings.out().resolve("scaling-samples.csv"),
            "side",
            "samples",
            "call_ms",
            "per_sample_over_one");
    ModelCard card = Subject.card();
    for (int side : settings.isQuick() ? new int[] {64} : new int[] {64, 256}) {
      int rounds = settings.rounds(side == 64 ? 9 : 3);
      try (OnnxPredictor network = Subject.open()) {
        Map<Integer, Subject.Call> calls = new LinkedHashMap<>();
        for (int n = 1; n <= 16; n *= 2) {
          calls.put(n, new Subject.Call(network, card, n, side));
        }
        Map<Integer, double[]> times = inTurn(calls, rounds);
        addAll(table, side, times, (n, t, one) -> Spread.ofRatios(t, one).in(ratio -> ratio / n));
      }
    }
  }

  private static void threads(BenchSettings settings) throws IOException {
    Table table =
        Table.begin(
            settings.out().resolve("scaling-threads.csv"),
            "side",
            "threads",
            "call_ms",
            "speed_over_one");
    ModelCard card = Subject.card();
    int most = Cores.physical();
    for (int side : settings.isQuick() ? new int[] {64} : new int[] {64, 128, 256, 512}) {
      Map<Integer, OnnxPredictor> networks = new LinkedHashMap<>();
      try {
        Map<Integer, Subject.Call> calls = new LinkedHashMap<>();
        for (int n = 1; n <= most; n = n < most ? Math.min(2 * n, most) : most + 1) {
          networks.put(n, Subject.open(n));
          calls.put(n, new Subject.Call(networks.get(n), card, 1, side));
        }
        Map<Integer, double[]> times = inTurn(calls, settings.rounds(side <= 128 ? 25 : 7));
        addAll(table, side, times, (n, t, one) -> Spread.ofRatios(one, t));
      } finally {
        networks.values().forEach(OnnxPredictor::close);
      }
    }
  }

  private static Map<Integer, double[]> inTurn(Map<Integer, Subject.Call> calls, int rounds) {
    Map<Integer, double[]> times = new LinkedHashMap<>();
    calls.forEach((n, call) -> times.put(n, new double[rounds]));
    for (int round = -2; round < rounds; round++) {
      for (Map.Entry<Integer, Subject.Call> call : calls.entrySet()) {
        double t = call.getValue().time();
        if (round >= 0) {
          times.get(call.getKey())[round] = t;
        }
      }
    }
    return times;
  }

  /** How times with a number of something compare with those with one. */
  @FunctionalInterface
  private interface Comparison {
    Spread of(int number, double[] times, double[] one);
  }

  private static void addAll(
      Table table, int side, Map<Integer, double[]> times, Comparison comparison)
      throws IOException {
    double[] one = times.get(1);
    for (Map.Entry<Integer, double[]> t : times.entrySet()) {
      Spread milliseconds = Spread.of(t.getValue()).in(ns -> ns / 1e6);
      table.add(side, t.getKey(), milliseconds, comparison.of(t.getKey(), t.getValue(), one));
    }
  }
}
