package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import java.lang.reflect.InvocationTargetException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.scijava.plugin.Plugin;

/** All commands by the label they have in the menu; {@code plugins.config} lists the same. */
final class Commands {
  private static final Map<String, Class<? extends DiffusionCommand>> BY_LABEL =
      new LinkedHashMap<>();

  static {
    BY_LABEL.put(InpaintCommand.LABEL, InpaintCommand.class);
    BY_LABEL.put(EditCommand.LABEL, EditCommand.class);
    BY_LABEL.put(GuideCommand.LABEL, GuideCommand.class);
    BY_LABEL.put(UpscaleCommand.LABEL, UpscaleCommand.class);
    BY_LABEL.put(DenoiseCommand.LABEL, DenoiseCommand.class);
    BY_LABEL.put(RestoreCommand.LABEL, RestoreCommand.class);
    BY_LABEL.put(GenerateCommand.LABEL, GenerateCommand.class);
    BY_LABEL.put(EncodeCommand.LABEL, EncodeCommand.class);
    BY_LABEL.put(DecodeCommand.LABEL, DecodeCommand.class);
    BY_LABEL.put(InterpolateCommand.LABEL, InterpolateCommand.class);
    BY_LABEL.put(RepeatCommand.LABEL, RepeatCommand.class);
    BY_LABEL.put(ProvenanceCommand.LABEL, ProvenanceCommand.class);
  }

  private Commands() {}

  /** Label to class, in menu order. */
  static Map<String, Class<? extends DiffusionCommand>> all() {
    return BY_LABEL;
  }

  /**
   * A new command with default settings.
   *
   * @param label its label in the menu
   */
  static DiffusionCommand create(String label) {
    Class<? extends DiffusionCommand> type = BY_LABEL.get(label);
    if (type == null) {
      throw new DiffusionException(
          "There is no command \""
              + label
              + "\"; the commands are \""
              + String.join("\", \"", BY_LABEL.keySet())
              + "\".");
    }
    return create(type);
  }

  /** A new command with default settings. */
  static DiffusionCommand create(Class<? extends DiffusionCommand> type) {
    try {
      return type.getDeclaredConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a command says of itself. */
  static String description(Class<? extends DiffusionCommand> type) {
    return type.getAnnotation(Plugin.class).description();
  }
}
