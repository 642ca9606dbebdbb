package ijdiffusion.bench;

import java.nio.ByteOrder;
import java.nio.ByteBuffer;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.Prediction;
import ijdiffusion.sampling.KnownRegion;
import ijdiffusion.sampling.LowPass;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.LowPassFilter;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The parts that a step is made of, besides the network. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class PartsBenchmark {
  private static final NoiseLevel LEVEL = DiscreteSchedule.linear(1000, 1e-4, 0.02).level(500);

  /** Side of the state. */
  @Param({"64", "256"})
  public int side;

  private final NoiseSource noise = KeyedNoise.of(1);
  private NoisePredictor clipped;
  private Tensor x;
  private Tensor z;
  private Prediction out;
  private KnownRegion known;
  private LowPass lowPass;
  private FloatBuffer direct;

  /** Makes the state. */
  @Setup
  public void begin() {
    Shape shape = new Shape(1, 1, side, side);
    x = new Tensor(shape);
    z = new Tensor(shape);
    noise.next(x);
    out = new Prediction(shape, false);
    noise.next(out.eps());
    clipped = ((NoisePredictor) (state, level, to) -> {}).clipped(-1, 1);
    Tensor mask = new Tensor(new Shape(1, 1, side, side));
    mask.fill(1);
    known = new KnownRegion(new Tensor(shape), mask);
    lowPass =
        new LowPass(
            LowPassFilter.bicubic(side, side, 8),
            new Tensor(shape),
            LowPass.Variant.CODE,
            NoiseLevel.CLEAN);
    direct =
        ByteBuffer.allocateDirect(4 * side * side)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
  }

  /** One draw of noise. */
  @Benchmark
  public float noise() {
    noise.next(z);
    return z.data()[0];
  }

  /** x = a x + b z. */
  @Benchmark
  public float sum() {
    x.setSum(0.7, x, 0.3, z);
    return x.data()[0];
  }

  /** From v to eps and x_0. */
  @Benchmark
  public float convertV() {
    Parameterization.V.toPrediction(x, LEVEL, out);
    return out.x0().data()[0];
  }

  /** x_0 limited, eps anew. */
  @Benchmark
  public float clip() {
    clipped.predict(x, LEVEL, out);
    return out.eps().data()[0];
  }

  /** RePaint's known pixels, one draw of noise with them. */
  @Benchmark
  public float repaint() {
    known.beforePrediction(x, LEVEL, noise);
    return x.data()[0];
  }

  /** ILVR's low-pass, one draw of noise with it. */
  @Benchmark
  public float ilvr() {
    lowPass.afterStep(x, LEVEL, LEVEL, noise);
    return x.data()[0];
  }

  /** To the runtime's memory and back. */
  @Benchmark
  public float copyBothWays() {
    direct.put(0, x.data(), 0, x.data().length);
    direct.get(0, z.data(), 0, z.data().length);
    return z.data()[0];
  }

  /** As the predictor looks for numbers that are none. */
  @Benchmark
  public boolean finite() {
    for (float value : x.data()) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
