package ijdiffusion.model;

import ijdiffusion.schedule.NoiseLevel;
import ijdiffusion.tensor.Tensor;

/**
 * What a network's output stands for, and what the network wants its input multiplied with. States
 * are x_t = alpha x_0 + sigma eps on every schedule, so none of this depends on the schedule.
 */
public sealed interface OutputMeaning permits Parameterization, EdmPreconditioning, ExplodingState {
  /**
   * The network's input is this times x_t. 1 for networks that take the state as it is, which are
   * all but those of EDM and those that see an {@link ExplodingState}: those that others feed with
   * x / sqrt(1 + sigma^2) in sigma space were trained on our state.
   *
   * @param level level of the state
   */
  default double inputScale(NoiseLevel level) {
    return 1;
  }

  /**
   * Whether x_0 follows from the output where a level holds no signal (alpha = 0), as the last of a
   * zero-terminal-SNR schedule.
   */
  boolean knowsPureNoise();

  /**
   * Turns the network's output into eps and x_0.
   *
   * @param x the state x_t, not scaled
   * @param level its level
   * @param out on entry {@code out.eps()} holds the network's output; on return eps and x_0 are set
   */
  void toPrediction(Tensor x, NoiseLevel level, Prediction out);
}
