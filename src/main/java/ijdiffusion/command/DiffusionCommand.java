package ijdiffusion.command;

import ij.ImagePlus;
import java.util.List;
import org.scijava.command.Command;

/**
 * A command on the open image. Its parameters are the fields annotated with {@link
 * org.scijava.plugin.Parameter}: the field's name is the macro key, and the label is the key with a
 * capital. {@link #run} does all the work in the caller's thread and throws on failure; no dialog
 * is shown.
 */
public interface DiffusionCommand extends Command {

  /** Whether there is something to do only on an image. */
  default boolean needsImage() {
    return true;
  }

  /** Sets the image to work on. */
  void setImage(ImagePlus image);

  /** Sets who is told about progress and may cancel; ImageJ's status bar unless set. */
  void setProgress(Progress progress);

  /**
   * The values a setting may have where they are only known at run time, such as the models found.
   *
   * @param key the setting
   * @return empty where any value goes, or the annotation lists them
   */
  List<String> choices(String key);

  /**
   * Images made by the last run, in the order in which they are to be shown; the result is last.
   */
  List<ImagePlus> results();

  /**
   * What a run with the present parameters would do and cost, in a line for the dialog.
   *
   * @throws ijdiffusion.DiffusionException when the parameters do not fit, with the reason
   */
  String estimate();

  /** Whether runs have estimates of the result on the way, so that a preview can be offered. */
  default boolean showsEstimates() {
    return false;
  }

  /**
   * Whether the dialog opens although the present parameters do not fit, because another model,
   * say, may put it right.
   */
  default boolean canBePutRight() {
    return false;
  }
}
