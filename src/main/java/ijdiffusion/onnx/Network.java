package ijdiffusion.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Weights;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A network in the runtime, from opening to closing. Work on it from several threads is done one
 * after the other; {@link #cancel} and {@link #close} may come from any thread at any time.
 */
final class Network implements AutoCloseable {
  private final String kind;
  private final String model;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final OrtSession.RunOptions runOptions;
  private final boolean cuda;
  private final String note;
  private final int threads;

  /** Held while the native code works, and by whoever frees it. Guards beforeClose and closed. */
  private final ReentrantLock inUse = new ReentrantLock();

  private Runnable beforeClose = () -> {};
  private boolean closed;

  /** Guards the life of runOptions against {@link #cancel}, which must not wait for inUse. */
  private final Object terminating = new Object();

  private boolean terminable = true;
  private volatile boolean cancelled;

  private Network(Source source, OrtEnvironment environment, Place place, OrtSession session)
      throws OrtException {
    this.kind = source.kind;
    this.model = source.model;
    this.environment = environment;
    this.session = session;
    this.cuda = place.cuda;
    this.note = place.note;
    this.threads = place.threads;
    this.runOptions = Sessions.runOptions();
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

  /** Where it is opened, and why there. */
  private record Place(boolean cuda, int threads, String note) {}

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
    boolean tryCuda =
        device == Device.CUDA
            || (device == Device.AUTO
                && OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA));
    String note = "";
    if (tryCuda) {
      try {
        return openAt(source, environment, model, new Place(true, threads, ""), use, trial);
      } catch (DiffusionException e) {
        if (device == Device.CUDA) {
          throw e;
        }
        note = "Runs on the CPU: " + e.getMessage();
      }
    }
    return openAt(source, environment, model, new Place(false, threads, note), use, trial);
  }

  private static <T> T openAt(
      Source source,
      OrtEnvironment environment,
      LoadedModel model,
      Place place,
      Use<T> use,
      Consumer<? super T> trial) {
    OrtSession session =
        Sessions.create(source.model, environment, model, place.cuda, place.threads);
    Network network;
    try {
      network = new Network(source, environment, place, session);
    } catch (OrtException e) {
      Sessions.close(session);
      throw Sessions.failed("opening", source.model, e);
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
    if (place.cuda) {
      try {
        trial.accept(user);
      } catch (DiffusionException e) {
        network.close();
        throw Sessions.noCuda(e.getMessage(), e);
      }
    }
    return user;
  }

  /** What is to be freed before the session is; called while nobody else uses the network. */
  void beforeClose(Runnable action) {
    beforeClose = action;
  }

  /**
   * Works on the network, after whoever works on it now.
   *
   * @throws Cancelled after {@link #cancel}, be it before or during this call
   * @throws DiffusionException when the runtime fails
   */
  void use(Work work) {
    inUse.lock();
    try {
      checkUsable();
      work.run();
      checkUsable();
    } catch (OrtException e) {
      checkUsable();
      throw Sessions.failed("running", model, e);
    } finally {
      inUse.unlock();
    }
  }

  /** Ends the work after a call to {@link #cancel}. */
  void checkUsable() {
    if (cancelled) {
      throw new Cancelled();
    }
    if (closed) {
      throw new IllegalStateException("The " + kind + " of model " + model + " is closed");
    }
  }

  /** Refuses what no network should say. */
  void checkFinite(float[] values, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new DiffusionException(
            "Model "
                + model
                + " returned "
                + values[i]
                + " instead of a number; check the image for NaN and infinite pixels"
                + (cuda ? ", try device=cpu," : "")
                + " or choose another model.");
      }
    }
  }

  OrtEnvironment environment() {
    return environment;
  }

  OrtSession session() {
    return session;
  }

  OrtSession.RunOptions runOptions() {
    return runOptions;
  }

  boolean cuda() {
    return cuda;
  }

  /** Why {@link Device#AUTO} did not take the CUDA device it tried; empty otherwise. */
  String note() {
    return note;
  }

  int threads() {
    return threads;
  }

  /**
   * Stops work in progress, which ends with {@link Cancelled} within milliseconds, and refuses any
   * later one. Does not wait.
   */
  void cancel() {
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
