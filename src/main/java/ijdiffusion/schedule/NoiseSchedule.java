package ijdiffusion.schedule;

/** How much signal and noise a state holds at each time of the forward process. */
public sealed interface NoiseSchedule permits DiscreteSchedule {
  /**
   * The level at a time.
   *
   * @param t the schedule's own time, see {@link NoiseLevel#t()}
   */
  NoiseLevel level(double t);
}
