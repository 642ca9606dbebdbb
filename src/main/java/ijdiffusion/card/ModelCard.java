package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Everything a run needs to know about a network; nothing is guessed. Read by {@link
 * ModelCardReader}, whose file format is specified in {@code docs/model-card.md}.
 *
 * @param file the card file
 * @param about for people
 * @param weights the ONNX file
 * @param image the image input
 * @param time the time input
 * @param output the output
 * @param schedule the noise schedule of the training
 * @param defaults recommended settings
 */
public record ModelCard(
    Path file,
    About about,
    Weights weights,
    ImageTensor image,
    TimeTensor time,
    OutputTensor output,
    DiscreteSchedule schedule,
    Defaults defaults) {
  public ModelCard {
    if (image.name().equals(time.name())) {
      throw new DiffusionException(
          "config.diffusion.time.tensor is \""
              + time.name()
              + "\", but that is image.tensor already; they must be two inputs.");
    }
    int expected = output.variance().isLearned() ? 2 * image.channels() : image.channels();
    if (output.channels() != expected) {
      throw new DiffusionException(
          "config.diffusion.output.channels is "
              + output.channels()
              + ", which contradicts image.channels "
              + image.channels()
              + " and output.variance "
              + Fields.spelling(output.variance())
              + ": with those it must be "
              + expected
              + ".");
    }
    if (schedule.alphaBar(schedule.size() - 1) == 0) {
      checkPureNoise(time, output);
    }
    if (defaults.steps() > schedule.size()) {
      throw new DiffusionException(
          "config.diffusion.defaults.steps is "
              + defaults.steps()
              + ", but must be at most "
              + schedule.size()
              + ", the steps of the noise schedule.");
    }
  }

  /**
   * At a level without signal some outputs say nothing about the image, and some numbers are
   * infinite.
   */
  private static void checkPureNoise(TimeTensor time, OutputTensor output) {
    if (!output.meaning().knowsPureNoise()) {
      throw new DiffusionException(
          "config.diffusion.output.meaning is "
              + Fields.spelling((Parameterization) output.meaning())
              + ", which contradicts the schedule: its last level holds no signal (alpha-bar = 0),"
              + " so the clean image does not follow from it; it must be x0, v or edm.");
    }
    if (!time.meaning().knowsPureNoise()) {
      throw new DiffusionException(
          "config.diffusion.time.meaning is "
              + Fields.spelling(time.meaning())
              + ", which contradicts the schedule: its last level holds no signal (alpha-bar = 0),"
              + " where that is infinite; it must be an index, sqrt_alpha_bar or alpha_bar.");
    }
  }

  /** Title of the model. */
  public String name() {
    return about.name();
  }

  /** Channels of an image. */
  public int channels() {
    return image.channels();
  }

  /** Height and width of an image must be multiples of it. */
  public int sizeMultiple() {
    return image.sizeMultiple();
  }

  /** Range of clean images as the network sees them. */
  public ValueRange valueRange() {
    return image.valueRange();
  }

  /** How grey values come into that range. */
  public Normalization normalization() {
    return image.normalization();
  }

  /** Which variance the network was trained for. */
  public VarianceType variance() {
    return output.variance();
  }

  /** Whether the predicted clean image is limited to {@link #valueRange} at every step. */
  public boolean clip() {
    return output.clip();
  }

  /** The network's bytes in a direct buffer, checked against {@link Weights#sha256()}. */
  public ByteBuffer loadWeights() {
    return weights.load();
  }
}
