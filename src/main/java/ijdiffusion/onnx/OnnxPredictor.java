package ijdiffusion.onnx;

import ai.onnxruntime.OrtException;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.model.ConditionalPredictor;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.model.Prediction;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.model.Tiling;
import ijdiffusion.model.WindowPredictor;
import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import ijdiffusion.tensor.Window;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A network in an ONNX file, run by ONNX Runtime. Whatever the network was taught to say about
 * whichever number for the level, by its card, comes out as eps and x_0; x_0 is not clipped here. A
 * network whose card has a condition must be given one, and is then a {@link ConditionalPredictor}
 * only.
 *
 * <p>On the CPU the images of a batch go through one by one, small ones as many side by side as
 * there are threads: the pixels of an image do not depend on the others. They do not depend on the
 * number of threads either.
 *
 * <p>A CUDA device that fails in the middle of a run, be it for want of memory, is given less at a
 * time: images one by one, then, once, windows of half the side. Where that does not help, or it
 * returned what is no number, and the device was left to us ({@link Device#AUTO}), the network
 * moves to the CPU for good. The call that failed is made again, so nothing of a run is lost;
 * {@link #onNote} tells of it.
 *
 * <p>Calls from several threads are answered one after the other. {@link #cancel} and {@link
 * #close} may come from any thread at any time.
 */
public final class OnnxPredictor implements NoisePredictor, ConditionalPredictor, AutoCloseable {
  private final ModelCard card;
  private final Network network;

  private final Passes passes;

  /** What a CUDA device is given at a time. */
  private volatile Load load = Load.FULL;

  private OnnxPredictor(ModelCard card, Network network) throws OrtException {
    this.card = card;
    this.network = network;
    this.passes = new Passes(card, network);
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
    while (true) {
      Load used = load;
      try {
        if (network.cuda() && used.cuts(shape)) {
          predictCut(used, x, condition, where, level, out);
        } else {
          passes.predict(x, condition, where, level, used.single(), out);
        }
        return;
      } catch (DeviceFailure e) {
        ease(e, used, shape);
      }
    }
  }

  /** In windows of a smaller side than the state's. */
  private void predictCut(
      Load used, Tensor x, Tensor condition, Window where, NoiseLevel level, Prediction out) {
    Shape shape = x.shape();
    Tiling tiling = Tiling.ofTile(shape.w(), shape.h(), used.side(), tileMultiple());
    WindowPredictor windows =
        new WindowPredictor() {
          @Override
          public void predict(Tensor part, Window in, NoiseLevel at, Prediction partOut) {
            Window small = condition == null ? null : Conditions.within(where, in, reduction());
            passes.predict(part, condition, small, at, used.single(), partOut);
          }

          @Override
          public boolean predictsVariance() {
            return OnnxPredictor.this.predictsVariance();
          }
        };
    new TiledPredictor(windows, tiling).predict(x, level, out);
  }

  private int reduction() {
    return card.condition().map(Condition::reduction).orElse(1);
  }

  /** What sides and places of windows must be a multiple of. */
  private int tileMultiple() {
    int step = card.sizeMultiple();
    int multiple = step;
    while (multiple % reduction() != 0) {
      multiple += step;
    }
    return multiple;
  }

  /** Makes the next try lighter, or has it made on the CPU. */
  private synchronized void ease(DeviceFailure failure, Load used, Shape shape) {
    if (load != used) {
      return; // another thread has done so while we failed
    }
    int images = passes.atOnce(shape, used.single());
    Optional<Load> lighter =
        network.cuda() && failure.mayBeMemory() && card.image().fixedSize().isEmpty()
            ? used.lighter(shape, images, tileMultiple())
            : Optional.empty();
    if (lighter.isPresent()) {
      load = lighter.get();
      network.notes().add(failure.goingOn(load.describe()));
    } else {
      network.moveToCpu(failure);
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

  @Override
  public boolean predictsVariance() {
    return card.variance().isLearned();
  }

  /** The card of the network. */
  public ModelCard card() {
    return card;
  }

  /** Where the network really runs: {@code CPU}, {@code CUDA}, or {@code CUDA, then CPU}. */
  public String provider() {
    return network.provider();
  }

  /** Whether the network is on a CUDA device now, where several images at a time are quicker. */
  public boolean onCuda() {
    return network.cuda();
  }

  /**
   * How many images of a batch the CPU works on at a time, so that a batch of as many is done
   * sooner than each alone.
   *
   * @param pixels of an image
   */
  public int sideBySide(int pixels) {
    return passes.sideBySide(pixels);
  }

  /** How the CUDA device is used: its number, memory, precision; empty where none was. */
  public String deviceSettings() {
    return network.settings();
  }

  /**
   * Why {@link Device#AUTO} did not take the CUDA device it tried, and what happened to one since;
   * empty where there is nothing to say.
   */
  public String note() {
    return network.notes().text();
  }

  /**
   * Tells what {@link #note} says, and whatever comes up later.
   *
   * @param listener gets sentences, on the thread that the network is called on
   */
  public void onNote(Consumer<? super String> listener) {
    network.notes().tell(listener);
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
