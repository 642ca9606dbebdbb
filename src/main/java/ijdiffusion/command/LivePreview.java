package ijdiffusion.command;

import ij.IJ;
import ij.ImagePlus;
import ij.gui.ImageWindow;
import ij.gui.YesNoCancelDialog;
import ijdiffusion.Cancelled;
import ijdiffusion.tensor.Tensor;
import java.awt.EventQueue;
import java.awt.Point;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * What somebody at the screen has of a run beyond the status bar: a window with the present
 * estimate of the result, and a say in how the run ends. Esc, or closing the window, asks once what
 * to do with the estimate; closing the window of the image that is worked on cancels.
 */
final class LivePreview implements Progress {
  /** What a user may want to do with a run that was interrupted. */
  enum Answer {
    KEEP,
    DISCARD,
    GO_ON
  }

  private static final long PAUSE_NANOS = 200_000_000;

  /** A picture may take this share of the time, so that large images do not slow a run down. */
  private static final int SHARE = 20;

  /** Previews that are open, and what is worked on. */
  private static final Map<ImagePlus, Optional<ImagePlus>> OPEN =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final Progress inner;
  private final Optional<ImagePlus> source;
  private final boolean pictures;
  private final Supplier<Answer> question;
  private String title = "";
  private ImagePlus shown;
  private volatile boolean frozen;
  private boolean hasEstimate;
  private long next;

  /**
   * @param inner who else is told
   * @param source the image worked on, whose window is watched
   * @param pictures whether estimates are shown and may be kept
   */
  LivePreview(Progress inner, Optional<ImagePlus> source, boolean pictures) {
    this.inner = inner;
    this.source = source;
    this.pictures = pictures;
    this.question = this::ask;
  }

  /** With an answer known before. */
  LivePreview(Progress inner, Supplier<Answer> question) {
    this.inner = inner;
    this.source = Optional.empty();
    this.pictures = true;
    this.question = question;
  }

  /**
   * What a run is on that shows this preview.
   *
   * @return empty where the image is no preview, or one of a run that is on no image
   */
  static Optional<ImagePlus> sourceOf(ImagePlus image) {
    Optional<ImagePlus> of = OPEN.get(image);
    return of == null ? Optional.empty() : of;
  }

  /** Whether an image is a preview that is open. */
  static boolean isPreview(ImagePlus image) {
    return OPEN.containsKey(image);
  }

  @Override
  public void begin(String what) {
    title = what;
    inner.begin(what);
  }

  @Override
  public boolean wantsEstimates() {
    return pictures;
  }

  /** From now on there is something to keep. */
  void noteEstimate() {
    hasEstimate = true;
  }

  @Override
  public void onEstimate(Supplier<ImagePlus> picture) {
    requireSource();
    noteEstimate();
    long now = System.nanoTime();
    if (frozen || isClosed() || now < next) {
      return;
    }
    show(picture.get());
    long took = System.nanoTime() - now;
    next = now + took + Math.max(PAUSE_NANOS, SHARE * took);
  }

  @Override
  public void onTile(int done, int total) {
    watch(() -> inner.onTile(done, total));
  }

  @Override
  public void onStep(int done, int total, Tensor x0) {
    watch(() -> inner.onStep(done, total, x0));
  }

  @Override
  public void end() {
    inner.end();
  }

  private void watch(Runnable told) {
    boolean stop = isClosed();
    try {
      told.run();
    } catch (Cancelled e) {
      stop = true;
    }
    requireSource();
    if (stop) {
      decide();
    }
  }

  /** What the result takes over from the image is gone when its window is closed. */
  private void requireSource() {
    if (source.isPresent() && source.get().getWindow() == null) {
      throw new Cancelled();
    }
  }

  private void decide() {
    if (!hasEstimate) {
      throw new Cancelled();
    }
    switch (question.get()) {
      case KEEP -> throw new EarlyEnd.Wanted();
      case DISCARD -> throw new Cancelled();
      case GO_ON -> {
        if (isClosed()) {
          // somebody who closes a window does not want it back
          OPEN.remove(shown);
          shown = null;
          frozen = true;
        }
        IJ.resetEscape();
      }
    }
  }

  private Answer ask() {
    YesNoCancelDialog dialog =
        new YesNoCancelDialog(
            IJ.getInstance(),
            title,
            "Keep the current estimate?\n \n"
                + "It is what the network expects so far, not a complete result,\n"
                + "and the result's Info will say so. Cancel goes on with the run.",
            " Keep ",
            "Discard");
    if (dialog.cancelPressed()) {
      return Answer.GO_ON;
    }
    return dialog.yesPressed() ? Answer.KEEP : Answer.DISCARD;
  }

  private boolean isClosed() {
    return shown != null && !isOpen(shown);
  }

  /**
   * Whether there is a window to be seen. One that was closed while {@link ImagePlus#show} was
   * still making it stays the image's, whose pixels are gone.
   */
  private static boolean isOpen(ImagePlus image) {
    ImageWindow window = image.getWindow();
    return window != null && !window.isClosed();
  }

  private void show(ImagePlus picture) {
    if (shown == null) {
      picture.deleteRoi(); // its outline would hide the seam
      OPEN.put(picture, source);
      shown = picture;
      picture.show();
      return;
    }
    // where the user closes windows, so that this one cannot be closed meanwhile
    ImagePlus target = shown;
    EventQueue.invokeLater(() -> update(target, picture));
  }

  private void update(ImagePlus target, ImagePlus picture) {
    if (!isOpen(target)) {
      return;
    }
    for (int slice = 1; slice <= target.getStackSize() && !frozen; slice++) {
      Object from = pixels(picture, slice);
      Object to = pixels(target, slice);
      // the user may have made something else of it
      frozen = to.getClass() != from.getClass() || Array.getLength(to) != Array.getLength(from);
      if (!frozen) {
        System.arraycopy(from, 0, to, 0, Array.getLength(to));
      }
    }
    target.changes = false;
    target.updateAndDraw();
  }

  private static Object pixels(ImagePlus image, int slice) {
    return image.getStackSize() == 1
        ? image.getProcessor().getPixels()
        : image.getStack().getPixels(slice);
  }

  /**
   * Closes the preview.
   *
   * @return where it was, empty if it was not there
   */
  Optional<Point> close() {
    ImagePlus closing = shown;
    shown = null;
    if (closing == null) {
      return Optional.empty();
    }
    OPEN.remove(closing);
    AtomicReference<Point> where = new AtomicReference<>();
    onEventThread(
        () -> {
          if (isOpen(closing)) {
            where.set(closing.getWindow().getLocation());
            closing.changes = false;
            closing.close();
          }
        });
    return Optional.ofNullable(where.get());
  }

  private static void onEventThread(Runnable action) {
    if (EventQueue.isDispatchThread()) {
      action.run();
      return;
    }
    try {
      EventQueue.invokeAndWait(action);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
