package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;

/**
 * The sub-VP SDE (Song et al. 2021, arXiv:2011.13456, equation 18 and appendix B), whose variance
 * is never above that of {@link VpSde} with the same beta(u):
 *
 * <pre>
 * dx = -beta/2 x du + sqrt(beta (1 - alpha^4)) dw
 * alpha = exp(-u^2 (betaMax - betaMin)/4 - u betaMin/2),  sigma = 1 - alpha^2
 * </pre>
 *
 * <p>alpha^2 + sigma^2 is below 1 between the ends: no square root in sigma.
 *
 * @param betaMin beta(0), above 0; the authors' is 0.1
 * @param betaMax beta(1), at least betaMin; the authors' is 20
 */
public record SubVpSde(double betaMin, double betaMax) implements Sde {
  public SubVpSde {
    new BetaRamp(betaMin, betaMax);
  }

  private BetaRamp ramp() {
    return new BetaRamp(betaMin, betaMax);
  }

  @Override
  public NoiseLevel level(double u) {
    DiffusionException.inRange("time of the sub-VP SDE", u, 0, 1);
    return level(u, ramp().logAlpha(u));
  }

  private static NoiseLevel level(double u, double logAlpha) {
    return new NoiseLevel(u, Math.exp(logAlpha), -Math.expm1(2 * logAlpha));
  }

  /** As described there: ratio = (1 - alpha^2) / alpha, so log alpha = -asinh(ratio / 2). */
  @Override
  public NoiseLevel levelOf(double noiseToSignal) {
    if (noiseToSignal == 0) {
      return NoiseLevel.CLEAN;
    }
    double h = noiseToSignal / 2;
    // asinh without loss for small h
    double logAlpha = -Math.log1p(h + h * h / (1 + Math.hypot(1, h)));
    return level(ramp().timeOf(logAlpha), logAlpha);
  }

  @Override
  public double drift(double u) {
    return -ramp().at(u) / 2;
  }

  @Override
  public double diffusion(double u) {
    BetaRamp ramp = ramp();
    return Math.sqrt(ramp.at(u) * -Math.expm1(4 * ramp.logAlpha(u)));
  }

  /** 1e-3. */
  @Override
  public double smallestTime() {
    return 1e-3;
  }

  /**
   * One Euler step of length 1/N at u: signal 1 - beta(u) / (2 N), variance g(u)^2 / N; no
   * ancestral variance; Langevin factor 1 - beta_i as for {@link VpSde}.
   */
  @Override
  public DiscreteStep step(double u, int scales) {
    double g = diffusion(u);
    double beta = ramp().discrete(DiscreteStep.scale(u, scales), scales);
    return new DiscreteStep(1 + drift(u) / scales, g * g / scales, Double.NaN, 1 - beta);
  }
}
