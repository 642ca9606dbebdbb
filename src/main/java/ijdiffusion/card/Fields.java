package ijdiffusion.card;

import ijdiffusion.DiffusionException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A mapping of the card file with the way to it, so that every complaint names the field, its value
 * and what would be legal. Scalars are texts here: what {@code 1e-4} or {@code yes} mean is decided
 * by the field, not by the version of YAML.
 */
final class Fields {
  private static final int SHOWN = 60;

  private final String path;
  private final Map<?, ?> values;

  private Fields(String path, Map<?, ?> values) {
    this.path = path;
    this.values = values;
  }

  /** The whole file. */
  static Fields of(Object document) {
    if (document instanceof Map<?, ?> map) {
      return new Fields("", map);
    }
    throw new DiffusionException("it is not a mapping of fields to values.");
  }

  /** The whole of one file among several, without the fields that are null there. */
  static Fields ofJson(String file, Object document) {
    if (document instanceof Map<?, ?> map) {
      Map<Object, Object> stated = new LinkedHashMap<>(map);
      // scalars are texts here, and a text "null" means nothing in such a file either
      stated.values().removeIf(value -> value == null || value.equals("null"));
      return new Fields(file + ": ", stated);
    }
    throw new DiffusionException(file + " is not a JSON object.");
  }

  /** Names of all fields, in the order of the file. */
  List<String> keys() {
    return values.keySet().stream().map(String::valueOf).toList();
  }

  /** Refuses fields that are none: a slip of the pen must not become a default. */
  Fields only(String... legal) {
    for (Object key : values.keySet()) {
      if (!Arrays.asList(legal).contains(String.valueOf(key))) {
        throw new DiffusionException(
            path + key + " is no known field; known are " + String.join(", ", legal) + ".");
      }
    }
    return this;
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  String text(String key) {
    return get(
        key,
        "a text",
        value -> {
          String text = isScalar(value) ? String.valueOf(value).strip() : "";
          return text.isEmpty() ? null : text;
        });
  }

  int integer(String key, int min, int max) {
    String legal =
        max == Integer.MAX_VALUE
            ? "an integer, at least " + min
            : "an integer from " + min + " to " + max;
    return get(
        key,
        legal,
        value -> {
          String text = String.valueOf(value);
          if (!isScalar(value) || !text.matches("[+-]?[0-9]{1,10}")) {
            return null;
          }
          long n = Long.parseLong(text);
          return n >= min && n <= max ? (int) n : null;
        });
  }

  double number(String key) {
    return get(key, "a number", Fields::parseNumber);
  }

  double number(String key, double otherwise) {
    return has(key) ? number(key) : otherwise;
  }

  double[] numbers(String key, String legal) {
    return get(
        key,
        legal,
        value -> {
          if (!(value instanceof List<?> list)) {
            return null;
          }
          double[] numbers = new double[list.size()];
          for (int i = 0; i < numbers.length; i++) {
            Double number = parseNumber(list.get(i));
            if (number == null) {
              return null;
            }
            numbers[i] = number;
          }
          return numbers;
        });
  }

  /** A number of a list whose entries may be missing. */
  double numberOf(String key, String text) {
    Double number = parseNumber(text);
    if (number == null) {
      throw refused(key, "a list of numbers");
    }
    return number;
  }

  boolean bool(String key) {
    return get(
        key,
        "true or false",
        value ->
            switch (String.valueOf(value)) {
              case "true" -> Boolean.TRUE;
              case "false" -> Boolean.FALSE;
              default -> null;
            });
  }

  boolean bool(String key, boolean otherwise) {
    return has(key) ? bool(key) : otherwise;
  }

  <E extends Enum<E>> E choice(String key, Class<E> type) {
    E[] all = type.getEnumConstants();
    String legal = Arrays.stream(all).map(Fields::spelling).collect(Collectors.joining(", "));
    return get(
        key,
        all.length > 1 ? "one of " + legal : legal,
        value ->
            Arrays.stream(all)
                .filter(e -> spelling(e).equals(String.valueOf(value)))
                .findFirst()
                .orElse(null));
  }

  /** A constant as it is written in a card. */
  static String spelling(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  List<String> texts(String key) {
    return get(
        key,
        "a list of texts",
        value -> {
          if (!(value instanceof List<?> list)
              || !list.stream().allMatch(v -> isScalar(v) && !String.valueOf(v).isBlank())) {
            return null;
          }
          return list.stream().map(v -> String.valueOf(v).strip()).toList();
        });
  }

  /** A list of texts, {@code null} for those that are written as null or not at all. */
  List<String> textsOrNull(String key) {
    return get(
        key,
        "a list",
        value -> {
          if (!(value instanceof List<?> list) || !list.stream().allMatch(Fields::isScalarOrNull)) {
            return null;
          }
          List<String> texts = new ArrayList<>();
          for (Object entry : list) {
            String text = entry == null ? "" : String.valueOf(entry).strip();
            texts.add(text.matches("|~|null|Null|NULL") ? null : text);
          }
          return texts;
        });
  }

  /** Where this mapping stands, for sentences. */
  String path() {
    return path.isEmpty() ? path : path.substring(0, path.length() - 1);
  }

  Fields child(String key) {
    return get(
        key,
        "a mapping of fields to values",
        value -> value instanceof Map<?, ?> map ? new Fields(path + key + ".", map) : null);
  }

  List<Fields> children(String key) {
    return get(
        key,
        "a list of mappings",
        value -> {
          if (!(value instanceof List<?> list)) {
            return null;
          }
          List<Fields> children = new ArrayList<>();
          for (Object entry : list) {
            if (!(entry instanceof Map<?, ?> map)) {
              return null;
            }
            children.add(new Fields(path + key + "[" + children.size() + "].", map));
          }
          return children;
        });
  }

  /** Whether a field is there and holds further fields. */
  boolean hasChild(String key) {
    return values.get(key) instanceof Map<?, ?>;
  }

  boolean isList(String key) {
    return values.get(key) instanceof List<?>;
  }

  /** The complaint about a value that is there. */
  DiffusionException refused(String key, String legal) {
    return new DiffusionException(
        path + key + " is " + show(values.get(key)) + ", but must be " + legal + ".");
  }

  /** The complaint about a value that would be legal elsewhere; why it is not here. */
  DiffusionException unusable(String key, String why) {
    return new DiffusionException(path + key + " is " + show(values.get(key)) + ", " + why + ".");
  }

  private <T> T get(String key, String legal, Function<Object, T> parse) {
    if (!has(key)) {
      throw new DiffusionException(path + key + " is missing; it must be " + legal + ".");
    }
    T value = parse.apply(values.get(key));
    if (value == null) {
      throw refused(key, legal);
    }
    return value;
  }

  private static Double parseNumber(Object value) {
    String text = String.valueOf(value);
    return isScalar(value) && text.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?")
        ? Double.valueOf(text)
        : null;
  }

  private static boolean isScalarOrNull(Object value) {
    return value == null || isScalar(value);
  }

  private static boolean isScalar(Object value) {
    return value != null && !(value instanceof Map<?, ?>) && !(value instanceof Iterable<?>);
  }

  private static String show(Object value) {
    if (value instanceof Map<?, ?>) {
      return "a mapping";
    }
    String text = value instanceof List<?> ? value.toString() : "\"" + value + "\"";
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
