package ijdiffusion.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.model.ConditionalPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.Map;

/**
 * A network in an ONNX file, run by ONNX Runtime. Whatever the network was taught to say about
 * whichever number for the level, by its card, comes out as eps and x_0; x_0 is not clipped here. A
 * network whose card has a condition must be given one, and is then a {@link ConditionalPredictor}
 * only.
 *
 * <p>On the CPU a batch goes through image by image: it is not slower, and the pixels of an image
 * do not depend on the others. They do not depend on the number of threads either.
 *
 * <p>Calls from several threads are answered one after the other. {@link #cancel} and {@link
 * #close} may come from any thread at any time.
 */
public final class OnnxPredictor implements NoisePredictor, ConditionalPredictor, AutoCloseable {
  /** Most pixels of one run on a CUDA device: 16 images of 256 x 256. */
  private static final int CUDA_PIXELS = 1 << 20;

  /** How far rounding may take an index, found back from sigma / alpha, from a whole number. */
  private static final double WHOLE = 1e-6;

  private final ModelCard card;
  private final Network network;

  /** Images per run where the network fixes it, 0 where it does not. */
  private final int fixedBatch;

  /** Data types of the network's inputs and outputs, by name. */
  private final Map<String, OnnxJavaType> types;

  /** Guarded by the network. */
  private Buffers buffers;

  private OnnxPredictor(ModelCard card, Network network) throws OrtException {
    this.card = card;
    this.network = network;
    this.fixedBatch = Signature.check(network.session(), card);
    this.types = Signature.types(network.session());
    network.beforeClose(this::freeBuffers);
  }

  /**
   * Loads a network.
   *
   * @param card its card; the weights are checked against it
   * @param device where to run it
   * @param threads of the CPU, 0 for one on each physical core this process may use
   * @throws DiffusionException when the file is not what the card says, the device cannot be used,
   *     or this platform has no ONNX Runtime
   */
  public static OnnxPredictor open(ModelCard card, Device device, int threads) {
    return Network.open(
        new Network.Source("predictor", card.name(), card.weights()),
        device,
        threads,
        network -> new OnnxPredictor(card, network),
        OnnxPredictor::trial);
  }

  /** One run of the smallest useful size. */
  private void trial() {
    Shape shape = trialShape(card);
    int middle = card.schedule().size() / 2;
    NoiseLevel level = card.schedule().level(middle);
    Prediction out = new Prediction(shape, predictsVariance());
    Tensor condition = card.condition().map(c -> new Tensor(shapeOf(c, shape))).orElse(null);
    predict(new Tensor(shape), condition, whole(condition), level, out);
  }

  /** One state of the smallest useful size. */
  static Shape trialShape(ModelCard card) {
    int multiple = card.sizeMultiple();
    int side = multiple * Math.max(1, 64 / multiple);
    return card.image()
        .fixedSize()
        .map(s -> new Shape(1, card.channels(), s.height(), s.width()))
        .orElse(new Shape(1, card.channels(), side, side));
  }

  /** What the network gets for one image of a state. */
  private static Shape shapeOf(Condition c, Shape state) {
    return new Shape(1, c.inputChannels(), state.h() / c.reduction(), state.w() / c.reduction());
  }

  /**
   * {@inheritDoc}
   *
   * @throws Cancelled after {@link #cancel}, be it before or during this call
   * @throws DiffusionException when the network needs a condition, the runtime fails, the network's
   *     output is not finite, or the network takes integers and the level is between two of the
   *     card's schedule
   */
  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    card.requireUnconditional();
    predict(x, null, null, level, out);
  }

  /**
   * {@inheritDoc}
   *
   * @param condition (N, K, h, w) or (1, K, h, w): the condition image, or the features that {@link
   *     OnnxEncoder} made of it; h and w are the state's, or smaller by the card's {@link
   *     Condition#reduction}
   * @throws Cancelled after {@link #cancel}, be it before or during this call
   * @throws DiffusionException when the network takes no condition, the runtime fails, the
   *     network's output is not finite, or the network takes integers and the level is between two
   *     of the card's schedule
   */
  @Override
  public void predict(Tensor x, Tensor condition, NoiseLevel level, Prediction out) {
    predict(x, condition, whole(condition), level, out);
  }

  private static Window whole(Tensor condition) {
    return condition == null
        ? null
        : new Window(0, 0, condition.shape().w(), condition.shape().h());
  }

  /**
   * {@inheritDoc}
   *
   * <p>The condition may be smaller than the state by the card's {@link Condition#reduction}; then
   * the windows' places and sizes must be multiples of it. Nothing is copied but what the network
   * reads.
   */
  @Override
  public WindowPredictor windows(Tensor condition) {
    int reduction = takenCondition().reduction();
    return new WindowPredictor() {
      @Override
      public void predict(Tensor x, Window where, NoiseLevel level, Prediction out) {
        Window small = Conditions.reduced(where, reduction, condition);
        OnnxPredictor.this.predict(x, condition, small, level, out);
      }

      @Override
      public boolean predictsVariance() {
        return OnnxPredictor.this.predictsVariance();
      }
    };
  }

  private Condition takenCondition() {
    return card.condition()
        .orElseThrow(
            () ->
                new DiffusionException(
                    "Model "
                        + card.name()
                        + " takes no condition; choose a model whose card has one."));
  }

  /** Any prediction; condition and window are {@code null} for a network without one. */
  private void predict(Tensor x, Tensor condition, Window where, NoiseLevel level, Prediction out) {
    Shape shape = x.shape();
    checkShape(shape);
    if (!out.eps().shape().equals(shape)) {
      throw new IllegalArgumentException("Prediction " + out.eps() + " for a state " + shape);
    }
    if (condition != null) {
      Conditions.check(takenCondition(), condition, where, shape);
    }
    double time = timeOf(level);
    double scale = card.output().meaning().inputScale(level);
    network.use(
        () -> {
          Buffers run = buffersFor(shape);
          run.setTime(time);
          int batch = run.shape().n();
          for (int first = 0; first < shape.n(); first += batch) {
            int images = Math.min(batch, shape.n() - first);
            for (int i = 0; i < images; i++) {
              run.setImage(i, x, first + i, scale);
              if (condition != null) {
                run.setCondition(i, condition, condition.shape().n() == 1 ? 0 : first + i, where);
              }
            }
            run.run(network.session(), network.runOptions());
            network.checkUsable();
            for (int i = 0; i < images; i++) {
              read(run, i, first + i, out);
            }
          }
        });
    card.output().meaning().toPrediction(x, level, out);
  }

  private void read(Buffers run, int image, int into, Prediction out) {
    int size = run.shape().imageSize();
    float[] eps = out.eps().data();
    if (predictsVariance()) {
      float[] variance = out.variance().data();
      run.getOutput(2 * image * size, eps, into * size, size);
      run.getOutput((2 * image + 1) * size, variance, into * size, size);
      network.checkFinite(variance, into * size, size);
    } else {
      run.getOutput(image * size, eps, into * size, size);
    }
    network.checkFinite(eps, into * size, size);
  }

  private void checkShape(Shape shape) {
    int multiple = card.sizeMultiple();
    if (shape.c() != card.channels()) {
      throw new IllegalArgumentException(
          "Images " + shape + " for a network of " + card.channels() + " channels");
    }
    if (shape.h() % multiple != 0 || shape.w() % multiple != 0) {
      throw new IllegalArgumentException(
          "Images " + shape + ": height and width must be multiples of " + multiple);
    }
    card.image()
        .fixedSize()
        .ifPresent(
            size -> {
              if (shape.w() != size.width() || shape.h() != size.height()) {
                throw new DiffusionException(
                    "Model "
                        + card.name()
                        + " takes images of "
                        + size
                        + " pixels only, not "
                        + shape.w()
                        + " x "
                        + shape.h()
                        + "; choose a model of free size.");
              }
            });
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

  private Buffers buffersFor(Shape shape) throws OrtException {
    Shape run = shape.withBatch(imagesPerRun(shape));
    if (buffers == null || !buffers.shape().equals(run)) {
      freeBuffers();
      buffers = new Buffers(network.environment(), card, types, run);
    }
    return buffers;
  }

  private int imagesPerRun(Shape shape) {
    if (fixedBatch > 0) {
      return fixedBatch;
    }
    if (!network.cuda()) {
      return 1;
    }
    int most = Math.max(1, CUDA_PIXELS / shape.planeSize());
    int runs = (shape.n() + most - 1) / most;
    return (shape.n() + runs - 1) / runs;
  }

  private void freeBuffers() {
    if (buffers != null) {
      buffers.close();
      buffers = null;
    }
  }

  @Override
  public boolean predictsVariance() {
    return card.variance().isLearned();
  }

  /** The card of the network. */
  public ModelCard card() {
    return card;
  }

  /** Where the network really runs: {@code CPU} or {@code CUDA}. */
  public String provider() {
    return network.cuda() ? "CUDA" : "CPU";
  }

  /** Why {@link Device#AUTO} did not take the CUDA device it tried; empty otherwise. */
  public String note() {
    return network.note();
  }

  /** Threads of the CPU in use. */
  public int threads() {
    return network.threads();
  }

  /**
   * Whether processors are left over while the network runs. On two cores with two threads, work
   * beside it took as much time from the network as it saved, and several percent of a run more
   * where the machine was busy.
   */
  public boolean leavesProcessors() {
    return leavesProcessors(
        network.cuda(), network.threads(), Runtime.getRuntime().availableProcessors());
  }

  static boolean leavesProcessors(boolean cuda, int threads, int processors) {
    return processors > (cuda ? 1 : threads);
  }

  /** Name and version of the runtime, for instance {@code ONNX Runtime 1.29.0}. */
  public String runtime() {
    return "ONNX Runtime " + network.environment().getVersion();
  }

  /**
   * Stops a call in flight, which ends with {@link Cancelled} within milliseconds, and every later
   * one. Does not wait.
   */
  public void cancel() {
    network.cancel();
  }

  /** Frees the network, after a call in flight has ended; a second call does nothing. */
  @Override
  public void close() {
    network.close();
  }
}
