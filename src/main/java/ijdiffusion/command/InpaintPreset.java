package ijdiffusion.command;

import ijdiffusion.command.SamplingPresets.Sampling;
import ijdiffusion.edit.FocusedResampling;
import ijdiffusion.edit.RePaint;
import ijdiffusion.edit.SamplerChoice;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Trajectory;
import java.util.Locale;

/** How much time an inpainting takes; the figures are in {@code docs/inpainting.md}. */
enum InpaintPreset {
  /** About 25 network calls. */
  FAST(new FocusedResampling(12, 3, 5), SamplerChoice.DPMPP_2M, 4),
  /** About 40 network calls. */
  BALANCED(new FocusedResampling(16, 3, 5), SamplerChoice.DPMPP_2M, 5),
  /** About 100 network calls. */
  THOROUGH(new FocusedResampling(40, 2, 5), SamplerChoice.DDIM, 20),
  /** The papers' 2410 network calls of RePaint, 1000 of Palette. */
  PAPER(null, SamplerChoice.DDPM, 1000);

  /**
   * How kriged runs step down. DDPM's variance leaves out what is not known of x_0, so that with
   * few levels its samples are too much alike; the solver of second order keeps it.
   */
  static final SamplerChoice SAMPLER = SamplerChoice.DPMPP_SDE;

  private static final RePaint PAPERS = new RePaint(250, 10, 10, 1);

  private final FocusedResampling focused;
  private final Sampling inOneGo;

  InpaintPreset(FocusedResampling focused, SamplerChoice choice, int steps) {
    this.focused = focused;
    this.inOneGo = new Sampling(choice, steps);
  }

  /** The preset of a name that has been checked. */
  static InpaintPreset parse(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** How a network goes that was trained to fill holes. */
  Sampling inOneGo() {
    return inOneGo;
  }

  /** Whether errors at known pixels are kriged into the hole, and their grain drawn there. */
  boolean isKriged() {
    return focused != null;
  }

  /** The levels that RePaint visits. */
  Trajectory path(DiscreteSchedule schedule, boolean wholeTimes) {
    return focused == null ? PAPERS.trajectory(schedule) : focused.trajectory(schedule, wholeTimes);
  }

  /**
   * RePaint's path in words, for records.
   *
   * @param grain share of the grain of known pixels that fills end with, where they are kriged
   */
  String describe(double grain) {
    if (focused == null) {
      return describe(PAPERS);
    }
    String kriged = focused.describe() + "; errors kriged into the hole";
    if (grain == 0) {
      return kriged;
    }
    return kriged + ", " + (grain == 1 ? "" : grain + " of the ") + "grain of known pixels";
  }

  /** RePaint's own path in words. */
  static String describe(RePaint method) {
    return method.steps()
        + " levels, evenly spaced; jumps of "
        + method.jump()
        + ", "
        + method.resamplings()
        + " resamplings";
  }
}
