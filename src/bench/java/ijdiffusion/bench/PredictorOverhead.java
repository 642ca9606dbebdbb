package ijdiffusion.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.ModelCardReader;
import ijdiffusion.onnx.Device;
import ijdiffusion.onnx.OnnxPredictor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * What {@code OnnxPredictor} adds to the runtime: copies, the check for numbers that are none, and
 * the conversion from v. A network of a few additions is called through it, and then as directly as
 * the runtime allows, on buffers of its own; the difference is what we add. On one thread, so
 * that the waking of others is not in it. Only code that has run for a while is compiled well:
 * quick runs show many times as much.
 */
final class PredictorOverhead implements AutoCloseable {
  private final OnnxPredictor predictor;
  private final Subject.Call call;
  private final int samples;
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs;
  private final Map<String, OnnxTensor> outputs;

  /**
   * @param fixtures folder with the small network {@code gauss-v}
   */
  PredictorOverhead(Path fixtures, int samples, int side) {
    ModelCard card = ModelCardReader.read(fixtures.resolve("gauss-v"));
    this.predictor = OnnxPredictor.open(card, Device.CPU, 1);
    this.call = new Subject.Call(predictor, card, samples, side);
    this.samples = samples;
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(predictor.threads());
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      this.session = environment.createSession(card.weights().load(), options);
      long[] image = {1, 1, side, side};
      this.inputs =
          Map.of(
              card.image().name(),
              tensor(environment, image),
              card.time().name(),
              tensor(environment, card.time().layout().shape(1)));
      this.outputs = Map.of(card.output().name(), tensor(environment, image));
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, long[] shape) throws OrtException {
    int size = 1;
    for (long length : shape) {
      size *= (int) length;
    }
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(4 * size).order(ByteOrder.nativeOrder()).asFloatBuffer();
    return OnnxTensor.createTensor(environment, buffer, shape);
  }

  /** Nanoseconds added to one call for all samples. */
  double time() {
    double ours = call.time();
    long start = System.nanoTime();
    try {
      for (int i = 0; i < samples; i++) {
        session.run(inputs, Set.of(), outputs).close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
    return ours - (System.nanoTime() - start);
  }

  @Override
  public void close() {
    predictor.close();
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
