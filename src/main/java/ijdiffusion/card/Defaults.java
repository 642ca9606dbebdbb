package ijdiffusion.card;

import ijdiffusion.DiffusionException;

/**
 * Settings the model's author recommends for inpainting.
 *
 * @param steps levels of the respaced schedule, at least 2
 * @param jump levels of one jump back
 * @param resamplings how often each stretch is gone through
 * @param eta share of noise in a step, from 0 (DDIM) to 1 (DDPM)
 */
public record Defaults(int steps, int jump, int resamplings, double eta) {
  private static final String FIELD = "config.diffusion.defaults.";

  public Defaults {
    DiffusionException.inRange(FIELD + "steps", steps, 2, 100_000);
    DiffusionException.inRange(FIELD + "jump", jump, 1, 100_000);
    DiffusionException.inRange(FIELD + "resamplings", resamplings, 1, 1000);
    DiffusionException.inRange(FIELD + "eta", eta, 0, 1);
    if (jump >= steps) {
      throw new DiffusionException(
          FIELD + "jump is " + jump + ", but must be below steps, which is " + steps + ".");
    }
  }
}
