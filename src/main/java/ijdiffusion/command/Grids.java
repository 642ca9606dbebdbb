package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import ijdiffusion.card.ModelCard;
import ijdiffusion.card.TimeTensor;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.schedule.TimeGrid;
import ijdiffusion.schedule.Trajectory;

/** The levels a run visits, by their number. */
final class Grids {
  private Grids() {}

  /**
   * Evenly spaced levels, the first and the last among them.
   *
   * @param card the model
   * @param steps their number, at most the levels of the model's schedule
   */
  static int[] of(ModelCard card, int steps) {
    check(card, steps);
    return TimeGrid.respaced(card.schedule().size(), steps);
  }

  /** Refuses more steps than a model has levels. */
  static void check(ModelCard card, int steps) {
    check(card, steps, card.schedule().size());
  }

  /** Refuses more steps than the schedule has on which a conditional model runs. */
  static void checkSampling(ModelCard card, int steps) {
    check(card, steps, card.samplingSchedule().size());
  }

  private static void check(ModelCard card, int steps, int trained) {
    if (steps > trained) {
      throw new DiffusionException(
          "steps is "
              + steps
              + ", but model "
              + card.name()
              + " was trained with "
              + trained
              + " noise levels; choose at most that many.");
    }
  }

  /** The least number that both divide. */
  static int commonMultiple(int a, int b) {
    int multiple = a;
    while (multiple % b != 0) {
      multiple += a;
    }
    return multiple;
  }

  /**
   * The levels that a sampler visits.
   *
   * @param card the model
   * @param choice the sampler
   * @param steps their number, at most the levels of the model's schedule
   */
  static Trajectory path(ModelCard card, SamplerChoice choice, int steps) {
    check(card, steps);
    return choice.path(card.schedule(), steps, card.time().type() == TimeTensor.Type.INT64);
  }
}
