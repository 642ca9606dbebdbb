package ijdiffusion.command;

import ijdiffusion.DiffusionException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.scijava.ItemIO;
import org.scijava.plugin.Parameter;

/**
 * The settings of a command, read off its annotated fields: everything but images. One place turns
 * macro options into fields and back, so that the dialog, the recorder, macros and the command line
 * agree.
 */
final class Parameters {
  private Parameters() {}

  /**
   * One setting.
   *
   * @param field the annotated field: int, long, double, boolean or String
   * @param annotation its limits, choices and description
   */
  record Setting(Field field, Parameter annotation) {
    /** The macro key. */
    String key() {
      return field.getName();
    }

    /** The dialog's label; its first word in lower case is the key, by which ImageJ records it. */
    String label() {
      return annotation.label();
    }

    boolean isFlag() {
      return field.getType() == boolean.class;
    }

    Object get(DiffusionCommand command) {
      try {
        return field.get(command);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }

    void set(DiffusionCommand command, Object value) {
      try {
        field.set(command, value);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }

    /**
     * Sets the field from text.
     *
     * @throws DiffusionException when the text is not a legal value
     */
    void parse(DiffusionCommand command, String text) {
      Class<?> type = field.getType();
      if (type == int.class) {
        double v = number(text, "a whole number");
        if (v != Math.rint(v) || Math.abs(v) > Integer.MAX_VALUE) {
          throw new DiffusionException(key() + " is " + text + ", but must be a whole number.");
        }
        set(command, (int) checked(v, text));
      } else if (type == long.class) {
        set(command, wholeNumber(text));
      } else if (type == double.class) {
        set(command, checked(number(text, "a number"), text));
      } else if (isFlag()) {
        set(command, flag(text));
      } else {
        set(command, choice(text));
      }
    }

    private double number(String text, String kind) {
      try {
        return Double.parseDouble(text.trim());
      } catch (NumberFormatException e) {
        throw new DiffusionException(key() + " is \"" + text + "\", but must be " + kind + ".", e);
      }
    }

    private long wholeNumber(String text) {
      try {
        return Long.parseLong(text.trim());
      } catch (NumberFormatException e) {
        throw new DiffusionException(
            key() + " is \"" + text + "\", but must be a whole number.", e);
      }
    }

    private double checked(double value, String text) {
      double min =
          annotation.min().isEmpty() ? -Double.MAX_VALUE : Double.parseDouble(annotation.min());
      double max =
          annotation.max().isEmpty() ? Double.MAX_VALUE : Double.parseDouble(annotation.max());
      if (!(value >= min && value <= max)) {
        throw new DiffusionException(
            key()
                + " is "
                + text.trim()
                + ", but must be from "
                + annotation.min()
                + " to "
                + annotation.max()
                + ".");
      }
      return value;
    }

    private boolean flag(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "true", "yes", "1" -> true;
        case "false", "no", "0" -> false;
        default ->
            throw new DiffusionException(
                key() + " is \"" + text + "\", but must be true or false.");
      };
    }

    private String choice(String text) {
      String[] choices = annotation.choices();
      if (choices.length == 0) {
        return text;
      }
      for (String c : choices) {
        if (c.equalsIgnoreCase(text.trim())) {
          return c;
        }
      }
      throw new DiffusionException(
          key() + " is \"" + text + "\", but must be one of " + String.join(", ", choices) + ".");
    }
  }

  /**
   * The settings of a command: the model, then those of the command itself, then those it shares
   * with others, in the order of declaration.
   */
  static List<Setting> of(Class<? extends DiffusionCommand> command) {
    List<Setting> settings = new ArrayList<>();
    for (Class<?> type = command; type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        Parameter p = field.getAnnotation(Parameter.class);
        boolean simple = field.getType().isPrimitive() || field.getType() == String.class;
        if (p != null && p.type() == ItemIO.INPUT && simple) {
          field.setAccessible(true);
          settings.add(new Setting(field, p));
        }
      }
    }
    settings.sort(Comparator.comparing(setting -> !setting.key().equals("model")));
    return settings;
  }

  /**
   * Sets a command's fields from macro options; settings that are not mentioned keep their values,
   * but flags, of which only set ones are written, become false.
   *
   * @param command the command
   * @param options as in {@code model=nuclei steps=50 in_place}, with [...] round values with
   *     spaces
   * @throws DiffusionException on an unknown key or an illegal value, naming the legal ones
   */
  static void apply(DiffusionCommand command, String options) {
    List<Setting> settings = of(command.getClass());
    Map<String, String> given = split(options);
    for (String key : given.keySet()) {
      if (settings.stream().noneMatch(s -> s.key().equals(key))) {
        throw new DiffusionException(
            "Unknown option \""
                + key
                + "\"; the options are "
                + settings.stream().map(Setting::key).collect(Collectors.joining(", "))
                + ".");
      }
    }
    for (Setting s : settings) {
      String text = given.get(s.key());
      if (text != null) {
        s.parse(command, text);
      } else if (s.isFlag()) {
        s.set(command, false);
      }
    }
  }

  /** Splits macro options into keys and values; a key without a value maps to "true". */
  static Map<String, String> split(String options) {
    Map<String, String> out = new LinkedHashMap<>();
    int i = 0;
    while (i < options.length()) {
      if (Character.isWhitespace(options.charAt(i))) {
        i++;
        continue;
      }
      int start = i;
      while (i < options.length()
          && options.charAt(i) != '='
          && !Character.isWhitespace(options.charAt(i))) {
        i++;
      }
      String key = options.substring(start, i).toLowerCase(Locale.ROOT);
      String value = "true";
      if (i < options.length() && options.charAt(i) == '=') {
        int from = ++i;
        if (i < options.length() && options.charAt(i) == '[') {
          i = closing(options, i) + 1;
          value = options.substring(from + 1, i - 1);
        } else if (i < options.length() && options.charAt(i) == '\'') {
          int end = options.indexOf('\'', from + 1);
          if (end < 0) {
            throw new DiffusionException("In the options, a quote of " + key + " is not closed.");
          }
          value = options.substring(from + 1, end);
          i = end + 1;
        } else {
          while (i < options.length() && !Character.isWhitespace(options.charAt(i))) {
            i++;
          }
          value = options.substring(from, i);
        }
      }
      if (out.put(key, value) != null) {
        throw new DiffusionException("Option \"" + key + "\" is given twice; keep one.");
      }
    }
    return out;
  }

  private static int closing(String options, int open) {
    int depth = 0;
    for (int i = open; i < options.length(); i++) {
      if (options.charAt(i) == '[') {
        depth++;
      } else if (options.charAt(i) == ']' && --depth == 0) {
        return i;
      }
    }
    throw new DiffusionException(
        "In the options, the bracket opened at \"" + options.substring(open) + "\" is not closed.");
  }

  /** A value as macros have it: whole numbers without a decimal point. */
  static String text(Object value) {
    boolean whole = value instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1e15;
    return whole ? Long.toString(((Double) value).longValue()) : value.toString();
  }

  /** A command's settings as macro options that {@link #apply} reads back to the same values. */
  static String toOptions(DiffusionCommand command) {
    StringBuilder out = new StringBuilder();
    for (Setting s : of(command.getClass())) {
      Object value = s.get(command);
      if (s.isFlag()) {
        out.append((boolean) value ? " " + s.key() : "");
      } else {
        String text = text(value);
        boolean quote = text.isEmpty() || text.contains(" ");
        out.append(' ').append(s.key()).append('=').append(quote ? "[" + text + "]" : text);
      }
    }
    return out.toString().trim();
  }
}
