package ijdiffusion.onnx;

import ai.onnxruntime.OrtException;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.NoiseEstimator;
import ijdiffusion.model.NoiseLevelNetwork;
import ijdiffusion.tensor.KeyedNoise;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;

/**
 * The network that estimates how much noise a state holds (San-Roman, Nachmani and Wolf 2021,
 * arXiv:2104.02600, section 3.2).
 *
 * <p>Calls from several threads are answered one after the other. {@link #cancel} and {@link
 * #close} may come from any thread at any time.
 */
public final class OnnxNoiseLevel implements NoiseLevelNetwork, AutoCloseable {
  private final ModelCard card;
  private final NoiseEstimator estimator;
  private final Network network;

  private OnnxNoiseLevel(ModelCard card, NoiseEstimator estimator, Network network)
      throws OrtException {
    this.card = card;
    this.estimator = estimator;
    this.network = network;
    Signature.checkEstimator(network.session(), card, estimator);
  }

  /**
   * Loads an estimator.
   *
   * @param card the model's card, which has a block {@code noise_level}; the file is checked
   *     against it
   * @param device where to run it
   * @param threads of the CPU, 0 for one on each physical core this process may use
   * @throws DiffusionException when there is none, the file is not what the card says, the device
   *     cannot be used, or this platform has no ONNX Runtime
   */
  public static OnnxNoiseLevel open(ModelCard card, Device device, int threads) {
    NoiseEstimator estimator =
        card.noiseLevel()
            .orElseThrow(
                () ->
                    new DiffusionException(
                        "Model "
                            + card.name()
                            + " has no network that estimates the noise; choose a model whose card"
                            + " has noise_level."));
    return Network.open(
        new Network.Source("noise-level network", card.name(), estimator.weights()),
        device,
        threads,
        network -> new OnnxNoiseLevel(card, estimator, network),
        OnnxNoiseLevel::trial);
  }

  private void trial() {
    Tensor x = new Tensor(OnnxPredictor.trialShape(card));
    KeyedNoise.of(0).next(x); // of a state without any spread an estimator may say what it likes
    alphaBars(x);
  }

  /**
   * How much signal each image of a state holds, one image after the other.
   *
   * @param x (N, C, H, W); left as it is
   * @return alpha-bar of each image, N values. An estimate may leave [0, 1]; it is not limited here
   * @throws Cancelled after {@link #cancel}, be it before or during this call
   * @throws DiffusionException when the runtime fails or the estimate is not one finite number for
   *     each image
   */
  @Override
  public double[] alphaBars(Tensor x) {
    Shape shape = x.shape();
    if (shape.c() != card.channels()) {
      throw new IllegalArgumentException(
          "Images " + shape + " for a network of " + card.channels() + " channels");
    }
    double[] alphaBar = new double[shape.n()];
    network.use(
        () -> {
          for (int i = 0; i < shape.n(); i++) {
            SingleRun.Result result =
                SingleRun.run(network, estimator.input(), estimator.output(), x, i);
            if (result.values().length != 1) {
              throw new DiffusionException(
                  "The noise-level network of model "
                      + card.name()
                      + " returned "
                      + Arrays.toString(result.shape())
                      + " numbers for one image, but must return one; choose another model.");
            }
            alphaBar[i] = estimator.meaning().alphaBar(result.values()[0]);
          }
        });
    return alphaBar;
  }

  /** Why it ran on the CPU, where a CUDA device was tried first; empty where none was. */
  public String note() {
    return network.notes().text();
  }

  /** The card of the model. */
  public ModelCard card() {
    return card;
  }

  /** Stops a call in flight, which ends with {@link Cancelled}, and every later one. */
  public void cancel() {
    network.cancel();
  }

  /** Frees the network, after a call in flight has ended; a second call does nothing. */
  @Override
  public void close() {
    network.close();
  }
}
