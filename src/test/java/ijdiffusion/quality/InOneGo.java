package ijdiffusion.quality;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.Condition;
import ijdiffusion.card.ModelCard;
import ijdiffusion.edit.ConditionalGeneration;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.model.NoisePredictor;
import ijdiffusion.sampling.Monitor;
import ijdiffusion.sampling.PastedRegion;
import ijdiffusion.tensor.NoiseSource;
import ijdiffusion.tensor.Tensor;

/**
 * Filling by a network that was trained for it (Palette), as the command does it.
 *
 * @param sampler how to step
 * @param steps levels
 */
record InOneGo(SamplerChoice sampler, int steps) implements HoleFiller {
  /** Reads a sampler and its steps, as in {@code ddim 20}. */
  static InOneGo parse(String text) {
    String[] words = text.strip().split(" +");
    if (words.length != 2 || !words[1].matches("[0-9]{1,4}")) {
      throw new DiffusionException(
          "quality.fill has \""
              + text.strip()
              + "\", but each part must be a sampler and its steps, as in ddim 20.");
    }
    return new InOneGo(SamplerChoice.parse(words[0]), Integer.parseInt(words[1]));
  }

  @Override
  public String title() {
    return sampler.key() + " " + steps;
  }

  @Override
  public int networkCalls(ModelCard card) {
    return sampler.networkCalls(ConditionalGeneration.of(card, sampler, 0, steps).path());
  }

  @Override
  public Tensor run(HoleTask task) {
    ConditionalGeneration run = ConditionalGeneration.of(task.card(), sampler, 0, steps);
    Condition condition = task.card().requireTask(Condition.Task.INPAINT);
    Tensor image = task.image();
    NoiseSource noise = task.noise();
    Tensor shown =
        ConditionalGeneration.withHole(image, task.mask(), condition.fill().orElseThrow(), noise);
    Tensor x = run.start(condition.start(), shown, image.shape(), noise);
    NoisePredictor network = task.network(shown);
    run.run(network, x, new PastedRegion(image, task.mask()), noise, Monitor.NONE);
    return x;
  }
}
