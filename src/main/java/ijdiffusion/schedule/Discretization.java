package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;

/** How a forward process is cut into the steps that samplers of the score-SDE family go back. */
public sealed interface Discretization {
  /**
   * The forward step that ends at a level.
   *
   * @param t the level that the step ends at
   * @param s the next cleaner level of the run
   */
  DiscreteStep step(NoiseLevel t, NoiseLevel s);

  /** The exact steps between the levels of a run, whatever schedule they are from. */
  static Discretization ofLevels() {
    return new Levels();
  }

  /**
   * The authors' steps of an SDE; as many scales as the run has steps.
   *
   * @param sde the forward process
   * @param scales N
   */
  static Discretization of(Sde sde, int scales) {
    return new Scales(sde, scales);
  }

  /**
   * Needs no SDE, only the levels: signal = alpha_t / alpha_s, variance = sigma_t^2 - signal^2
   * sigma_s^2. For neighbours of a table of betas signal^2 = 1 - beta_t and variance = beta_t, for
   * neighbours of a ladder variance = sigma_t^2 - sigma_s^2.
   *
   * <p>Ancestral variances are those of the originals: with alpha = 1 that of SMLD, variance
   * sigma_s^2 / sigma_t^2, otherwise that of DDPM with fixed large variance, the variance itself.
   */
  record Levels() implements Discretization {
    @Override
    public DiscreteStep step(NoiseLevel t, NoiseLevel s) {
      if (t.alpha() == 1) {
        return DiscreteStep.exploding(t.sigma(), s.sigma());
      }
      double signal = t.alpha() / s.alpha();
      double shrink = signal * signal;
      double variance = t.sigma() * t.sigma() - shrink * s.sigma() * s.sigma();
      return new DiscreteStep(signal, variance, variance, shrink);
    }
  }

  /**
   * The scales of {@link Sde#step}, chosen by the time of the noisier level alone.
   *
   * @param sde the forward process; the levels of a run are its own
   * @param scales N, from 1; as many as the run has steps
   */
  record Scales(Sde sde, int scales) implements Discretization {
    public Scales {
      DiffusionException.inRange("scales", scales, 1, 100_000);
      sde.step(1, scales); // refuses what has no discrete form, before a run begins
    }

    @Override
    public DiscreteStep step(NoiseLevel t, NoiseLevel s) {
      return sde.step(t.t(), scales);
    }
  }
}
