package ijdiffusion.bench;

import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.Generation;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;

/**
 * In a fresh JVM: a short run on an image of one size, in tiles where commands would, and what it
 * took. Times of calls at 256 x 256 pixels before and after it tell how fast the machine was.
 */
final class SizeRun {
  private static final int REFERENCE = 256;

  private SizeRun() {}

  /**
   * Tells the figures.
   *
   * @param args side, steps
   */
  public static void main(String[] args) throws IOException {
    int side = Integer.parseInt(args[0]);
    int steps = Integer.parseInt(args[1]);
    ModelCard card = Subject.card();
    long[] clock = new long[steps + 1];
    try (OnnxPredictor network = Subject.open()) {
      // the reference costs memory of its own, so before small images it is left for afterwards
      double before = side >= REFERENCE ? reference(network, card) : Double.NaN;
      clock[0] = System.nanoTime();
      new Generation(
              SamplerChoice.DDPM.sampler(1, card.variance()),
              SamplerChoice.DDPM.path(card.schedule(), steps, false))
          .run(
              Subject.asRun(network, side, card),
              new Shape(1, card.channels(), side, side),
              KeyedNoise.of(1),
              (done, total, x0) -> clock[done] = System.nanoTime());
      ChildJvm.tell("rss_peak", Machine.status("VmHWM"));
      ChildJvm.tell("heap_peak", heapPeak() / 1e6);
      double after = reference(network, card);
      ChildJvm.tell("reference", Double.isNaN(before) ? after : (before + after) / 2);
    }
    double[] intervals = new double[steps - 1];
    for (int i = 1; i < steps; i++) {
      intervals[i - 1] = clock[i + 1] - clock[i];
    }
    ChildJvm.tell("call", Spread.of(intervals).median());
  }

  private static double reference(OnnxPredictor network, ModelCard card) {
    Subject.Call call = new Subject.Call(network, card, 1, REFERENCE);
    call.time();
    return Spread.of(new double[] {call.time(), call.time(), call.time()}).median();
  }

  private static long heapPeak() {
    long sum = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        sum += pool.getPeakUsage().getUsed();
      }
    }
    return sum;
  }
}
