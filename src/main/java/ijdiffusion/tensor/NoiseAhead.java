package ijdiffusion.tensor;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The draws of a {@link KeyedNoise}, made on another thread before they are asked for: while the
 * network runs, where a run has one. The values are those of the source, bit for bit.
 *
 * <p>The shape of a draw to come is taken to be that of the draw two before it, as a run draws for
 * its sampler and its constraint in turn; a draw of another shape is made when it is asked for. Up
 * to three draws and 64 MiB are kept ready, so nothing is made ahead for states beyond 16 million
 * values. Nobody waits: a draw that is not there in time is made by who needs it.
 *
 * <p>For one thread, as every source.
 */
public final class NoiseAhead implements NoiseSource {
  /** As many as lie between two network calls: the sampler's, the constraint's, a jump's. */
  private static final int DRAWS = 3;

  private static final int MOST_VALUES = 1 << 24;

  private final KeyedNoise source;
  private final Executor helper;
  private final Draw[] ready = new Draw[DRAWS];
  private final Shape[] recent = new Shape[2];
  private long draw;

  NoiseAhead(KeyedNoise source, Executor helper) {
    this.source = source;
    this.helper = helper;
  }

  NoiseAhead(KeyedNoise source) {
    this(source, ForkJoinPool.commonPool());
  }

  @Override
  public void next(Tensor z) {
    Draw made = ready[slot(draw)];
    if (made == null || !made.is(draw, z.shape()) || !made.read(z)) {
      source.fill(draw, z);
    }
    // the first draw of a run may be its only one
    boolean more = draw > 0;
    pass(z.shape());
    for (long d = draw; more && d < draw + DRAWS; d++) {
      prepare(d);
    }
  }

  @Override
  public void skip(Shape shape) {
    pass(shape);
  }

  private void pass(Shape shape) {
    recent[parity(draw)] = shape;
    draw++;
  }

  private void prepare(long number) {
    Shape shape = recent[parity(number)];
    int slot = slot(number);
    Draw old = ready[slot];
    if (old != null && old.is(number, shape)) {
      return;
    }
    if ((long) (number - draw + 1) * shape.size() > MOST_VALUES) {
      ready[slot] = null;
      return;
    }
    // a draw that was passed over may still be in the making
    boolean free = old != null && old.drop() && old.values.shape().equals(shape);
    ready[slot] = new Draw(source, number, free ? old.values : new Tensor(shape));
    helper.execute(ready[slot]);
  }

  private static int slot(long number) {
    return (int) (number % DRAWS);
  }

  private static int parity(long number) {
    return (int) (number & 1);
  }

  /** One draw and the memory for it. */
  private static final class Draw implements Runnable {
    private enum State {
      OFFERED,
      IN_THE_MAKING,
      MADE,
      DROPPED
    }

    private final KeyedNoise source;
    private final long number;
    private final Tensor values;
    private final AtomicReference<State> state = new AtomicReference<>(State.OFFERED);

    Draw(KeyedNoise source, long number, Tensor values) {
      this.source = source;
      this.number = number;
      this.values = values;
    }

    @Override
    public void run() {
      if (state.compareAndSet(State.OFFERED, State.IN_THE_MAKING)) {
        source.fillHere(number, values);
        state.set(State.MADE);
      }
    }

    boolean is(long wanted, Shape shape) {
      return number == wanted && values.shape().equals(shape);
    }

    /** Copies the draw if it is there: on a busy machine waiting takes longer than making it. */
    boolean read(Tensor z) {
      if (!drop() || state.get() == State.DROPPED) {
        return false;
      }
      z.set(values);
      return true;
    }

    /** Keeps it from being made; returns whether its memory is free to use. */
    boolean drop() {
      state.compareAndSet(State.OFFERED, State.DROPPED);
      return state.get() != State.IN_THE_MAKING;
    }
  }
}
