package ijdiffusion.command;

import ij.IJ;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import java.awt.EventQueue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Runs one after another, in the order in which they were started: two networks at a time would
 * fight for the cores and for memory, and both would take longer than one after the other. A run
 * that starts another one in its own thread, as Repeat does, is one run.
 */
final class RunQueue {
  private static final int LOOK_EVERY_MILLIS = 50;

  /** The first is under way, the others wait. */
  private static final Deque<Ticket> QUEUE = new ArrayDeque<>();

  private RunQueue() {}

  /** Compared by identity: two runs of one command are two. */
  private static final class Ticket {
    private final Thread thread = Thread.currentThread();
    private final String title;

    Ticket(String title) {
      this.title = title;
    }
  }

  /**
   * Does something in this thread when its turn has come. While it waits, Esc takes it out of the
   * queue; of several that wait, the last one.
   *
   * @param title what it is, for the status bar
   * @param work what to do
   * @throws Cancelled when the user did not want to wait
   * @throws DiffusionException in the event thread, which cannot wait, if there is a run already
   */
  static void run(String title, Runnable work) {
    Ticket ticket = enter(title);
    if (ticket == null) {
      work.run();
      return;
    }
    try {
      work.run();
    } finally {
      leave(ticket);
    }
  }

  /** Title of the run that Esc takes out of the queue, if there is one. */
  static Optional<String> waiting() {
    synchronized (QUEUE) {
      return QUEUE.size() > 1 ? Optional.of(QUEUE.peekLast().title) : Optional.empty();
    }
  }

  /** Null where this thread is at work already. */
  private static Ticket enter(String title) {
    synchronized (QUEUE) {
      Ticket first = QUEUE.peekFirst();
      if (first != null && first.thread == Thread.currentThread()) {
        return null;
      }
      if (first != null && EventQueue.isDispatchThread()) {
        throw new DiffusionException(
            first.title + " is under way; run " + title + " again when it is done.");
      }
      Ticket own = new Ticket(title);
      QUEUE.addLast(own);
      boolean served = false;
      try {
        if (first != null) {
          IJ.resetEscape();
          IJ.showStatus(title + ": waiting for " + first.title + " (Esc cancels)");
        }
        while (QUEUE.peekFirst() != own) {
          QUEUE.wait(LOOK_EVERY_MILLIS);
          if (QUEUE.peekFirst() != own && QUEUE.peekLast() == own && IJ.escapePressed()) {
            IJ.resetEscape();
            throw new Cancelled();
          }
        }
        served = true;
        return own;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Cancelled();
      } finally {
        if (!served) {
          QUEUE.remove(own);
        }
      }
    }
  }

  private static void leave(Ticket ticket) {
    synchronized (QUEUE) {
      QUEUE.remove(ticket);
      QUEUE.notifyAll();
    }
  }
}
