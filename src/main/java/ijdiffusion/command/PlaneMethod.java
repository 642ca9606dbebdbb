package ijdiffusion.command;

import ij.ImagePlus;
import ijdiffusion.card.ModelCard;
import ijdiffusion.image.Context;
import ijdiffusion.image.FillMask;
import ijdiffusion.image.FilledPlane;
import ijdiffusion.image.MadePlane;
import ijdiffusion.image.Plane;
import ijdiffusion.model.TiledPredictor;
import ijdiffusion.model.Tiling;
import ijdiffusion.onnx.OnnxPredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;
import java.util.Map;

/** What a command does with one plane; {@link PlaneRun} does it with all planes and samples. */
interface PlaneMethod {
  /** Ending of the result's title, for instance {@code -inpainted}. */
  String suffix();

  /** The method's name and paper. */
  String describe();

  /**
   * The pixels to be made.
   *
   * @return null for all of them
   */
  FillMask fill(ImagePlus image);

  /** Pixels of context round what is to be made. */
  int margin();

  /**
   * What the network is shown of the image.
   *
   * @param card the model
   */
  default Context.View view(ModelCard card) {
    return Context.View.of(card);
  }

  /** How many times as wide and high the result is. */
  default int factor() {
    return 1;
  }

  /** Black pixels that are put round the image first, for the method to draw over. */
  default int border() {
    return 0;
  }

  /** Whether a grey plane becomes an RGB one. */
  default boolean colours() {
    return false;
  }

  /**
   * What sides and places of tiles must be a multiple of.
   *
   * @param card the model
   */
  default int tileMultiple(ModelCard card) {
    return card.sizeMultiple();
  }

  /** Whether the result is the image itself, so that nothing has to be run. */
  default boolean keepsImage() {
    return false;
  }

  /** Whether the estimates on the way are of what is made in the end, so that they can be shown. */
  default boolean showsEstimates() {
    return true;
  }

  /**
   * Network calls of one sample of one image, if it is one tile, as far as that is known before the
   * run; the record has their true number.
   */
  int networkCalls();

  /**
   * Makes samples.
   *
   * @param job what to work on
   * @return (N, C, factor H, factor W), N as in {@code job.image()}
   */
  Tensor run(Job job);

  /**
   * A sample as a plane.
   *
   * @param plane the user's plane
   * @param fill what {@link #fill} said
   * @param context what the network saw
   * @param made one sample, laid out as {@code context.image()}
   */
  default MadePlane made(Plane plane, FillMask fill, Context context, Tensor made) {
    return new FilledPlane(plane, fill, context, made);
  }

  /** Adds what should be known about a run to its record. */
  default void record(Map<String, String> fields) {}

  /** Takes how far samples are from the data that a method binds them to. */
  interface Residual {
    /**
     * Samples brought to the image's own pixels.
     *
     * @param coarse (N, C, H, W) of the context's window, N as in {@link Job#image}
     */
    void ofPlane(Tensor coarse);

    /**
     * A difference from the data.
     *
     * @param difference (N, C, H, W) of the context's window, in the network's units
     */
    void of(Tensor difference);
  }

  /** Noise for one image of a batch. */
  interface ImageNoise {
    /**
     * A fresh source.
     *
     * @param image its number in the batch
     * @param sample which of the samples that are averaged, from 0
     */
    NoiseSource of(int image, int sample);
  }

  /**
   * One call's work: some samples of one plane.
   *
   * @param network the model
   * @param context what it sees of the plane
   * @param image (N, C, H, W): the context's image, once for each sample; may be written to
   * @param plane the user's plane
   * @param slice stack index of the plane, the first one of planes taken together
   * @param noiseOf a fresh source for one image of {@code image}, by its number, and for one of
   *     several samples that are to be averaged
   * @param noise a fresh source for all of them
   * @param monitor progress and cancelling
   * @param tiling how the state is cut up
   * @param notes for what was found out about this plane
   * @param residual for how far the samples are from the data, where a method is bound to them
   * @param counter counts the network's calls
   * @param tileListener told after every tile; may cancel
   */
  record Job(
      OnnxPredictor network,
      Context context,
      Tensor image,
      Plane plane,
      int slice,
      ImageNoise noiseOf,
      NoiseSource noise,
      Monitor monitor,
      Tiling tiling,
      Map<String, String> notes,
      Residual residual,
      CallCounter counter,
      TiledPredictor.Listener tileListener) {}
}
