package ijdiffusion.bench;

import ai.djl.engine.Engine;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.Generation;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The same network through PyTorch, in this process and in turn with ours: single calls, and whole
 * runs with our host code round both. Above 1: PyTorch takes longer.
 */
final class TorchExperiment implements BenchExperiment {
  private static final SamplerChoice SAMPLER = SamplerChoice.DPMPP_2M;

  @Override
  public String name() {
    return "pytorch";
  }

  @Override
  public void run(BenchSettings settings) throws IOException {
    if (settings.torchscript().isEmpty()) {
      System.out.println(
          "pytorch skipped: write TorchScript with models/training/torchscript.py and give it,"
              + " -Dbench.torchscript=FILE.");
      return;
    }
    Files.deleteIfExists(calls(settings));
    Files.deleteIfExists(runs(settings));
    // fresh processes: libtorch has crashed after threads and bfloat16 were switched on in one
    for (String kinds : new String[] {"fp32,channels-last", "bf16"}) {
      for (int threads = 1; threads <= Cores.physical(); threads++) {
        try {
          ChildJvm.run("1g", TorchExperiment.class.getName(), kinds, Integer.toString(threads));
        } catch (IOException e) {
          System.out.println("pytorch, " + kinds + ", " + threads + " threads: " + e.getMessage());
        }
      }
    }
  }

  private static Path calls(BenchSettings settings) {
    return settings.out().resolve("pytorch-calls.csv");
  }

  private static Path runs(BenchSettings settings) {
    return settings.out().resolve("pytorch-runs.csv");
  }

  /**
   * In a process of its own: some kinds of network, with so many threads.
   *
   * @param args kinds, separated by commas; threads
   */
  public static void main(String[] args) throws IOException {
    BenchSettings settings = BenchSettings.ofProperties();
    int threads = Integer.parseInt(args[1]);
    // loads libtorch
    System.out.println("PyTorch " + Engine.getEngine("PyTorch").getVersion());
    TorchPredictor.callEagerly();
    TorchPredictor.setThreads(threads);
    ModelCard card = Subject.card();
    Map<String, TorchPredictor> torch =
        networks(settings.torchscript().orElseThrow(), card, List.of(args[0].split(",")));
    Table calls =
        Table.resume(
            calls(settings),
            "side",
            "threads",
            "pytorch",
            "pytorch_ms",
            "ours_ms",
            "pytorch_over_ours",
            "largest_difference_v");
    Table runs =
        Table.resume(
            runs(settings),
            "side",
            "threads",
            "sampler",
            "steps",
            "pytorch",
            "pytorch_s",
            "ours_s",
            "pytorch_over_ours",
            "largest_difference_image");
    try (OnnxPredictor ours = Subject.open(threads)) {
      for (int side : settings.isQuick() ? new int[] {64} : new int[] {64, 128, 256}) {
        compareCalls(ours, torch, side, settings.rounds(side == 256 ? 9 : 25), calls);
      }
      compareRuns(ours, torch, 64, 20, settings.rounds(5), runs);
      if (!settings.isQuick()) {
        compareRuns(ours, torch, 256, 10, 3, runs);
      }
    } finally {
      torch.values().forEach(TorchPredictor::close);
    }
  }

  private static Map<String, TorchPredictor> networks(
      Path file, ModelCard card, List<String> kinds) throws IOException {
    Map<String, TorchPredictor> out = new LinkedHashMap<>();
    String stem = file.toString().replaceFirst("\\.pt$", "");
    for (String kind : kinds) {
      Path of = kind.equals("fp32") ? file : Path.of(stem + "-" + kind + ".pt");
      if (Files.isRegularFile(of)) {
        out.put(kind, new TorchPredictor(of, card));
      }
    }
    return out;
  }

  private static void compareCalls(
      OnnxPredictor network, Map<String, TorchPredictor> torch, int side, int rounds, Table table)
      throws IOException {
    ModelCard card = network.card();
    Subject.Call ours = new Subject.Call(network, card, 1, side);
    Map<String, Subject.Call> theirs = new LinkedHashMap<>();
    torch.forEach((name, t) -> theirs.put(name, new Subject.Call(t, card, 1, side)));
    double[] time = new double[rounds];
    Map<String, double[]> times = new LinkedHashMap<>();
    theirs.keySet().forEach(name -> times.put(name, new double[rounds]));
    for (int round = -3; round < rounds; round++) {
      double t = ours.time();
      if (round >= 0) {
        time[round] = t;
      }
      for (Map.Entry<String, Subject.Call> their : theirs.entrySet()) {
        t = their.getValue().time();
        if (round >= 0) {
          times.get(their.getKey())[round] = t;
        }
      }
    }
    for (Map.Entry<String, Subject.Call> their : theirs.entrySet()) {
      double[] t = times.get(their.getKey());
      table.add(
          side,
          network.threads(),
          their.getKey(),
          Spread.of(t).in(ns -> ns / 1e6),
          Spread.of(time).in(ns -> ns / 1e6),
          Spread.ofRatios(t, time),
          // eps is v times alpha plus what both have
          difference(ours.out().eps(), their.getValue().out().eps()) / alpha(card));
    }
  }

  private static double alpha(ModelCard card) {
    return card.schedule().level(card.schedule().size() / 2).alpha();
  }

  private static void compareRuns(
      OnnxPredictor network,
      Map<String, TorchPredictor> torch,
      int side,
      int steps,
      int rounds,
      Table table)
      throws IOException {
    ModelCard card = network.card();
    double[] time = new double[rounds];
    Map<String, double[]> times = new LinkedHashMap<>();
    Map<String, Double> differences = new LinkedHashMap<>();
    torch.keySet().forEach(name -> times.put(name, new double[rounds]));
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      Tensor ours = generate(network, card, side, steps);
      time[round] = System.nanoTime() - start;
      for (Map.Entry<String, TorchPredictor> t : torch.entrySet()) {
        start = System.nanoTime();
        Tensor theirs = generate(t.getValue(), card, side, steps);
        times.get(t.getKey())[round] = System.nanoTime() - start;
        differences.put(t.getKey(), difference(ours, theirs));
      }
    }
    for (String name : torch.keySet()) {
      table.add(
          side,
          network.threads(),
          SAMPLER.key(),
          steps,
          name,
          Spread.of(times.get(name)).in(ns -> ns / 1e9),
          Spread.of(time).in(ns -> ns / 1e9),
          Spread.ofRatios(times.get(name), time),
          differences.get(name));
    }
  }

  private static Tensor generate(NoisePredictor network, ModelCard card, int side, int steps) {
    return new Generation(
            SAMPLER.sampler(0, card.variance()), SAMPLER.path(card.schedule(), steps, false))
        .run(
            Subject.asRun(network, side, card),
            new Shape(1, card.channels(), side, side),
            KeyedNoise.of(1),
            Monitor.NONE);
  }

  private static double difference(Tensor a, Tensor b) {
    double most = 0;
    for (int i = 0; i < a.data().length; i++) {
      most = Math.max(most, Math.abs(a.data()[i] - b.data()[i]));
    }
    return most;
  }
}
