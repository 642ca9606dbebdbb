package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import ijdiffusion.model.ExplodingState;
import ijdiffusion.model.Parameterization;
import ijdiffusion.model.VarianceType;
import ijdiffusion.schedule.DiscreteSchedule;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
 * @param condition the second image that the network sees, empty for a network that sees only the
 *     state
 * @param schedule the noise schedule of the training
 * @param testSchedule the schedule that a run walks, where it is not that of the training
 * @param noiseLevel a second network that estimates how much noise a state holds
 * @param defaults recommended settings
 * @param tests examples of the network's inputs and output, where the card has them
 * @param trainedOn what the images were that it was trained on, where the card says it
 */
public record ModelCard(
    Path file,
    About about,
    Weights weights,
    ImageTensor image,
    TimeTensor time,
    OutputTensor output,
    Optional<Condition> condition,
    DiscreteSchedule schedule,
    Optional<DiscreteSchedule> testSchedule,
    Optional<NoiseEstimator> noiseLevel,
    Defaults defaults,
    Optional<TestTensors> tests,
    Optional<TrainedOn> trainedOn) {
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
    checkSchedule("schedule", schedule, time, output, defaults);
    testSchedule.ifPresent(
        test -> {
          checkTakesAnySchedule(time);
          checkSchedule("test_schedule", test, time, output, defaults);
        });
    if (condition.isPresent()) {
      ConditionCheck.check(condition.get(), image, time);
    }
  }

  private static void checkSchedule(
      String field,
      DiscreteSchedule schedule,
      TimeTensor time,
      OutputTensor output,
      Defaults defaults) {
    if (schedule.alphaBar(schedule.size() - 1) == 0) {
      checkPureNoise(field, time, output);
    }
    if (defaults.steps() > schedule.size()) {
      throw new DiffusionException(
          "config.diffusion.defaults.steps is "
              + defaults.steps()
              + ", but must be at most "
              + schedule.size()
              + ", the steps of the noise schedule in "
              + field
              + ".");
    }
  }

  /** An index means a level of the training's schedule; on another it would mean nothing. */
  private static void checkTakesAnySchedule(TimeTensor time) {
    boolean saysTheLevelItself =
        switch (time.meaning()) {
          case SQRT_ALPHA_BAR, ALPHA_BAR, SIGMA, LOG_SIGMA_QUARTER -> true;
          case INDEX, SCALED_INDEX, REVERSED_INDEX, CONTINUOUS -> false;
        };
    if (!saysTheLevelItself) {
      throw new DiffusionException(
          "config.diffusion.test_schedule contradicts time.meaning "
              + Fields.spelling(time.meaning())
              + ": an index belongs to the schedule of the training; time.meaning must be"
              + " sqrt_alpha_bar, alpha_bar, sigma or log_sigma_quarter.");
    }
  }

  /**
   * At a level without signal some outputs say nothing about the image, and some numbers are
   * infinite.
   */
  private static void checkPureNoise(String field, TimeTensor time, OutputTensor output) {
    if (output.meaning() instanceof ExplodingState) {
      throw new DiffusionException(
          "config.diffusion.image.state is variance_exploding, which contradicts the "
              + field
              + ": its last level holds no signal (alpha-bar = 0), where such a state is infinite;"
              + " it must be variance_preserving.");
    }
    if (!output.meaning().knowsPureNoise()) {
      throw new DiffusionException(
          "config.diffusion.output.meaning is "
              + Fields.spelling((Parameterization) output.meaning())
              + ", which contradicts the "
              + field
              + ": its last level holds no signal (alpha-bar = 0),"
              + " so the clean image does not follow from it; it must be x0, v or edm.");
    }
    if (!time.meaning().knowsPureNoise()) {
      throw new DiffusionException(
          "config.diffusion.time.meaning is "
              + Fields.spelling(time.meaning())
              + ", which contradicts the "
              + field
              + ": its last level holds no signal (alpha-bar = 0),"
              + " where that is infinite; it must be an index, sqrt_alpha_bar or alpha_bar.");
    }
  }

  /** All files that the card names, with their hashes; test tensors may have none. */
  public List<CardFile> files() {
    List<CardFile> files = new ArrayList<>(filesOf(weights));
    condition.flatMap(Condition::encoder).ifPresent(e -> files.addAll(filesOf(e.weights())));
    noiseLevel.ifPresent(estimator -> files.addAll(filesOf(estimator.weights())));
    tests.ifPresent(
        test -> {
          files.addAll(test.inputs().values());
          files.add(test.output());
        });
    return files;
  }

  private static List<CardFile> filesOf(Weights weights) {
    List<CardFile> files = new ArrayList<>(List.of(weights.network()));
    weights.externalData().ifPresent(files::add);
    return files;
  }

  /** Title of the model. */
  public String name() {
    return about.name();
  }

  /** Channels of an image. */
  public int channels() {
    return image.channels();
  }

  /** Height and width of a state must be multiples of it, see {@link ImageTensor#step}. */
  public int sizeMultiple() {
    return image.step();
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

  /** The schedule that a run walks: the one for tests, or else that of the training. */
  public DiscreteSchedule samplingSchedule() {
    return testSchedule.orElse(schedule);
  }

  /**
   * For whoever has nothing but a state to show the network.
   *
   * @return this card
   * @throws DiffusionException when the network needs a condition
   */
  public ModelCard requireUnconditional() {
    if (condition.isPresent()) {
      throw new DiffusionException(
          "Model "
              + name()
              + " is made to "
              + condition.get().task().does()
              + " and draws nothing without such an image; choose a model whose card has no"
              + " condition.");
    }
    return this;
  }

  /**
   * For whoever has a condition for the network.
   *
   * @param task what is wanted of it
   * @return the card's condition, of that task
   * @throws DiffusionException when the network is made for another task or needs no condition
   */
  public Condition requireTask(Condition.Task task) {
    return condition
        .filter(c -> c.task() == task)
        .orElseThrow(
            () ->
                new DiffusionException(
                    "Model "
                        + name()
                        + " is not made to "
                        + task.does()
                        + condition.map(c -> " but to " + c.task().does()).orElse("")
                        + "; choose a model whose card has condition.task "
                        + Fields.spelling(task)
                        + "."));
  }

  /** The network's bytes in a direct buffer, checked against {@link Weights#sha256()}. */
  public ByteBuffer loadWeights() {
    return weights.load();
  }
}
