package ijdiffusion.bench;

import java.util.function.IntToDoubleFunction;
import com.sun.management.ThreadMXBean;
import ijdiffusion.card.ModelCard;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * The engine's own loop with a network that takes no time: it leaves its prediction as it is, x_0 =
 * 0, which clipping completes. Reads the clock and the bytes allocated after each step; what lies
 * between two readings is all that a step costs besides the network, and what {@code OnnxPredictor}
 * does.
 */
final class HostRun {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final HostCase subject;
  private final int tiles;
  private final Shape shape;
  private final ReverseProcess process;
  private final Tensor start;
  private final Tensor x;
  private final long[] clock;
  private final long[] allocated;
  private final int[] made;
  private int calls;
  private int steps;

  HostRun(HostCase subject, ModelCard card, Shape shape) {
    this.subject = subject;
    this.shape = shape;
    NoisePredictor free =
        new NoisePredictor() {
          @Override
          public void predict(Tensor state, NoiseLevel level, Prediction out) {
            calls++;
          }

          @Override
          public boolean predictsVariance() {
            return card.variance().isLearned();
          }
        };
    int side = shape.w();
    this.tiles = Subject.tiling(side, card).tiles();
    this.process =
        new ReverseProcess(
            subject.around(Subject.asRun(free, side, card), shape),
            subject.steps(),
            subject.constraint(shape),
            subject.path());
    this.start = new Tensor(shape);
    KeyedNoise.of(2).next(start);
    this.x = new Tensor(shape);
    int most = subject.path().stepsDown();
    this.clock = new long[most];
    this.allocated = new long[most];
    this.made = new int[most];
  }

  HostCase subject() {
    return subject;
  }

  /** One run from noise to image. */
  void run() {
    x.set(start);
    steps = 0;
    calls = 0;
    NoiseSource noise = KeyedNoise.forSamples(1, samples());
    process.run(
        x,
        noise,
        (done, total, x0) -> {
          clock[steps] = System.nanoTime();
          allocated[steps] = THREADS.getCurrentThreadAllocatedBytes();
          made[steps] = calls;
          steps++;
        });
  }

  private int[] samples() {
    int[] samples = new int[shape.n()];
    Arrays.setAll(samples, i -> i);
    return samples;
  }

  /** Nanoseconds for each network call of a step of the latest run: the median of its steps. */
  double nanosPerCall() {
    return Spread.of(
            differences(i -> (double) (clock[i] - clock[i - 1]) / callsOfStep(i)))
        .median();
  }

  /** Bytes allocated by a step of the latest run: the median of its steps. */
  double bytesPerStep() {
    return Spread.of(differences(i -> allocated[i] - allocated[i - 1])).median();
  }

  /** Network calls of a step. */
  double callsPerStep() {
    return Spread.of(differences(this::callsOfStep)).median();
  }

  private double callsOfStep(int i) {
    return (double) (made[i] - made[i - 1]) / tiles;
  }

  private double[] differences(IntToDoubleFunction of) {
    double[] out = new double[steps - 1];
    Arrays.setAll(out, i -> of.applyAsDouble(i + 1));
    return out;
  }
}
