package ijdiffusion.command;

import ijdiffusion.edit.FocusedResampling;
import ijdiffusion.edit.RePaint;
import ijdiffusion.schedule.DiscreteSchedule;
import ijdiffusion.schedule.Trajectory;
import java.util.Locale;

/** How much time an inpainting takes; the figures are in {@code docs/inpainting.md}. */
enum InpaintPreset {
  /** About 50 network calls. */
  FAST(new FocusedResampling(16, 1, 6)),
  /** About 100 network calls. */
  BALANCED(new FocusedResampling(40, 2, 5)),
  /** About 210 network calls. */
  THOROUGH(new FocusedResampling(48, 3, 10)),
  /** The paper's 2410 network calls. */
  PAPER(null);

  private static final RePaint PAPERS = new RePaint(250, 10, 10, 1);

  private final FocusedResampling focused;

  InpaintPreset(FocusedResampling focused) {
    this.focused = focused;
  }

  /** The preset of a name that has been checked. */
  static InpaintPreset parse(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** The levels visited. */
  Trajectory path(DiscreteSchedule schedule, boolean wholeTimes) {
    return focused == null ? PAPERS.trajectory(schedule) : focused.trajectory(schedule, wholeTimes);
  }

  /** The path in words, for records. */
  String describe() {
    return focused == null ? describe(PAPERS) : focused.describe();
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
