package ijdiffusion.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Stands in for a CUDA device: networks run on the CPU in truth, but along the way of a device, and
 * fail when they are told to. Call 0 is the trial when a network is opened.
 */
public final class FakeCuda extends CudaDevice implements AutoCloseable {
  /** What the runtime would say. */
  public static final String REASON = "Failed to allocate memory for requested buffer";

  private final CudaDevice before = CudaDevice.current();
  private final List<long[]> calls = new ArrayList<>();
  private final List<CudaSettings> settings = new ArrayList<>();
  private IntPredicate fails = call -> false;
  private IntPredicate noNumber = call -> false;
  private Runnable whenFailing = () -> {};
  private long pixels = Long.MAX_VALUE;
  private float error;

  /** Installs one, until it is closed. */
  public FakeCuda() {
    CudaDevice.use(this);
  }

  /** Which calls fail. */
  public FakeCuda failingAt(IntPredicate call) {
    fails = call;
    return this;
  }

  /** Which calls return NaN as their last number. */
  public FakeCuda returningNaNAt(IntPredicate call) {
    noNumber = call;
    return this;
  }

  /** Fails with more pixels at a time, of all images together. */
  public FakeCuda withMemoryFor(long atMost) {
    pixels = atMost;
    return this;
  }

  /** Adds something to all numbers that a noise predictor returns. */
  public FakeCuda offBy(double difference) {
    error = (float) difference;
    return this;
  }

  /** Does something before it fails. */
  public FakeCuda whenFailing(Runnable action) {
    whenFailing = action;
    return this;
  }

  /** The states it was given so far: images, height, width; also of calls that failed. */
  public List<String> calls() {
    return calls.stream().map(s -> s[0] + " x " + s[2] + " x " + s[3]).toList();
  }

  /** How it was asked to run networks. */
  List<CudaSettings> settings() {
    return settings;
  }

  @Override
  boolean isBuiltIn() {
    return true;
  }

  @Override
  void addTo(OrtSession.SessionOptions options, CudaSettings wanted) {
    settings.add(wanted);
  }

  @Override
  OrtSession.Result run(
      OrtSession session,
      Map<String, ? extends OnnxTensorLike> inputs,
      Set<String> wanted,
      Map<String, OnnxTensor> into,
      OrtSession.RunOptions options)
      throws OrtException {
    int call = calls.size();
    long[] shape = largest(inputs);
    calls.add(shape);
    if (fails.test(call) || shape[0] * shape[2] * shape[3] > pixels) {
      whenFailing.run();
      throw new OrtException(REASON);
    }
    OrtSession.Result result = super.run(session, inputs, wanted, into, options);
    for (OnnxTensor output : into.values()) {
      FloatBuffer out = (FloatBuffer) output.getBufferRef().orElseThrow();
      for (int i = 0; i < out.capacity(); i++) {
        out.put(i, out.get(i) + error);
      }
      if (noNumber.test(call)) {
        out.put(out.capacity() - 1, Float.NaN);
      }
    }
    return result;
  }

  /** The state among the inputs. */
  private static long[] largest(Map<String, ? extends OnnxTensorLike> inputs) {
    long[] found = {0, 0, 0, 0};
    for (OnnxTensorLike input : inputs.values()) {
      long[] shape = ((OnnxTensor) input).getInfo().getShape();
      if (shape.length == 4 && shape[2] * shape[3] > found[2] * found[3]) {
        found = shape;
      }
    }
    return found;
  }

  @Override
  public void close() {
    CudaDevice.use(before);
  }
}
