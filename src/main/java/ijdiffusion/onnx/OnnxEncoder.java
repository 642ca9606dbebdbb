package ijdiffusion.onnx;

import ai.onnxruntime.OrtException;
import ijdiffusion.Cancelled;
import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.tensor.Shape;
import ijdiffusion.tensor.Tensor;
import java.util.Arrays;

/**
 * The network that makes features of a condition image, before a run; the run's network then gets
 * those (SRDiff, Li et al. 2021, arXiv:2104.14951, section 3.4, whose encoder sees the small
 * image).
 *
 * <p>Calls from several threads are answered one after the other. {@link #cancel} and {@link
 * #close} may come from any thread at any time.
 */
public final class OnnxEncoder implements AutoCloseable {
  private final ModelCard card;
  private final Condition.Encoder encoder;
  private final Network network;

  private OnnxEncoder(ModelCard card, Condition.Encoder encoder, Network network)
      throws OrtException {
    this.card = card;
    this.encoder = encoder;
    this.network = network;
    Signature.checkEncoder(network.session(), card, encoder);
  }

  /**
   * Loads an encoder.
   *
   * @param card the model's card, whose condition has an encoder; the file is checked against it
   * @param device where to run it
   * @param threads of the CPU, 0 for one on each physical core this process may use
   * @throws DiffusionException when there is none, the file is not what the card says, the device
   *     cannot be used, or this platform has no ONNX Runtime
   */
  public static OnnxEncoder open(ModelCard card, Device device, int threads) {
    Condition.Encoder encoder =
        card.condition()
            .flatMap(Condition::encoder)
            .orElseThrow(
                () ->
                    new DiffusionException(
                        "Model "
                            + card.name()
                            + " has no encoder; choose a model whose card has"
                            + " condition.encoder."));
    return Network.open(
        new Network.Source("encoder", card.name(), encoder.weights()),
        device,
        threads,
        network -> new OnnxEncoder(card, encoder, network),
        OnnxEncoder::trial);
  }

  private void trial() {
    Condition condition = card.condition().orElseThrow();
    Shape state = OnnxPredictor.trialShape(card);
    int reduction = condition.reduction();
    encode(
        new Tensor(
            new Shape(1, condition.channels(), state.h() / reduction, state.w() / reduction)));
  }

  /**
   * Features of images, one image after the other.
   *
   * @param image (N, K, h, w), K = the condition's channels, in the network's value range; left as
   *     it is
   * @return (N, F, h, w), F = the encoder's channels: what the noise predictor takes as condition
   * @throws Cancelled after {@link #cancel}, be it before or during this call
   * @throws DiffusionException when the runtime fails, or the features are not finite or not of the
   *     image's height and width
   */
  public Tensor encode(Tensor image) {
    Shape shape = image.shape();
    int channels = card.condition().orElseThrow().channels();
    if (shape.c() != channels) {
      throw new IllegalArgumentException(
          "Images " + shape + " for an encoder of " + channels + " channels");
    }
    Tensor features = new Tensor(shape.withChannels(encoder.channels()));
    int size = features.shape().imageSize();
    network.use(
        () -> {
          for (int i = 0; i < shape.n(); i++) {
            SingleRun.Result result =
                SingleRun.run(network, encoder.input(), encoder.output(), image, i);
            checkShape(result.shape(), features.shape());
            System.arraycopy(result.values(), 0, features.data(), i * size, size);
          }
        });
    return features;
  }

  private void checkShape(long[] found, Shape expected) {
    long[] one = {1, expected.c(), expected.h(), expected.w()};
    if (!Arrays.equals(found, one)) {
      throw new DiffusionException(
          "The encoder of model "
              + card.name()
              + " returned features "
              + Arrays.toString(found)
              + ", but must return "
              + Arrays.toString(one)
              + ", of the image's height and width; choose another model.");
    }
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
