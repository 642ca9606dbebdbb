package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;

/**
 * The variance-preserving SDE (Song et al. 2021, arXiv:2011.13456, equations 11 and 33), DDPM in
 * continuous time:
 *
 * <pre>
 * beta(u) = betaMin + u (betaMax - betaMin)
 * dx = -beta/2 x du + sqrt(beta) dw
 * alpha = exp(-u^2 (betaMax - betaMin)/4 - u betaMin/2),  sigma = sqrt(1 - alpha^2)
 * </pre>
 *
 * <p>The authors' networks take 999 u; their values are 0.1 and 20.
 *
 * @param betaMin beta(0), above 0
 * @param betaMax beta(1), at least betaMin
 */
public record VpSde(double betaMin, double betaMax) implements Sde {
  public VpSde {
    new BetaRamp(betaMin, betaMax);
  }

  private BetaRamp ramp() {
    return new BetaRamp(betaMin, betaMax);
  }

  @Override
  public NoiseLevel level(double u) {
    DiffusionException.inRange("time of the VP SDE", u, 0, 1);
    double logAlpha = ramp().logAlpha(u);
    return new NoiseLevel(u, Math.exp(logAlpha), Math.sqrt(-Math.expm1(2 * logAlpha)));
  }

  /** As described there: the root of alpha(u) = 1 / sqrt(1 + ratio^2), limited to [0, 1]. */
  @Override
  public NoiseLevel levelOf(double noiseToSignal) {
    if (noiseToSignal == 0) {
      return NoiseLevel.CLEAN;
    }
    double logAlpha = -Math.log1p(noiseToSignal * noiseToSignal) / 2;
    return NoiseLevel.variancePreserving(ramp().timeOf(logAlpha), noiseToSignal);
  }

  @Override
  public double drift(double u) {
    return -ramp().at(u) / 2;
  }

  @Override
  public double diffusion(double u) {
    return Math.sqrt(ramp().at(u));
  }

  /** 1e-3. */
  @Override
  public double smallestTime() {
    return 1e-3;
  }

  /**
   * beta_i = (betaMin + i (betaMax - betaMin) / (N - 1)) / N: signal sqrt(1 - beta_i), variance
   * beta_i on the way back too, Langevin factor 1 - beta_i.
   */
  @Override
  public DiscreteStep step(double u, int scales) {
    double beta = ramp().discrete(DiscreteStep.scale(u, scales), scales);
    return new DiscreteStep(Math.sqrt(1 - beta), beta, beta, 1 - beta);
  }

  /**
   * The process in continuous time at u = (t + 1) / T, t = 0 .. T-1: the times that the authors'
   * sampler visits, which goes down to 1e-3 in 1000 steps.
   *
   * @param steps T, at least 2
   */
  public DiscreteSchedule table(int steps) {
    DiffusionException.inRange("steps of the noise schedule", steps, 2, 100_000);
    double[] ratios = new double[steps];
    for (int t = 0; t < steps; t++) {
      // sigma^2 / alpha^2 = 1 / alpha^2 - 1
      ratios[t] = Math.sqrt(Math.expm1(-2 * ramp().logAlpha((t + 1.0) / steps)));
    }
    return DiscreteSchedule.ofNoiseToSignal(ratios);
  }

  /**
   * The table of beta_i, the process in discrete time; for 0.1, 20 and N = 1000 it is DDPM's linear
   * table.
   *
   * @param scales N, at least 2 and above betaMax
   */
  public DiscreteSchedule discrete(int scales) {
    BetaRamp ramp = ramp();
    double first = ramp.discrete(0, scales);
    return DiscreteSchedule.linear(scales, first, ramp.discrete(scales - 1, scales));
  }
}
