package ijdiffusion.sampling;

import ijdiffusion.tensor.Tensor;

/** Watches a run, and may stop it by throwing {@link ijdiffusion.Cancelled}. */
@FunctionalInterface
public interface Monitor {
  /** Watches nothing. */
  Monitor NONE = (done, total, x0) -> {};

  /**
   * Called on the run's own thread after each sampler step.
   *
   * @param done steps done, from 1
   * @param total steps of the whole run
   * @param x0 the current estimate of the clean image, (N, C, H, W); valid during the call only
   */
  void onStep(int done, int total, Tensor x0);
}
