package ijdiffusion.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes of states through a noise predictor, with the memory for them. */
final class Passes {
  /** Most pixels of one run on a CUDA device: 16 images of 256 x 256. */
  private static final int CUDA_PIXELS = 1 << 20;

  /** What runs side by side on the CPU may take: 4 of 256 x 256 with the bundled networks. */
  private static final double SIDE_BY_SIDE_BYTES = 0x1p28;

  /** How far rounding may take an index, found back from sigma / alpha, from a whole number. */
  private static final double WHOLE = 1e-6;

  private final ModelCard card;
  private final Network network;

  /** Images per run where the network fixes it, 0 where it does not. */
  private final int fixedBatch;

  private final double bytesPerPixel;

  /** Data types of the network's inputs and outputs, by name. */
  private final Map<String, OnnxJavaType> types;

  /** One for each run at a time, all of one shape. Guarded by the network. */
  private final List<Buffers> buffers = new ArrayList<>();

  /** Checks that the network is what its card says. */
  Passes(ModelCard card, Network network) throws OrtException {
    this.card = card;
    this.network = network;
    this.fixedBatch = Signature.check(network.session(), card);
    this.bytesPerPixel = RunMemory.bytesPerPixel(card.weights());
    this.types = Signature.types(network.session());
    network.beforeClose(this::freeBuffers);
  }

  /**
   * A prediction; condition and window are {@code null} for a network without one.
   *
   * @param single whether images go one by one where the device would take several
   * @throws DeviceFailure when the network is on a CUDA device, and that fails
   */
  void predict(
      Tensor x, Tensor condition, Window where, NoiseLevel level, boolean single, Prediction out) {
    Shape shape = x.shape();
    double time = timeOf(level);
    double scale = card.output().meaning().inputScale(level);
    network.attempt(
        () -> {
          List<Buffers> lanes = buffersFor(shape, single);
          lanes.forEach(run -> run.setTime(time));
          AtomicInteger next = new AtomicInteger();
          Lanes.run(
              lanes,
              run -> {
                int batch = run.shape().n();
                for (int first = next.getAndAdd(batch);
                    first < shape.n();
                    first = next.getAndAdd(batch)) {
                  int images = Math.min(batch, shape.n() - first);
                  for (int i = 0; i < images; i++) {
                    run.setImage(i, x, first + i, scale);
                    if (condition != null) {
                      int from = condition.shape().n() == 1 ? 0 : first + i;
                      run.setCondition(i, condition, from, where);
                    }
                  }
                  run.run(network);
                  network.checkUsable();
                  for (int i = 0; i < images; i++) {
                    read(run, i, first + i, out);
                  }
                }
              });
        });
    card.output().meaning().toPrediction(x, level, out);
  }

  private void read(Buffers run, int image, int into, Prediction out) {
    int size = run.shape().imageSize();
    float[] eps = out.eps().data();
    if (card.variance().isLearned()) {
      float[] variance = out.variance().data();
      run.getOutput(2 * image * size, eps, into * size, size);
      run.getOutput((2 * image + 1) * size, variance, into * size, size);
      network.checkFinite(variance, into * size, size);
    } else {
      run.getOutput(image * size, eps, into * size, size);
    }
    network.checkFinite(eps, into * size, size);
  }

  /** A network that takes integers knows the levels of the table only, not those between them. */
  private double timeOf(NoiseLevel level) {
    double time = card.time().meaning().value(level, card.schedule());
    if (card.time().type() == TimeTensor.Type.INT64) {
      double whole = Math.rint(time);
      if (!(Math.abs(time - whole) <= WHOLE)) {
        throw new DiffusionException(
            "Model "
                + card.name()
                + " takes whole indices only, but this run visits index "
                + time
                + ", between two levels of the model's noise schedule; choose a sampler or a spacing"
                + " that stays on the schedule.");
      }
      return whole;
    }
    return time;
  }

  private List<Buffers> buffersFor(Shape shape, boolean single) throws OrtException {
    Shape run = shape.withBatch(imagesPerRun(shape, single));
    if (!buffers.isEmpty() && !buffers.get(0).shape().equals(run)) {
      freeBuffers();
    }
    int runs = (shape.n() + run.n() - 1) / run.n();
    int lanes = network.cuda() ? 1 : Math.min(sideBySide(run.n() * run.planeSize()), runs);
    while (buffers.size() < lanes) {
      buffers.add(new Buffers(network.environment(), card, types, run));
    }
    return buffers.subList(0, lanes);
  }

  /**
   * How many runs go side by side on the CPU at most. One image does not occupy several threads:
   * most operators of a small one are shorter than handing them to threads takes. On two threads
   * images side by side take 0.84 to 0.97 of the time of one after the other, on busy processors
   * 0.8 to 0.9; the more threads, the less.
   *
   * @param pixels of one of them
   */
  int sideBySide(int pixels) {
    double fit = SIDE_BY_SIDE_BYTES / (bytesPerPixel * pixels);
    return (int) Math.max(1, Math.min(network.threads(), fit));
  }

  /** Images of a state that the device gets at a time, if that can be less. */
  int atOnce(Shape state, boolean single) {
    return fixedBatch > 0 ? 1 : Math.min(state.n(), imagesPerRun(state, single));
  }

  private int imagesPerRun(Shape shape, boolean single) {
    if (fixedBatch > 0) {
      return fixedBatch;
    }
    if (!network.cuda() || single) {
      return 1;
    }
    int most = Math.max(1, CUDA_PIXELS / shape.planeSize());
    int runs = (shape.n() + most - 1) / most;
    return (shape.n() + runs - 1) / runs;
  }

  private void freeBuffers() {
    buffers.forEach(Buffers::close);
    buffers.clear();
  }
}
