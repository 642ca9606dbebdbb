package ijdiffusion.model;

/**
 * Which variance a DDPM step adds, a property of how the network was trained. With levels t
 * (noisier) and s, beta = sigma_t^2 - (alpha_t / alpha_s)^2 sigma_s^2 and beta-tilde = beta
 * sigma_s^2 / sigma_t^2 (Ho et al. 2020, section 3.2).
 */
public enum VarianceType {
  /** beta-tilde, right for data of one point. */
  FIXED_SMALL,
  /**
   * beta, right for data of unit variance. With levels that skip some of the table this is the
   * square of sigma-hat = sqrt(1 - alpha-bar_t / alpha-bar_s) of DDIM (Song, Meng and Ermon 2021,
   * arXiv:2010.02502, section 5.1).
   */
  FIXED_LARGE,
  /** The network's second half of channels is log variance, the natural logarithm. */
  LEARNED,
  /**
   * The network's second half of channels v in [-1, 1] interpolates: log variance = f log beta + (1
   * - f) log beta-tilde, f = (v + 1) / 2 (Nichol and Dhariwal 2021, equation 15).
   */
  LEARNED_RANGE;

  /** Whether the network must have twice as many output channels as image channels. */
  public boolean isLearned() {
    return this == LEARNED || this == LEARNED_RANGE;
  }
}
