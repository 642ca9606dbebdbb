package ijdiffusion.onnx;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/** Work done side by side. */
final class Lanes {
  private Lanes() {}

  /** What is done in each lane. */
  @FunctionalInterface
  interface Work<T> {
    /** Does it. */
    void in(T lane) throws OrtException;
  }

  /**
   * Does the same in all lanes at a time, in the first one on the caller's thread, and waits for
   * all of them whatever happens: nobody uses a lane any more on return.
   *
   * @throws OrtException as thrown in a lane, and so for everything else; what others threw is
   *     suppressed
   */
  static <T> void run(List<T> lanes, Work<? super T> work) throws OrtException {
    if (lanes.size() == 1) {
      work.in(lanes.get(0));
      return;
    }
    // the first one last, for it keeps this thread busy
    List<CompletableFuture<Void>> all =
        IntStream.range(0, lanes.size())
            .map(i -> lanes.size() - 1 - i)
            .mapToObj(i -> start(work, lanes.get(i), i == 0 ? Runnable::run : pool()))
            .toList();
    Throwable failure = null;
    for (CompletableFuture<Void> one : all) {
      try {
        one.join();
      } catch (CompletionException e) {
        if (failure == null) {
          failure = e.getCause();
        } else if (failure != e.getCause()) {
          failure.addSuppressed(e.getCause());
        }
      }
    }
    if (failure instanceof OrtException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  private static Executor pool() {
    return ForkJoinPool.commonPool();
  }

  private static <T> CompletableFuture<Void> start(
      Work<? super T> work, T lane, Executor executor) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            work.in(lane);
          } catch (OrtException e) {
            throw new CompletionException(e);
          }
        },
        executor);
  }
}
