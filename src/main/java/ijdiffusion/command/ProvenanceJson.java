package ijdiffusion.command;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import ijdiffusion.DiffusionException;
import ijdiffusion.image.Provenance;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Records as JSON: {@code {"format": "diffusion-provenance", "format_version": 1, "image": title,
 * "runs": [...]}}, the latest run last. A run has the keys of the Info, and for programs also
 * {@code parameters}, {@code seeds} (of each sample) and {@code citations}.
 */
final class ProvenanceJson {
  private static final String FORMAT = "diffusion-provenance";
  private static final long MOST_BYTES = 1 << 26;
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /** Keys that are numbers in JSON; the others are texts, some of them with units. */
  private static final Set<String> NUMBERS =
      Set.of(
          "seed",
          "samples",
          "threads",
          "network_calls",
          "seconds",
          "pixels_invented",
          "sd_mean",
          "sd_largest");

  private ProvenanceJson() {}

  /**
   * The text of a JSON file.
   *
   * @param title title of the image
   * @param runs its records, the latest last
   */
  static String write(String title, List<Provenance> runs) {
    JsonObject all = new JsonObject();
    all.addProperty("format", FORMAT);
    all.addProperty("format_version", 1);
    all.addProperty("image", title);
    JsonArray list = new JsonArray();
    runs.forEach(run -> list.add(json(run)));
    all.add("runs", list);
    return GSON.toJson(all) + "\n";
  }

  private static JsonObject json(Provenance run) {
    JsonObject out = new JsonObject();
    run.fields()
        .forEach(
            (key, value) -> {
              boolean number = NUMBERS.contains(key) && value.matches("-?\\d+(\\.\\d+)?");
              out.add(
                  key,
                  number ? new JsonPrimitive(new BigDecimal(value)) : new JsonPrimitive(value));
            });
    JsonObject parameters = new JsonObject();
    run.find("options").map(Parameters::split).orElse(Map.of()).forEach(parameters::addProperty);
    out.add("parameters", parameters);
    JsonArray seeds = new JsonArray();
    int samples = run.find("samples").map(Integer::parseInt).orElse(0);
    for (int k = 1; k <= samples; k++) {
      JsonObject one = new JsonObject();
      one.addProperty("sample", k);
      one.add("seed", out.get("seed"));
      one.addProperty("stream", k - 1);
      seeds.add(one);
    }
    out.add("seeds", seeds);
    JsonArray citations = new JsonArray();
    Citations.of(run).forEach(citations::add);
    out.add("citations", citations);
    return out;
  }

  /** Writes a file. */
  static void save(String title, List<Provenance> runs, Path file) {
    try {
      Files.writeString(file, write(title, runs));
    } catch (IOException e) {
      throw new DiffusionException(
          "\"" + file + "\" could not be written; check that its folder is there and writable.", e);
    }
  }

  /** The latest run in a file that {@link #save} wrote. */
  static Provenance read(Path file) {
    JsonElement all;
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new DiffusionException("\"" + file + "\" is too large for a record; choose another.");
      }
      all = JsonParser.parseString(Files.readString(file));
    } catch (MalformedInputException | JsonParseException e) {
      throw new DiffusionException(notARecord(file), e);
    } catch (IOException e) {
      throw new DiffusionException("\"" + file + "\" cannot be read; check the path.", e);
    }
    if (!(all instanceof JsonObject object)
        || !(object.get("format") instanceof JsonPrimitive format)
        || !format.getAsString().equals(FORMAT)
        || !(object.get("runs") instanceof JsonArray runs)
        || runs.isEmpty()
        || !(runs.get(runs.size() - 1) instanceof JsonObject last)) {
      throw new DiffusionException(notARecord(file));
    }
    Map<String, String> fields = new LinkedHashMap<>();
    for (Map.Entry<String, JsonElement> e : last.entrySet()) {
      if (e.getValue() instanceof JsonPrimitive value) {
        fields.put(e.getKey(), value.getAsString());
      }
    }
    try {
      return new Provenance(fields);
    } catch (IllegalArgumentException e) {
      throw new DiffusionException(notARecord(file), e);
    }
  }

  private static String notARecord(Path file) {
    return "\"" + file + "\" is not a record in JSON as Diffusion Provenance... saves it.";
  }
}
