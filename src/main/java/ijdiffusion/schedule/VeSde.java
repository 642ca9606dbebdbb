package ijdiffusion.schedule;

import ijdiffusion.DiffusionException;

/**
 * The variance-exploding SDE (Song et al. 2021, arXiv:2011.13456, equations 9 and 30), NCSN in
 * continuous time:
 *
 * <pre>
 * sigma(u) = sigmaMin (sigmaMax / sigmaMin)^u,  alpha = 1
 * dx = sigma sqrt(2 log(sigmaMax / sigmaMin)) dw
 * </pre>
 *
 * <p>Images are in [0, 1] in the authors' models; sigmaMin is 0.01, sigmaMax 50 (CIFAR-10), 90
 * (CelebA) or 1348 (1024 pixels).
 *
 * @param sigmaMin sigma(0), above 0
 * @param sigmaMax sigma(1), above sigmaMin
 */
public record VeSde(double sigmaMin, double sigmaMax) implements Sde {
  public VeSde {
    if (!(sigmaMin > 0)) {
      throw new DiffusionException("sigmaMin is " + sigmaMin + ", but must be above 0.");
    }
    if (!(sigmaMax > sigmaMin && sigmaMax < Double.POSITIVE_INFINITY)) {
      throw new DiffusionException(
          "sigmaMax is "
              + sigmaMax
              + ", but must be above sigmaMin, "
              + sigmaMin
              + ", and finite.");
    }
  }

  private double sigma(double u) {
    return sigmaMin * Math.pow(sigmaMax / sigmaMin, u);
  }

  @Override
  public NoiseLevel level(double u) {
    return new NoiseLevel(DiffusionException.inRange("time of the VE SDE", u, 0, 1), 1, sigma(u));
  }

  /**
   * As described there: u = log(ratio / sigmaMin) / log(sigmaMax / sigmaMin), limited to [0, 1].
   */
  @Override
  public NoiseLevel levelOf(double noiseToSignal) {
    if (noiseToSignal == 0) {
      return NoiseLevel.CLEAN;
    }
    double u = Math.log(noiseToSignal / sigmaMin) / Math.log(sigmaMax / sigmaMin);
    return new NoiseLevel(Math.min(1, Math.max(0, u)), 1, noiseToSignal);
  }

  /** 0. */
  @Override
  public double drift(double u) {
    return 0;
  }

  @Override
  public double diffusion(double u) {
    return sigma(u) * Math.sqrt(2 * Math.log(sigmaMax / sigmaMin));
  }

  /** 1e-5. */
  @Override
  public double smallestTime() {
    return 1e-5;
  }

  /**
   * With sigma_i = sigmaMin (sigmaMax / sigmaMin)^(i / (N - 1)) and sigma_(-1) = 0: signal 1,
   * variance sigma_i^2 - sigma_(i-1)^2, ancestral variance sigma_(i-1)^2 (sigma_i^2 -
   * sigma_(i-1)^2) / sigma_i^2, Langevin factor 1.
   */
  @Override
  public DiscreteStep step(double u, int scales) {
    int i = DiscreteStep.scale(u, scales);
    double stride = 1.0 / Math.max(1, scales - 1);
    double sigma = sigma(i * stride);
    double below = i == 0 ? 0 : sigma((i - 1) * stride);
    return DiscreteStep.exploding(sigma, below);
  }
}
