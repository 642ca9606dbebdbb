package ijdiffusion.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A network in an ONNX file, run by ONNX Runtime. Whatever the network was taught to say about
 * whichever number for the level, by its card, comes out as eps and x_0; x_0 is not clipped here.
 *
 * <p>On the CPU a batch goes through image by image: it is not slower, and the pixels of an image
 * do not depend on the others. They do not depend on the number of threads either.
 *
 * <p>Calls from several threads are answered one after the other. {@link #cancel} and {@link
 * #close} may come from any thread at any time.
 */
public final class OnnxPredictor implements NoisePredictor, AutoCloseable {
  /** Most pixels of one run on a CUDA device: 16 images of 256 x 256. */
  private static final int CUDA_PIXELS = 1 << 20;

  /** How far rounding may take an index, found back from sigma / alpha, from a whole number. */
  private static final double WHOLE = 1e-6;

  private final ModelCard card;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final OrtSession.RunOptions runOptions;
  private final boolean cuda;
  private final String note;
  private final int threads;

  /** Images per run where the network fixes it, 0 where it does not. */
  private final int fixedBatch;

  /** Held while the native code works, and by whoever frees it. Guards buffers and closed. */
  private final ReentrantLock inUse = new ReentrantLock();

  private Buffers buffers;
  private boolean closed;

  /** Guards the life of runOptions against {@link #cancel}, which must not wait for inUse. */
  private final Object terminating = new Object();

  private boolean terminable = true;
  private volatile boolean cancelled;

  private OnnxPredictor(
      ModelCard card, OrtEnvironment environment, Opened opened, String note, int threads)
      throws OrtException {
    this.card = card;
    this.environment = environment;
    this.session = opened.session;
    this.fixedBatch = opened.fixedBatch;
    this.cuda = opened.cuda;
    this.note = note;
    this.threads = threads;
    this.runOptions = Sessions.runOptions();
    OpenPredictors.add(this);
  }

  /** A session and what was found out about it. */
  record Opened(OrtSession session, int fixedBatch, boolean cuda) {}

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
    DiffusionException.inRange("threads", threads, 0, 1024);
    int used = threads == 0 ? PhysicalCores.count() : threads;
    OrtEnvironment environment = NativeRuntime.environment();
    ByteBuffer weights = card.loadWeights();
    boolean tryCuda =
        device == Device.CUDA
            || (device == Device.AUTO
                && OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA));
    String note = "";
    if (tryCuda) {
      try {
        return openOn(card, environment, weights, true, used, note);
      } catch (DiffusionException e) {
        if (device == Device.CUDA) {
          throw e;
        }
        note = "Runs on the CPU: " + e.getMessage();
      }
    }
    return openOn(card, environment, weights, false, used, note);
  }

  private static OnnxPredictor openOn(
      ModelCard card,
      OrtEnvironment environment,
      ByteBuffer weights,
      boolean cuda,
      int threads,
      String note) {
    OrtSession session = Sessions.create(card, environment, weights, cuda, threads);
    OnnxPredictor predictor;
    try {
      Opened opened = new Opened(session, Signature.check(session, card), cuda);
      predictor = new OnnxPredictor(card, environment, opened, note, threads);
    } catch (OrtException e) {
      Sessions.close(session);
      throw Sessions.failed("opening", card, e);
    } catch (DiffusionException e) {
      Sessions.close(session);
      throw e;
    }
    if (cuda) {
      // a device may accept the network and still not run it
      try {
        predictor.trial();
      } catch (DiffusionException e) {
        predictor.close();
        throw Sessions.noCuda(e.getMessage(), e);
      }
    }
    return predictor;
  }

  /** One run of the smallest useful size. */
  private void trial() {
    int multiple = card.sizeMultiple();
    int side = multiple * Math.max(1, 64 / multiple);
    Shape shape =
        card.image()
            .fixedSize()
            .map(s -> new Shape(1, card.channels(), s.height(), s.width()))
            .orElse(new Shape(1, card.channels(), side, side));
    int middle = card.schedule().size() / 2;
    NoiseLevel level = card.schedule().level(middle);
    predict(new Tensor(shape), level, new Prediction(shape, predictsVariance()));
  }

  /**
   * {@inheritDoc}
   *
   * @throws Cancelled after {@link #cancel}, be it before or during this call
   * @throws DiffusionException when the runtime fails or the network's output is not finite, or
   *     when the network takes integers and the level is between two of the card's schedule
   */
  @Override
  public void predict(Tensor x, NoiseLevel level, Prediction out) {
    Shape shape = x.shape();
    checkShape(shape);
    if (!out.eps().shape().equals(shape)) {
      throw new IllegalArgumentException("Prediction " + out.eps() + " for a state " + shape);
    }
    double time = timeOf(level);
    double scale = card.output().meaning().inputScale(level);
    inUse.lock();
    try {
      checkUsable();
      Buffers run = buffersFor(shape);
      run.setTime(time);
      int batch = run.shape().n();
      for (int first = 0; first < shape.n(); first += batch) {
        int images = Math.min(batch, shape.n() - first);
        int size = shape.imageSize();
        run.setImages(x.data(), first * size, images * size, scale);
        run.run(session, runOptions);
        checkUsable();
        for (int i = 0; i < images; i++) {
          read(run, i, first + i, out);
        }
      }
    } catch (OrtException e) {
      checkUsable();
      throw Sessions.failed("running", card, e);
    } finally {
      inUse.unlock();
    }
    card.output().meaning().toPrediction(x, level, out);
  }

  private void read(Buffers run, int image, int into, Prediction out) {
    int size = run.shape().imageSize();
    float[] eps = out.eps().data();
    if (predictsVariance()) {
      float[] variance = out.variance().data();
      run.getOutput(2 * image * size, eps, into * size, size);
      run.getOutput((2 * image + 1) * size, variance, into * size, size);
      checkFinite(variance, into * size, size);
    } else {
      run.getOutput(image * size, eps, into * size, size);
    }
    checkFinite(eps, into * size, size);
  }

  private void checkFinite(float[] values, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new DiffusionException(
            "Model "
                + card.name()
                + " returned "
                + values[i]
                + " instead of a number; check the image for NaN and infinite pixels"
                + (cuda ? ", try device=cpu," : "")
                + " or choose another model.");
      }
    }
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
      buffers = new Buffers(environment, card, run);
    }
    return buffers;
  }

  private int imagesPerRun(Shape shape) {
    if (fixedBatch > 0) {
      return fixedBatch;
    }
    if (!cuda) {
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

  private void checkUsable() {
    if (cancelled) {
      throw new Cancelled();
    }
    if (closed) {
      throw new IllegalStateException("The predictor of model " + card.name() + " is closed");
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
    return cuda ? "CUDA" : "CPU";
  }

  /** Why {@link Device#AUTO} did not take the CUDA device it tried; empty otherwise. */
  public String note() {
    return note;
  }

  /** Threads of the CPU in use. */
  public int threads() {
    return threads;
  }

  /** Name and version of the runtime, for instance {@code ONNX Runtime 1.29.0}. */
  public String runtime() {
    return "ONNX Runtime " + environment.getVersion();
  }

  /**
   * Stops a call in flight, which ends with {@link Cancelled} within milliseconds, and every later
   * one. Does not wait.
   */
  public void cancel() {
    cancelled = true;
    synchronized (terminating) {
      if (terminable) {
        try {
          runOptions.setTerminate(true);
        } catch (OrtException e) {
          throw new IllegalStateException("ONNX Runtime does not take a request to stop", e);
        }
      }
    }
  }

  /** Frees the network, after a call in flight has ended; a second call does nothing. */
  @Override
  public void close() {
    inUse.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      OpenPredictors.remove(this);
      freeBuffers();
      synchronized (terminating) {
        terminable = false;
        runOptions.close();
      }
      Sessions.close(session);
    } finally {
      inUse.unlock();
    }
  }

  /** On the way out of the JVM: stops and frees, but waits no longer than this. */
  void abandon(long milliseconds) {
    cancel();
    try {
      if (inUse.tryLock(milliseconds, TimeUnit.MILLISECONDS)) {
        try {
          close();
        } finally {
          inUse.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
