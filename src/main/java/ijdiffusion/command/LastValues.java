package ijdiffusion.command;

import ij.Prefs;
import ijdiffusion.DiffusionException;
import ijdiffusion.command.Parameters.Setting;
import java.util.List;
import java.util.Set;

/**
 * What a user last chose in a command's dialog, kept in ImageJ's preferences. Macros do not see it.
 * Only what differs from the defaults is kept, so that better defaults reach everybody.
 */
final class LastValues {
  private static final String KEY = "diffusion.last.";

  /**
   * Belong to one image or one run, and would be wrong for the next: a fresh dialog has the same
   * seed each time, and never writes into an image unless told so.
   */
  private static final Set<String> NOT_KEPT =
      Set.of("seed", "folder", "in_place", "reference", "other", "result", "image", "json");

  private LastValues() {}

  /** Sets a command to what was last chosen, as far as that is still legal. */
  static void recall(DiffusionCommand command) {
    for (Setting s : Parameters.of(command.getClass())) {
      String text = Prefs.get(key(command, s), null);
      List<String> choices = command.choices(s.key());
      if (text == null || !isKept(s, text) || !choices.isEmpty() && !choices.contains(text)) {
        continue;
      }
      try {
        s.parse(command, text);
      } catch (DiffusionException e) {
        forget(command, s); // of another version, with other limits
      }
    }
  }

  /**
   * Remembers what was chosen.
   *
   * @param command the command as it was run
   * @param defaults a new one of the same class, with default settings
   */
  static void remember(DiffusionCommand command, DiffusionCommand defaults) {
    for (Setting s : Parameters.of(command.getClass())) {
      String text = Parameters.text(s.get(command));
      if (isKept(s, text) && !text.equals(Parameters.text(s.get(defaults)))) {
        Prefs.set(key(command, s), text);
      } else {
        forget(command, s);
      }
    }
  }

  private static void forget(DiffusionCommand command, Setting s) {
    Prefs.set(key(command, s), (String) null);
  }

  /** A range of planes is of one stack. */
  private static boolean isKept(Setting s, String text) {
    return !NOT_KEPT.contains(s.key())
        && !(s.key().equals("planes") && !text.equals("current") && !text.equals("all"));
  }

  private static String key(DiffusionCommand command, Setting s) {
    return KEY + command.getClass().getSimpleName() + "." + s.key();
  }
}
