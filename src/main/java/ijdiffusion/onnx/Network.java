package ijdiffusion.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Weights;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A network in the runtime, from opening to closing. Work on it from several threads is done one
 * after the other; {@link #cancel} and {@link #close} may come from any thread at any time.
 *
 * <p>Where the choice of the device is left to us, a network moves from a CUDA device that fails to
 * the CPU, for good, and the call that failed is made again there.
 */
final class Network implements AutoCloseable {
  private final Source source;
  private final OrtEnvironment environment;
  private final StopSwitch stop;
  private final CudaSettings settings;
  private final DeviceNotes notes;
  private final int threads;
  private final double keepSeconds;

  /**
   * Held while the native code works, and by whoever frees it. Guards session, mayMove, sound,
   * beforeClose and closed.
   */
  private final ReentrantLock inUse = new ReentrantLock();

  private OrtSession session;
  private boolean mayMove;
  private volatile boolean cuda;

  /** Whether every run has ended as it should. */
  private boolean sound = true;

  private Runnable beforeClose = () -> {};
  private boolean closed;

  private Network(Source source, OrtEnvironment environment, Place place, OrtSession session)
      throws OrtException {
    this.source = source;
    this.environment = environment;
    this.session = session;
    this.cuda = place.settings != null;
    this.settings = place.settings;
    this.notes = new DeviceNotes(place.note);
    this.threads = place.threads;
    this.keepSeconds = KeptSessions.seconds();
    this.stop = new StopSwitch();
    OpenNetworks.add(this);
  }

  /**
   * What is opened.
   *
   * @param kind what it is to its user: predictor, encoder
   * @param model name of the model
   * @param weights its file
   */
  record Source(String kind, String model, Weights weights) {}

  /**
   * Where it is opened, and why there.
   *
   * @param settings of the CUDA device, {@code null} for the CPU
   */
  private record Place(CudaSettings settings, int threads, String note) {}

  /** What a network is used as. */
  @FunctionalInterface
  interface Use<T> {
    /** Checks that the network is what its card says. */
    T of(Network network) throws OrtException;
  }

  /** Something to do while nobody else uses the network. */
  @FunctionalInterface
  interface Work {
    /** Does it. */
    void run() throws OrtException;
  }

  /**
   * Loads a network.
   *
   * @param device where to run it
   * @param threads of the CPU, 0 for one on each physical core this process may use
   * @param use makes the object that runs the network
   * @param trial runs it once: a device may accept a network and still not run it
   */
  static <T> T open(
      Source source, Device device, int threads, Use<T> use, Consumer<? super T> trial) {
    DiffusionException.inRange("threads", threads, 0, 1024);
    int used = threads == 0 ? PhysicalCores.count() : threads;
    OrtEnvironment environment = NativeRuntime.environment();
    try (LoadedModel model = LoadedModel.load(source.weights, environment)) {
      return open(source, environment, model, device, used, use, trial);
    }
  }

  private static <T> T open(
      Source source,
      OrtEnvironment environment,
      LoadedModel model,
      Device device,
      int threads,
      Use<T> use,
      Consumer<? super T> trial) {
    boolean left = device == Device.AUTO;
    String note = "";
    if (device == Device.CUDA || left && CudaDevice.current().isBuiltIn()) {
      Place place = new Place(CudaSettings.read(), threads, "");
      try {
        return openAt(source, environment, model, place, left, use, trial);
      } catch (DiffusionException e) {
        if (!left) {
          throw e;
        }
        note = "Runs on the CPU: " + e.getMessage();
      }
    }
    Place place = new Place(null, threads, note);
    return openAt(source, environment, model, place, false, use, trial);
  }

  private static <T> T openAt(
      Source source,
      OrtEnvironment environment,
      LoadedModel model,
      Place place,
      boolean mayMove,
      Use<T> use,
      Consumer<? super T> trial) {
    OrtSession session =
        KeptSessions.Key.of(source.weights, place.settings, place.threads)
            .flatMap(KeptSessions::take)
            .orElseGet(
                () ->
                    Sessions.create(
                        source.model, environment, model, place.settings, place.threads));
    Network network;
    try {
      network = new Network(source, environment, place, session);
    } catch (OrtException e) {
      Sessions.close(session);
      throw Sessions.failed("opening", source.model, e);
    } catch (DiffusionException e) {
      Sessions.close(session);
      throw e;
    }
    T user;
    try {
      user = use.of(network);
    } catch (OrtException e) {
      network.close();
      throw Sessions.failed("opening", source.model, e);
    } catch (DiffusionException e) {
      network.close();
      throw e;
    }
    if (place.settings != null) {
      try {
        trial.accept(user);
      } catch (DiffusionException e) {
        network.close();
        boolean failed = e.getCause() instanceof DeviceFailure;
        throw Sessions.noCuda((failed ? e.getCause() : e).getMessage(), e);
      }
    }
    network.mayMove = mayMove; // from the device it has proved to run on
    return user;
  }

  /** What is to be freed before the session is; called while nobody else uses the network. */
  void beforeClose(Runnable action) {
    beforeClose = action;
  }

  /**
   * Works on the network, after whoever works on it now; again on the CPU, if the device fails and
   * the network may move.
   *
   * @throws Cancelled after {@link #cancel}, be it before or during this call
   * @throws DiffusionException when the runtime fails
   */
  void use(Work work) {
    try {
      attempt(work);
    } catch (DeviceFailure e) {
      moveToCpu(e);
      attempt(work); // fails by a DiffusionException now
    }
  }

  /**
   * Works on the network, after whoever works on it now.
   *
   * @throws Cancelled after {@link #cancel}, be it before or during this call
   * @throws DeviceFailure when the network is on a CUDA device, and that fails
   * @throws DiffusionException when the runtime fails
   */
  void attempt(Work work) {
    inUse.lock();
    try {
      checkUsable();
      work.run();
      checkUsable();
    } catch (OrtException e) {
      sound = false;
      checkUsable();
      throw cuda
          ? DeviceFailure.of(source.model, Sessions.reason(e), e)
          : Sessions.failed("running", source.model, e);
    } finally {
      inUse.unlock();
    }
  }

  /**
   * Moves the network to the CPU, for good.
   *
   * @param failure why
   * @throws DiffusionException when it has to stay where it is, which is then the end of the run
   */
  void moveToCpu(DeviceFailure failure) {
    inUse.lock();
    try {
      checkUsable();
      if (!cuda) {
        return; // somebody else has moved it while we waited
      }
      if (!mayMove) {
        throw failure.said();
      }
      OrtSession onCpu;
      try (LoadedModel loaded = LoadedModel.load(source.weights, environment)) {
        onCpu = Sessions.create(source.model, environment, loaded, null, threads);
      } catch (DiffusionException e) {
        e.addSuppressed(failure);
        throw e;
      }
      OrtSession failed = session;
      session = onCpu;
      sound = true;
      cuda = false;
      beforeClose.run();
      closeFailed(failed);
      checkUsable();
    } finally {
      inUse.unlock();
    }
    notes.add(failure.goingOn("on the CPU"));
  }

  private static void closeFailed(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      // a device that has failed may fail to free its memory, too; nothing here depends on it
    }
  }

  /** One pass, for work in {@link #use} or {@link #attempt}; the result is to be closed. */
  OrtSession.Result run(
      Map<String, ? extends OnnxTensorLike> inputs,
      Set<String> wanted,
      Map<String, OnnxTensor> into)
      throws OrtException {
    return cuda
        ? CudaDevice.current().run(session, inputs, wanted, into, stop.options())
        : session.run(inputs, wanted, into, stop.options());
  }

  /** Ends the work after a call to {@link #cancel}. */
  void checkUsable() {
    if (stop.isPulled()) {
      throw new Cancelled();
    }
    if (closed) {
      throw new IllegalStateException(
          "The " + source.kind + " of model " + source.model + " is closed");
    }
  }

  /** Refuses what no network should say. */
  void checkFinite(float[] values, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (Float.isFinite(values[i])) {
        continue;
      }
      if (cuda) {
        throw DeviceFailure.notFinite(source.model, values[i]);
      }
      throw new DiffusionException(
          "Model "
              + source.model
              + " returned "
              + values[i]
              + " instead of a number; check the image for NaN and infinite pixels or choose"
              + " another model.");
    }
  }

  OrtEnvironment environment() {
    return environment;
  }

  OrtSession session() {
    return session;
  }

  /** Whether it is on a CUDA device now. */
  boolean cuda() {
    return cuda;
  }

  /** Where it has run, in order. */
  String provider() {
    return settings == null ? "CPU" : cuda ? "CUDA" : "CUDA, then CPU";
  }

  /** How the CUDA device is or was used; empty where none was. */
  String settings() {
    return settings == null ? "" : settings.describe();
  }

  /** What a user should know about the device. */
  DeviceNotes notes() {
    return notes;
  }

  int threads() {
    return threads;
  }

  /**
   * Stops work in progress, which ends with {@link Cancelled} within milliseconds, and refuses any
   * later one. Does not wait.
   */
  void cancel() {
    stop.pull();
  }

  /** Frees the network, after work in progress has ended; a second call does nothing. */
  @Override
  public void close() {
    inUse.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      OpenNetworks.remove(this);
      beforeClose.run();
      stop.close();
      giveBack();
    } finally {
      inUse.unlock();
    }
  }

  private void giveBack() {
    Optional<KeptSessions.Key> key =
        KeptSessions.Key.of(source.weights, cuda ? settings : null, threads);
    if (sound && !stop.isPulled() && key.isPresent()) {
      KeptSessions.keep(key.get(), session, keepSeconds);
    } else {
      Sessions.close(session);
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
