package ijdiffusion.study;

import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.model.Tiling;
import ijdiffusion.model.VarianceType;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.sampling.Constraint;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.ReverseProcess;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Trajectory;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Locale;

/**
 * Which samplers edit an 8-bit plane of 10,000 x 10,000 pixels with how much heap. A stand-in that
 * looks at each pixel alone takes the network's place; the network's own memory is not on the heap
 * and depends on the tile only.
 *
 * <pre>
 * java -Xmx2g -cp ... ijdiffusion.study.LargeImageStudy SIDE SAMPLER ETA
 * </pre>
 */
public final class LargeImageStudy {
  private static final DiscreteSchedule SCHEDULE = DiscreteSchedule.linear(1000, 1e-4, 0.02);

  /** Exact for pixels N(0, 1). */
  private static final NoisePredictor POINTWISE =
      (x, level, out) -> {
        double variance = level.alpha() * level.alpha() + level.sigma() * level.sigma();
        out.eps().setSum(level.sigma() / variance, x, 0, x);
        out.completeFromEps(x, level);
      };

  private LargeImageStudy() {}

  /**
   * Runs the study.
   *
   * @param args side in pixels, a {@link SamplerChoice}, eta
   */
  public static void main(String[] args) {
    int side = Integer.parseInt(args[0]);
    SamplerChoice choice = SamplerChoice.parse(args[1]);
    double eta = Double.parseDouble(args[2]);
    byte[] grey = new byte[side * side];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = (byte) (i % side * 255 / side);
    }
    Clock clock = new Clock();
    Shape shape = new Shape(1, 1, side, side);
    Trajectory path = Trajectory.of(SCHEDULE.levels(125, 250));
    NoiseSource noise = KeyedNoise.of(1);
    Tensor x = start(grey, shape, path, noise);
    clock.tell("image and noise");
    Tiling tiling = Tiling.automatic(side, side, 16, 1 << 16);
    System.out.println(tiling.describe());
    NoisePredictor tiled = new TiledPredictor(WindowPredictor.of(POINTWISE), tiling).clipped(-1, 1);
    new ReverseProcess(tiled, choice.sampler(eta, VarianceType.FIXED_SMALL), Constraint.NONE, path)
        .run(x, noise, Monitor.NONE);
    clock.tell("two steps");
    for (int i = 0; i < grey.length; i++) {
      grey[i] = (byte) Math.rint(Math.max(0, Math.min(255, (x.data()[i] + 1) * 127.5)));
    }
    clock.tell("bytes");
    System.out.printf(
        Locale.ROOT,
        "%s, eta %s: peak heap %.0f MB of %.0f MB%n",
        choice.key(),
        eta,
        peak() / 1e6,
        Runtime.getRuntime().maxMemory() / 1e6);
  }

  /** The image, diffused to where the path starts; the noise is drawn where the state will be. */
  private static Tensor start(byte[] grey, Shape shape, Trajectory path, NoiseSource noise) {
    Tensor x = new Tensor(shape);
    noise.next(x);
    float alpha = (float) path.start().alpha();
    float sigma = (float) path.start().sigma();
    for (int i = 0; i < grey.length; i++) {
      x.data()[i] = alpha * ((grey[i] & 0xff) / 127.5f - 1) + sigma * x.data()[i];
    }
    return x;
  }

  private static long peak() {
    long sum = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        sum += pool.getPeakUsage().getUsed();
      }
    }
    return sum;
  }

  private static final class Clock {
    private long since = System.nanoTime();

    void tell(String what) {
      long now = System.nanoTime();
      System.out.printf(Locale.ROOT, "%s: %.1f s%n", what, (now - since) / 1e9);
      since = now;
    }
  }
}
