package ijdiffusion.onnx;

import ai.onnxruntime.OrtSession;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.CardFile;
import ijdiffusion.card.Weights;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Sessions that nobody uses now, kept for a while: a macro over many images asks for the same
 * network again and again, and most of opening one is the runtime's work on its graph. A session
 * has one user at a time. Files are read and their SHA-256 is checked at every opening all the
 * same, and a network whose card states none is not kept.
 *
 * <p>{@value #PROPERTY} says for how many seconds, 0 for not at all.
 */
final class KeptSessions {
  static final String PROPERTY = "diffusion.keep";

  private static final double USUAL_SECONDS = 10;
  private static final double MOST_SECONDS = 86_400;

  /** A model has up to three networks; the other one may be that of the command before. */
  private static final int MOST = 4;

  private static final Deque<Kept> KEPT = new ArrayDeque<>();

  private KeptSessions() {}

  /**
   * What makes two sessions the same.
   *
   * @param sha256 of the ONNX file, as the card states it
   * @param externalSha256 of the file with further weights
   * @param cuda the way to the CUDA device, {@code null} for the CPU
   * @param settings of the CUDA device, {@code null} for the CPU
   * @param threads of the CPU
   */
  record Key(
      String sha256,
      Optional<String> externalSha256,
      CudaDevice cuda,
      CudaSettings settings,
      int threads) {
    /** Nothing for a network that nobody stated the SHA-256 of. */
    static Optional<Key> of(Weights weights, CudaSettings settings, int threads) {
      CudaDevice cuda = settings == null ? null : CudaDevice.current();
      Optional<String> external = weights.externalData().flatMap(CardFile::sha256);
      return weights
          .network()
          .sha256()
          .map(hash -> new Key(hash, external, cuda, settings, threads));
    }
  }

  private record Kept(Key key, OrtSession session) {}

  /**
   * What the property says.
   *
   * @throws DiffusionException when that is no number of seconds
   */
  static double seconds() {
    return JavaProperty.number(
        PROPERTY,
        USUAL_SECONDS,
        value -> value >= 0 && value <= MOST_SECONDS,
        "a number of seconds from 0 to 86400",
        "start Java with -D" + PROPERTY + "=60 to keep networks for a minute");
  }

  /** A session that was kept; it is then the caller's. */
  static synchronized Optional<OrtSession> take(Key key) {
    for (Iterator<Kept> all = KEPT.descendingIterator(); all.hasNext(); ) {
      Kept kept = all.next();
      if (kept.key.equals(key)) {
        all.remove();
        return Optional.of(kept.session);
      }
    }
    return Optional.empty();
  }

  /** Keeps a session that nobody uses any more, or frees it where nothing is to be kept. */
  static void keep(Key key, OrtSession session, double seconds) {
    if (seconds == 0) {
      Sessions.close(session);
      return;
    }
    Kept kept = new Kept(key, session);
    Kept oldest;
    synchronized (KeptSessions.class) {
      KEPT.addLast(kept);
      oldest = KEPT.size() > MOST ? KEPT.removeFirst() : null;
    }
    if (oldest != null) {
      Sessions.close(oldest.session);
    }
    CompletableFuture.delayedExecutor(Math.round(seconds * 1000), TimeUnit.MILLISECONDS)
        .execute(() -> free(kept));
  }

  private static void free(Kept kept) {
    boolean mine;
    synchronized (KeptSessions.class) {
      mine = KEPT.removeIf(other -> other == kept);
    }
    if (mine) {
      Sessions.close(kept.session);
    }
  }

  /** Frees all of them. */
  static void freeAll() {
    List<Kept> all;
    synchronized (KeptSessions.class) {
      all = new ArrayList<>(KEPT);
      KEPT.clear();
    }
    all.forEach(kept -> Sessions.close(kept.session));
  }

  /** How many there are. */
  static synchronized int count() {
    return KEPT.size();
  }
}
